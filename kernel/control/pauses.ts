import { saveCompiledCode } from '../transform/typescript.ts';
import type { LanguageThread } from './language-thread.ts';
import { warmTransform } from './warm-transform.ts';

export interface Pauses {
  /** A cell has finished: a pause begins, unless another one follows at once. */
  begin(): void;
}

const idleMs = 300;
/** Nobody has run a cell yet: the first one must not meet a busy machine. */
const unusedMs = 1500;

/** Does in pauses what can wait: the language thread, the next start's compiled code, a faster transform. */
export function createPauses(language: Pick<LanguageThread, 'catchUp'>, isIdle: () => boolean): Pauses {
  let timer: NodeJS.Timeout | undefined;
  let isWarm = false;

  function work(): void {
    if (!isIdle()) return;
    language.catchUp();
    saveCompiledCode();
    if (!isWarm) void warmTransform(isIdle);
    isWarm = true;
  }

  function begin(delayMs = idleMs): void {
    clearTimeout(timer);
    timer = setTimeout(work, delayMs);
  }

  begin(unusedMs);
  return { begin: () => begin() };
}
