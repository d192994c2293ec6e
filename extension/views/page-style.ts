/** Style of our pages, in VS Code's colours. */
export const pageStyle = `
body { font: var(--vscode-font-size) var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 24px 32px; }
main { max-width: 860px; margin: 0 auto; }
h1 { font-size: 1.7em; font-weight: 600; margin: 24px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.1em; font-weight: 600; margin: 28px 0 8px; }
.lead { font-size: 1.25em; margin: 4px 0 12px; color: var(--vscode-descriptionForeground); }
.badge { font-size: .55em; font-weight: 500; vertical-align: middle; padding: 2px 8px; border-radius: 10px;
  background: var(--vscode-badge-background); color: var(--vscode-badge-foreground); }
.badge.succeeded { background: var(--vscode-testing-iconPassed); color: var(--vscode-editor-background); }
.badge.failed { background: var(--vscode-testing-iconFailed); color: var(--vscode-editor-background); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; overflow-wrap: anywhere;
  border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-panel-border)); }
thead th { font-weight: 500; color: var(--vscode-descriptionForeground); }
.number { text-align: right; white-space: nowrap; }
.facts th { font-weight: normal; color: var(--vscode-descriptionForeground); width: 12em; }
code { font-family: var(--vscode-editor-font-family); font-size: .9em; background: none; color: inherit; }
img { max-width: 100%; }
section { overflow-x: auto; }
.ok::before { content: "✓ "; color: var(--vscode-testing-iconPassed); }
.bad::before { content: "✗ "; color: var(--vscode-testing-iconFailed); }
.fix { display: block; color: var(--vscode-descriptionForeground); }
`;
