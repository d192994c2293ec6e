import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { type TypeErrors, typeErrorModes } from './protocol.ts';
import { startRuntime } from './runtime/runtime.ts';
import { type ControlData, type FromMain, type ToMain, threadLimits } from './threads.ts';

/** The kernel process. This thread runs cells and nothing else; the control thread does the talking. */
const data = readArguments(process.argv.slice(2));
// Cells get another one.
const exit = process.exit.bind(process);
const control = new Worker(new URL('./control.js', import.meta.url), {
  workerData: data,
  resourceLimits: threadLimits,
});
control.on('error', (error) => {
  const isExpected = error.name === 'UserError';
  const told = isExpected ? error.message : `the control thread failed.\n${error.stack}`;
  // What is written to `process.stderr` is a cell's.
  writeSync(2, `llmops kernel: ${told}\n`);
  exit(1);
});
control.on('exit', exit);
// Ctrl+C in a terminal reaches the whole process group; clients interrupt by a request instead.
process.on('SIGINT', () => {});
startRuntime({
  ...data,
  post: (message: FromMain) => control.postMessage(message),
  onMessage: (handle: (message: ToMain) => void) => control.on('message', handle),
  exit: () => exit(0),
});

function readArguments(args: readonly string[]): ControlData {
  const value = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const notebook = value('--notebook');
  const common = {
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    folder: resolve(value('--folder') ?? '.'),
    notebook: notebook === undefined ? undefined : resolve(notebook),
    typeErrors: typeErrorsOf(value('--type-errors') ?? process.env.LLMOPS_TYPE_ERRORS),
  };
  const socket = value('--socket');
  if (socket !== undefined) return { ...common, transport: { kind: 'socket', path: socket } };
  const connectionFile = value('--connection-file');
  if (connectionFile !== undefined) return { ...common, transport: { kind: 'jupyter', connectionFile } };
  process.stderr.write(
    'Usage: kernel.js (--socket PATH | --connection-file FILE) [--folder DIR] [--notebook FILE] [--type-errors warn|block|off]\n',
  );
  return process.exit(2);
}

function typeErrorsOf(text: string | undefined): TypeErrors {
  return typeErrorModes.find((mode) => mode === text) ?? 'warn';
}
