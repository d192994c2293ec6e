/** The report's look: one column that reads well on screen in light and dark, and prints. */
export const style = `
:root {
  color-scheme: light dark;
  --ink: #1f2328; --quiet: #59636e; --paper: #ffffff; --panel: #f6f8fa; --line: #d1d9e0;
  --good: #1a7f37; --bad: #cf222e; --accent: #0969da;
  --vscode-foreground: var(--ink); --vscode-editor-background: var(--paper);
  --vscode-descriptionForeground: var(--quiet); --vscode-editorWidget-border: var(--line);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --quiet: #9198a1; --paper: #0d1117; --panel: #151b23; --line: #3d444d;
    --good: #3fb950; --bad: #f85149; --accent: #4493f8;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .3rem; }
h4 { font-size: .95rem; margin: 1.2rem 0 .3rem; }
a { color: var(--accent); }
.note, figcaption, small { color: var(--quiet); font-size: .85rem; }
.verdict { margin: 1.2rem 0; padding: .9rem 1.1rem; border: 1px solid var(--line); border-left: 4px solid var(--accent);
  border-radius: 6px; background: var(--panel); }
.verdict p { margin: .2rem 0; }
.verdict.better { border-left-color: var(--good); } .verdict.worse { border-left-color: var(--bad); }
pre, code { font: .84rem/1.5 ui-monospace, "Cascadia Code", Menlo, Consolas, monospace; }
p code, td code { overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .7rem .9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  border-radius: 6px; background: var(--panel); }
pre.stderr, .error strong { color: var(--bad); }
table { border-collapse: collapse; margin: .6rem 0; font-size: .88rem; font-variant-numeric: tabular-nums; display: block;
  overflow-x: auto; }
th, td { padding: .28rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word;
  max-width: 30rem; }
th { font-weight: 600; text-align: left; }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--quiet); font-size: .88rem; }
img, svg { max-width: 100%; height: auto; } figure { margin: .8rem 0; }
.wide { overflow-x: auto; }
.cell { margin: 1rem 0; } .cell h1 { font-size: 1.35rem; } .cell h2 { font-size: 1.15rem; border: 0; margin: 1rem 0 .3rem; } .outputs { margin: .3rem 0 0; padding-left: 1rem; border-left: 2px solid var(--line); }
.lineage rect { fill: var(--panel); stroke: var(--line); }
.lineage text { fill: var(--ink); font: 600 11px system-ui, sans-serif; } .lineage text.note { fill: var(--quiet); font-weight: 400; font-size: 9.5px; }
.lineage .edges path { fill: none; stroke: var(--quiet); stroke-width: 1.2; } .lineage marker path { fill: var(--quiet); }
.lineage .model rect { stroke: var(--accent); stroke-width: 2; } .lineage .deployment rect { stroke: var(--good); stroke-width: 2; }
.lineage .run rect { stroke-dasharray: 4 3; }
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  details > * { display: block; } h2, h3 { break-after: avoid; } figure, tr, .verdict { break-inside: avoid; }
  pre { border: 1px solid var(--line); }
}
`;
