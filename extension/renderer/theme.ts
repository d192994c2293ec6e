import type { ClientColors } from '../../magics/charts/theme.ts';

/** VS Code's colours at this moment, from the CSS variables that it gives to outputs. */
export function currentColors(): ClientColors {
  return {
    foreground: variable('--vscode-editor-foreground', '#808080'),
    grid: variable('--vscode-editorIndentGuide-background1', '#80808040'),
  };
}

/** Calls back after the colour theme has changed. */
export function onThemeChange(callback: () => void): void {
  let colors = JSON.stringify(currentColors());
  const observer = new MutationObserver(() => {
    const now = JSON.stringify(currentColors());
    if (now === colors) return;
    colors = now;
    callback();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['style', 'class'] });
}

function variable(name: string, fallback: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || fallback;
}
