const css = `
.llmops-chart { width: 100%; min-height: 40px; overflow-x: auto; }
.llmops-chart svg { max-width: 100%; height: auto; }
.llmops-chart > div:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.llmops-chart-error { color: var(--vscode-errorForeground); }
.llmops-tooltip {
  position: fixed; z-index: 10; pointer-events: none; max-width: 420px; padding: 4px 8px; border-radius: 3px;
  font: 12px var(--vscode-font-family); overflow-wrap: anywhere;
  color: var(--vscode-editorHoverWidget-foreground); background: var(--vscode-editorHoverWidget-background);
  border: 1px solid var(--vscode-editorHoverWidget-border); box-shadow: 0 2px 8px var(--vscode-widget-shadow);
}
.llmops-tooltip-name { opacity: .7; margin-right: .8em; }
`;

/** The style of charts and their tooltips, in VS Code's colours. */
export function style(): HTMLStyleElement {
  const element = document.createElement('style');
  element.textContent = css;
  return element;
}
