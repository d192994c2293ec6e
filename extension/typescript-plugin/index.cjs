// A plugin of VS Code's own TypeScript server, which loads it by its package name.
const checks = ['getSyntacticDiagnostics', 'getSemanticDiagnostics', 'getSuggestionDiagnostics'];

/** Silences the built-in checks in notebook cells that hold a magic: our kernel checks those, and knows the syntax. */
module.exports = () => ({
  create({ languageService, languageServiceHost }) {
    const silenced = checks.map((name) => [
      name,
      (file) => (holdsMagic(languageServiceHost, file) ? [] : languageService[name](file)),
    ]);
    return { ...languageService, ...Object.fromEntries(silenced) };
  },
});

function holdsMagic(host, file) {
  if (!file.includes('vscode-notebook-cell')) return false;
  const snapshot = host.getScriptSnapshot(file);
  return snapshot !== undefined && /^\s*%/m.test(snapshot.getText(0, snapshot.getLength()));
}
