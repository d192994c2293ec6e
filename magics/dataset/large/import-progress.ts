import type { MagicContext } from '../../context.ts';
import { shownProgress } from '../shown-progress.ts';

/** One line of progress of an import, by the share that is done; see `shownProgress`. */
export function importProgress(source: string, context: Pick<MagicContext, 'display'>) {
  const { show, finish } = shownProgress(`reading ${source}`, context);
  return { show: (fraction: number) => show(Math.round(fraction * 100), 100), finish };
}
