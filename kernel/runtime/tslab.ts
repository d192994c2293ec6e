import { mime } from '../../magics/context.ts';
import type { Displays } from './display.ts';

/** The interface of the npm package `tslab` that its notebooks import, answered by this kernel. */
export interface TslabDisplay {
  javascript(text: string): void;
  html(text: string): void;
  markdown(text: string): void;
  latex(text: string): void;
  svg(text: string): void;
  png(bytes: Uint8Array): void;
  jpeg(bytes: Uint8Array): void;
  gif(bytes: Uint8Array): void;
  pdf(bytes: Uint8Array): void;
  text(text: string): void;
  raw(contentType: string, content: string | Uint8Array): void;
}

/** Versions of what runs the cells. */
export const versions = { tslab: 'llmops', typescript: '5.9', node: process.version };

/** Shows rich contents in the running cell. */
export const display: TslabDisplay = createDisplay((contentType, data) => {
  displays().show({ [contentType]: data });
});

/** A display that overwrites its one output each time. */
export function newDisplay(): TslabDisplay {
  let shown: { update(data: Record<string, unknown>): void } | undefined;
  return createDisplay((contentType, data) => {
    if (shown === undefined) shown = displays().show({ [contentType]: data });
    else shown.update({ [contentType]: data });
  });
}

function createDisplay(show: (contentType: string, data: string) => void): TslabDisplay {
  const raw = (contentType: string, content: string | Uint8Array) =>
    show(contentType, typeof content === 'string' ? content : Buffer.from(content).toString('base64'));
  const as = (contentType: string) => (content: string | Uint8Array) => raw(contentType, content);
  return {
    raw,
    javascript: as('text/javascript'),
    html: as(mime.html),
    markdown: as(mime.markdown),
    latex: as('text/latex'),
    svg: as(mime.svg),
    png: as('image/png'),
    jpeg: as('image/jpeg'),
    gif: as('image/gif'),
    pdf: as('application/pdf'),
    text: as(mime.text),
  };
}

function displays(): Displays {
  return Reflect.get(globalThis, Symbol.for('llmops.displays')) as Displays;
}
