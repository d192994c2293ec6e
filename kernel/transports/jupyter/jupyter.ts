import type { Session } from '../../control/session.ts';
import { createCommTable } from './comm-table.ts';
import { openConnection } from './connection.ts';
import { createEventForwarder } from './events.ts';
import { createFirstListener } from './first-listener.ts';
import { createHistory } from './history.ts';
import { createOutlet } from './outlet.ts';
import { createPendingRequests } from './pending.ts';
import { createRequestHandler } from './requests.ts';
import { farewell, watchOver } from './watch-over.ts';
import { createWire } from './wire.ts';

/** Speaks Jupyter's protocol 5.4 over ZeroMQ, as the connection file says. Messages with a wrong signature are dropped. */
export async function serveJupyter(connectionFile: string, session: Session): Promise<void> {
  const connection = await openConnection(connectionFile);
  const wire = createWire(connection.key);
  const outlet = createOutlet(connection, wire);
  const pending = createPendingRequests();
  const history = createHistory();
  const comms = createCommTable();
  const answerInput = (value?: string) => session.handle({ id: '', method: 'input_reply', value });

  session.listen(createEventForwarder({ outlet, pending, history, comms, refuseInput: answerInput }));
  const handle = createRequestHandler({ session, outlet, pending, history, comms });
  const listener = createFirstListener();
  connection.receive('shell', (frames) => {
    const message = wire.decode(frames);
    if (message !== undefined) listener.whenHeard(() => handle('shell', message));
  });
  connection.receive('control', (frames) => {
    const message = wire.decode(frames);
    if (message !== undefined) handle('control', message);
  });
  connection.receive('stdin', (frames) => {
    const message = wire.decode(frames);
    if (message !== undefined) answerInput(String(message.content.value ?? ''));
  });
  const watch = watchOver(connectionFile);
  let hasNews = watch.lastOneCrashed;
  connection.onSubscription((topic) => {
    outlet.welcome(topic);
    if (hasNews) outlet.publish('stream', { name: 'stderr', text: farewell });
    hasNews = false;
    listener.arrived();
  });
  session.onExit(() => {
    watch.release();
    return connection.close();
  });
  outlet.status('starting');
}
