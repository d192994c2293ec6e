const css = `
.llmops-table { font: var(--vscode-font-size) var(--vscode-font-family); color: var(--vscode-foreground); }
.llmops-table > strong { display: block; margin: 2px 0 6px; font-weight: 600; }
.llmops-table-scroller { overflow-x: auto; max-width: 100%; }
.llmops-table table { border-collapse: collapse; width: auto; }
.llmops-table th, .llmops-table td { padding: 3px 10px; text-align: left; vertical-align: top; border: 0;
  border-bottom: 1px solid var(--vscode-editorIndentGuide-background1, #80808040); }
.llmops-table thead th { position: sticky; top: 0; background: var(--vscode-notebook-outputContainerBackgroundColor,
  var(--vscode-editor-background)); }
.llmops-table th small { display: block; font-weight: 400; opacity: .7; max-width: 240px; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }
.llmops-table .llmops-number { text-align: right; font-variant-numeric: tabular-nums; }
.llmops-table em { opacity: .6; }
.llmops-table tbody tr:hover { background: var(--vscode-list-hoverBackground); }
.llmops-table-text { max-width: 420px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.llmops-table-text.llmops-open { white-space: pre-wrap; overflow-wrap: anywhere; }
.llmops-table button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.llmops-table th button { font-weight: 600; }
.llmops-table th[aria-sort="ascending"] button::after { content: " ▲"; }
.llmops-table th[aria-sort="descending"] button::after { content: " ▼"; }
.llmops-table-bar { display: flex; gap: 8px; align-items: center; margin-top: 6px; opacity: .9; }
.llmops-table-bar button { padding: 1px 8px; border: 1px solid var(--vscode-button-border,
  var(--vscode-editorWidget-border, #80808060)); border-radius: 3px; }
.llmops-table-bar button:hover:enabled { background: var(--vscode-toolbar-hoverBackground); }
.llmops-table-bar button:disabled { opacity: .4; cursor: default; }
.llmops-table button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;

/** The style of tables, in VS Code's colours. */
export function tableStyle(): HTMLStyleElement {
  const element = document.createElement('style');
  element.textContent = css;
  return element;
}
