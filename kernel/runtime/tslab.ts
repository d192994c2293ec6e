import type { Displays } from './display.ts';
import { createRichDisplay, type RichDisplay } from './rich-display.ts';

/** Versions of what runs the cells. */
export const versions = { tslab: 'llmops', typescript: '5.9', node: process.version };

/** Shows rich contents in the running cell. */
export const display: RichDisplay = createRichDisplay((contentType, data) => {
  displays().show({ [contentType]: data });
});

/** A display that overwrites its one output each time. */
export function newDisplay(): RichDisplay {
  let shown: { update(data: Record<string, unknown>): void } | undefined;
  return createRichDisplay((contentType, data) => {
    if (shown === undefined) shown = displays().show({ [contentType]: data });
    else shown.update({ [contentType]: data });
  });
}

function displays(): Displays {
  return Reflect.get(globalThis, Symbol.for('llmops.displays')) as Displays;
}
