import { parentPort, workerData } from 'node:worker_threads';
import { createInterrupter } from './control/interrupter.ts';
import { createMainThread } from './control/main-thread.ts';
import { createSession } from './control/session.ts';
import type { ControlData } from './threads.ts';
import { loadTypeScript } from './transform/typescript.ts';
import { connectSocket } from './transports/socket.ts';

/** The control thread: transports, the queue of requests, the transform and interrupts. Never runs user code. */
const data = workerData as ControlData;
if (parentPort === null) throw new Error('control.js is a worker thread of kernel.js.');
const main = createMainThread(parentPort);
const interrupter = createInterrupter(main);
const session = createSession({ ...data, main, interrupter });
const { transport } = data;
if (transport.kind === 'socket') connectSocket(transport.path, session);
else {
  const { serveJupyter } = await import('./transports/jupyter/jupyter.ts');
  await serveJupyter(transport.connectionFile, session);
}
// A client that is killed closes no connection of Jupyter's: the kernel ends with the process that started it.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) session.exit();
}, 1000).unref();
// While the client reads `ready` and sends its first cell, the compiler loads.
setImmediate(loadTypeScript);
