import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunNotebook, runNotebook } from './run-notebook.ts';

describe('evaluation.ipynb', () => {
  let notebook: RunNotebook;
  beforeAll(async () => {
    notebook = await runNotebook('evaluation.ipynb', ['data', 'models']);
  });
  afterAll(() => notebook?.remove());
  const textOf = (id: string) => notebook.textOf(id);

  it('runs without an error', () => {
    expect(notebook.errors).toEqual([]);
  });

  it('shows figures with signatures, tests, fairness, a comparison and robustness', () => {
    expect(textOf('metrics')).toContain('nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp');
    expect(textOf('tests')).toContain('ar:1000|seed:1|paired');
    expect(textOf('fairness')).toContain('equalizedOddsDifference');
    expect(textOf('evaluate')).toContain('Right answers to different questions have a semantic similarity of');
    expect(textOf('compare')).toContain('semantic similarity');
    expect(textOf('compare')).toMatch(/\d+ answers better, \d+ worse, \d+ otherwise changed/);
    expect(textOf('robustness')).toContain('written otherwise');
  });
});
