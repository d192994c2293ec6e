import { describe, expect, it } from 'vitest';
import { outlineOf } from '../../../extension/test-explorer/suite-outline.ts';
import { suiteText } from '../../e2e/vscode/sample-suite.ts';

const outline = (text: string, file = '/r/suites/a.yaml') => outlineOf(text, file);

describe('the outline of a suite', () => {
  it('has tasks and gates on their lines, gates as records have them', () => {
    const { name, kind, tasks, paths } = outline(suiteText)!;
    expect([name, kind]).toEqual(['cron', 'suite']);
    expect(tasks).toEqual([
      { name: 'wording', line: 7, gates: [{ gate: 'exact_match>=0.8', line: 9 }] },
      {
        name: 'new schedules',
        line: 10,
        gates: [
          { gate: 'exact_match>=0.9', line: 13 },
          { gate: 'token_f1>=0.85', line: 14 },
        ],
      },
      {
        name: 'tiny model',
        line: 15,
        gates: [
          { gate: 'exact_match>=0', line: 23 },
          { gate: 'exact_match>=0.5', line: 23 },
        ],
      },
    ]);
    expect(paths).toContain('models/tiny');
  });

  it('gives gates of the defaults to every task that has none of its own, on the defaults’ line', () => {
    const { tasks } = outline(
      'defaults:\n  data: d.csv\n  gates: a>=1,b<2\ntasks:\n  - name: x\n  - { name: y, gates: c>1 }\n',
    )!;
    expect(tasks.map(({ gates }) => gates.map(({ gate, line }) => `${gate} ${line}`))).toEqual([
      ['a>=1 3', 'b<2 3'],
      ['c>1 6'],
    ]);
  });

  it('tells what is wrong with a suite, and on which line', () => {
    expect(outline('tasks:\n  - name: a\n    gate: x>1\n    data: d.csv\n')!.problem).toEqual({
      line: 3,
      message: expect.stringContaining('no key "gate". Did you mean "gates"?'),
    });
    expect(outline('tasks:\n  - name: a\n    data: [1\n')!.problem).toMatchObject({ line: 4 });
    expect(outline('tasks:\n  - { name: a, data: d.csv, gates: "x=1" }\n')!.problem).toMatchObject({
      message: expect.stringContaining('"x=1" is not a gate'),
    });
  });

  it('knows the suites of other programs', () => {
    const promptfoo = 'description: shouting\nprompts: [a]\nproviders: [echo]\n';
    expect(outline(promptfoo)).toMatchObject({ name: 'shouting', kind: 'promptfoo', tasks: [] });
    const task = 'task: sums\ndataset_path: json\noutput_type: generate_until\ndoc_to_text: !function u.f\n';
    expect(outline(task)).toMatchObject({ name: 'sums', kind: 'lm-eval' });
  });

  it.each([
    ['a playbook', '- hosts: all\n  tasks:\n    - name: a\n'],
    ['a task file', 'version: 3\ntasks:\n  build:\n    cmds: [make]\n'],
    ['a workspace’s tasks', 'tasks:\n  - name: Install\n    init: npm ci\n    command: npm start\n'],
    ['another file with prompts', 'prompts:\n  - hello\n'],
    ['an empty file', ''],
  ])('leaves out %s', (_, text) => {
    expect(outline(text)).toBeUndefined();
  });
});
