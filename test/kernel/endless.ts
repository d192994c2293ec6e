const withStorage = (code: string) =>
  `const { AsyncLocalStorage } = await import('node:async_hooks'); const storage = new AsyncLocalStorage(); ${code}`;

const begun = "console.log('begun');";

/**
 * Cells that never end by themselves, or not soon: what they do -> code. They print `begun` when that is reached. `spin` is a
 * function of an earlier cell.
 */
export const endless: Readonly<Record<string, string>> = {
  'a loop': `${begun} while (true) {}`,
  'an await that never settles': `${begun} await new Promise(() => {})`,
  'a loop after an await': `await null; ${begun} while (true) {}`,
  'a loop after a timer': `await new Promise((r) => setTimeout(r, 20)); ${begun} while (true) {}`,
  'a loop of awaited timers': `${begun} while (true) await new Promise((r) => setTimeout(r, 5))`,
  'a microtask loop': `${begun} while (true) await null`,
  'a loop of queued microtasks': `const again = () => queueMicrotask(again); ${begun} again(); await new Promise(() => {})`,
  'a loop in a timer callback': `setTimeout(() => { ${begun} while (true) {} }, 20); await new Promise(() => {})`,
  'a loop in a file callback': `require('node:fs').readFile(process.execPath, () => { ${begun} while (true) {} }); await new Promise(() => {})`,
  'a loop in process.nextTick': `process.nextTick(() => { ${begun} while (true) {} }); await new Promise(() => {})`,
  'a loop that catches everything': `${begun} while (true) { try { await null; while (true) {} } catch {} }`,
  'a loop that goes on in finally': `${begun} for (;;) { try { while (true) {} } finally { continue; } }`,
  'a catastrophic regular expression': `${begun} /(a+)+$/.test("a".repeat(40) + "b")`,
  'a loop in WebAssembly': `${begun} new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('0061736d0100000001040160000003020100070501016600000a0901070003400c000b0b', 'hex'))).exports.f()`,
  'a big sort': `${begun} for (;;) Array.from({ length: 300_000 }, () => Math.random()).sort()`,
  'a child process that is waited for': `${begun} require('node:child_process').spawnSync('sleep 60; echo', { shell: true })`,
  'a shell command': '!echo begun; sleep 60',
  'a loop in a function of an earlier cell': `${begun} await spin()`,
  'a loop in a timer with AsyncLocalStorage': withStorage(
    `storage.run(1, () => setTimeout(() => { ${begun} while (true) {} }, 20)); await new Promise(() => {})`,
  ),
  'a loop after an await with AsyncLocalStorage': withStorage(
    `await storage.run(1, async () => { await null; ${begun} while (true) {} })`,
  ),
  'a loop in a timer with an async hook': `const hook = require('node:async_hooks').createHook({ init() {} }).enable(); setTimeout(() => { ${begun} while (true) {} }, 20); await new Promise(() => {})`,
};
