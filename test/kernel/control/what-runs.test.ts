import { describe, expect, it } from 'vitest';
import { type Frame, whatRuns } from '../../../kernel/control/what-runs.ts';

const own = ['file:///app/dist/', 'file:///app/node_modules/'];
const moduleBody = (url: string): Frame => ({ url, scopes: ['block', 'module', 'global'] });
const functionIn = (url: string): Frame => ({ url, scopes: ['local', 'module', 'global'] });
const evaluating = functionIn('node:internal/modules/esm/module_job');

describe('what the main thread runs', () => {
  it.each<[expected: string, what: string, frames: Frame[]]>([
    ['code', 'a cell', [functionIn('[cell 1]')]],
    [
      'code',
      'a function of a package, called from a timer',
      [functionIn('file:///n/p.js'), functionIn('node:internal/timers')],
    ],
    ['code', 'the kernel, called by a cell', [functionIn('file:///app/dist/kernel.js'), functionIn('[cell 1]')]],
    ['own code', 'a magic at work', [functionIn('file:///app/dist/kernel.js'), functionIn('node:events')]],
    ['own code', 'what a library of it has compiled', [functionIn(''), functionIn('file:///app/node_modules/v/v.js')]],
    ['own code', 'WebAssembly of it', [functionIn('wasm://wasm/0a'), functionIn('file:///app/dist/kernel.js')]],
    ['code', 'text that has no address', [functionIn('')]],
    ['node', 'Node alone', [functionIn('node:internal/process/task_queues')]],
    ['own module', 'a module of the kernel', [moduleBody('file:///app/dist/chunks/vega.js'), evaluating]],
    [
      'own module',
      'a function that it calls',
      [functionIn('file:///app/dist/a.js'), moduleBody('file:///app/dist/b.js')],
    ],
    ['own module', 'a package beside the kernel', [moduleBody('file:///app/node_modules/v/v.js'), evaluating]],
    ['own module', 'Node’s loader', [evaluating]],
    ['module', 'a package of the notebook', [moduleBody('file:///n/node_modules/p/p.js'), evaluating]],
    [
      'module',
      'a CommonJS file that a cell requires',
      [functionIn('file:///n/c.cjs'), functionIn('node:internal/modules/cjs/loader'), functionIn('[cell 2]')],
    ],
  ])('is %s: %s', (expected, _what, frames) => {
    expect(whatRuns(frames, own)).toBe(expected);
  });
});
