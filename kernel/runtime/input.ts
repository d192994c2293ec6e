import { UserError } from '../../magics/errors.ts';
import type { FromMain } from '../threads.ts';

export interface Inputs {
  /** Asks the user for a line; rejects where nobody can be asked. */
  ask(prompt?: string, options?: { password?: boolean }): Promise<string>;
  /** Answers the oldest question; without a value it is refused. */
  answer(value: string | undefined): void;
  /** Forgets questions of cells that have ended: their answers are for nobody. */
  forget(): void;
}

/** `input()` in cells. `parent` names the request of the running cell. */
export function createInputs(parent: () => string, post: (message: FromMain) => void): Inputs {
  let waiting: { prompt: string; resolve(value: string): void; reject(error: Error): void }[] = [];
  return {
    ask(prompt = '', { password = false } = {}) {
      return new Promise((resolve, reject) => {
        waiting.push({ prompt, resolve, reject });
        post({ type: 'input', parent: parent(), prompt, password });
      });
    },
    answer(value) {
      const asked = waiting.shift();
      if (value === undefined) asked?.reject(nobodyToAsk(asked.prompt));
      else asked?.resolve(value);
    },
    forget() {
      waiting = [];
    },
  };
}

function nobodyToAsk(prompt: string): UserError {
  const question = prompt === '' ? 'The cell asks for input' : `The cell asks "${prompt}"`;
  const advice = 'Run it in an editor, or set the value in a cell tagged "parameters".';
  return new UserError(`${question}, but this program takes no input. ${advice}`, { offending: 'input' });
}
