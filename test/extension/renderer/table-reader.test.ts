import { describe, expect, it } from 'vitest';
import type { PageQuestion } from '../../../extension/renderer/page-messages.ts';
import { createKernelQuestions, createTableReader } from '../../../extension/renderer/table-reader.ts';
import type { TableRow } from '../../../magics/charts/table-order.ts';

const resource = (source?: string) => ({
  schema: { fields: [{ name: 'n', type: 'number' }] },
  data: Array.from({ length: 40 }, (_, n) => ({ n: 40 - n })),
  rowCount: 100,
  source,
});
const sorting = { column: 'n', descending: false };

/** VS Code's side of the messages: answers each question. */
function messaging(answer: (question: PageQuestion) => readonly TableRow[] | null) {
  const questions: PageQuestion[] = [];
  let listen: (message: unknown) => void = () => {};
  const ask = createKernelQuestions({
    postMessage(message) {
      const question = message as PageQuestion;
      questions.push(question);
      queueMicrotask(() => listen({ id: question.id, rows: answer(question) }));
    },
    onDidReceiveMessage: (listener) => {
      listen = listener;
    },
  });
  return { ask, questions };
}

describe('rows of a table on screen', () => {
  it('come from the notebook where it holds them, from the kernel beyond', async () => {
    const { ask, questions } = messaging(() => [{ n: -1 }]);
    const reader = createTableReader(resource('1-1'), ask);
    expect(reader.available).toBe(100);
    expect(reader.read({ first: 20, count: 20 })).toHaveLength(20);
    expect(questions).toEqual([]);
    expect(await reader.read({ first: 40, count: 20 })).toEqual([{ n: -1 }]);
    expect(questions[0]).toMatchObject({ source: '1-1', page: { first: 40, count: 20 } });
  });

  it('are sorted by the kernel, which has all of them', async () => {
    const { ask, questions } = messaging(() => [{ n: 0 }]);
    expect(await createTableReader(resource('1-1'), ask).read({ first: 0, count: 20, sorting })).toEqual([{ n: 0 }]);
    expect(questions[0]?.page.sorting).toEqual(sorting);
  });

  it('are the notebook’s own once the kernel has gone', async () => {
    const { ask, questions } = messaging(() => null);
    const reader = createTableReader(resource('1-1'), ask);
    expect(await reader.read({ first: 0, count: 2, sorting })).toEqual([{ n: 1 }, { n: 2 }]);
    expect([reader.isCut, reader.available]).toEqual([true, 40]);
    expect(await reader.read({ first: 20, count: 20 })).toHaveLength(20);
    expect(questions).toHaveLength(1);
  });

  it('are the notebook’s own where nobody can be asked, and of tables that it holds whole', async () => {
    expect(createKernelQuestions({})).toBeUndefined();
    expect(createTableReader(resource('1-1'), undefined).available).toBe(40);
    const { ask, questions } = messaging(() => null);
    const whole = createTableReader({ ...resource(), rowCount: 40 }, ask);
    expect(await whole.read({ first: 0, count: 1, sorting })).toEqual([{ n: 1 }]);
    expect(questions).toEqual([]);
  });
});
