import type { Display, MagicContext, MimeBundle } from '../context.ts';
import { progressBundle } from '../jobs/progress.ts';

/** One line of progress that is there once work takes long enough to tell of it, and may become what is shown at the end. */
export function shownProgress(phase: string, context: Pick<MagicContext, 'display'>) {
  const startedAt = performance.now();
  let display: Display | undefined;
  const put = (bundle: MimeBundle) => {
    if (display === undefined) display = context.display(bundle);
    else display.update(bundle);
  };
  return {
    /** Shows how many of how many steps are done. */
    show(step: number, steps: number, figures: Readonly<Record<string, number>> = {}) {
      put(progressBundle({ phase, step, steps, figures }, performance.now() - startedAt));
    },
    /** Names what comes after the last step, where the line is there already. */
    wait(what: string) {
      if (display === undefined) return;
      put(progressBundle({ phase: `${phase}: ${what}`, step: 0, figures: {} }, performance.now() - startedAt));
    },
    finish: put,
  };
}

/** The same for a loop over rows, with their rate, and for the writing that follows. */
export function rowProgress(phase: string, context: Pick<MagicContext, 'display'>) {
  const startedAt = performance.now();
  const { show, wait, finish } = shownProgress(phase, context);
  const onProgress = (done: number, total: number) => {
    const rowsPerSecond = Math.round((1000 * done) / (performance.now() - startedAt));
    show(done, total, { rowsPerSecond });
  };
  return { onProgress, onWriting: () => wait('writing the rows'), finish };
}
