import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startRuntime } from './runtime/runtime.ts';
import type { ControlData, FromMain, ToMain } from './threads.ts';

/** The kernel process. This thread runs cells and nothing else; the control thread does the talking. */
const data = readArguments(process.argv.slice(2));
const control = new Worker(new URL('./control.js', import.meta.url), { workerData: data });
control.on('error', (error) => {
  process.stderr.write(`llmops kernel: the control thread failed.\n${error.stack}\n`);
  process.exit(1);
});
control.on('exit', (code) => process.exit(code));
// Ctrl+C in a terminal reaches the whole process group; clients interrupt by a request instead.
process.on('SIGINT', () => {});
startRuntime({
  ...data,
  post: (message: FromMain) => control.postMessage(message),
  onMessage: (handle: (message: ToMain) => void) => control.on('message', handle),
});

function readArguments(args: readonly string[]): ControlData {
  const value = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const notebook = value('--notebook');
  const common = {
    folder: resolve(value('--folder') ?? '.'),
    notebook: notebook === undefined ? undefined : resolve(notebook),
  };
  const socket = value('--socket');
  if (socket !== undefined) return { ...common, transport: { kind: 'socket', path: socket } };
  const connectionFile = value('--connection-file');
  if (connectionFile !== undefined) return { ...common, transport: { kind: 'jupyter', connectionFile } };
  process.stderr.write('Usage: kernel.js (--socket PATH | --connection-file FILE) [--folder DIR] [--notebook FILE]\n');
  return process.exit(2);
}
