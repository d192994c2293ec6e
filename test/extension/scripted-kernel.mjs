// A kernel that does what its cells say, for tests of the client: a cell is JSON {events, exit, wait, echo}.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const socket = connect(process.argv[process.argv.indexOf('--socket') + 1]);
const send = (event) => socket.write(`${JSON.stringify(event)}\n`);
const finished = (parent, status = 'ok') =>
  send({ type: 'finished', parent, status, executionCount: 1, durationMs: 1 });
let waiting;

if (process.env.SCRIPTED_KERNEL === 'broken') {
  console.error('SyntaxError: this kernel is broken');
  process.exit(1);
}
if (process.env.SCRIPTED_KERNEL !== 'mute')
  send({ type: 'ready', version: '0', pid: process.pid, node: process.version });
createInterface({ input: socket }).on('line', (line) => {
  const request = JSON.parse(line);
  if (request.method === 'shutdown') process.exit(0);
  if (request.method === 'interrupt') {
    if (waiting !== undefined) finished(waiting, 'interrupted');
    return finished(request.id);
  }
  if (request.method === 'input_reply') {
    send({ type: 'stream', parent: waiting, name: 'stdout', text: request.value });
    return finished(waiting);
  }
  const script = JSON.parse(request.code);
  for (const event of script.events ?? []) send({ parent: request.id, ...event });
  if (script.stderr !== undefined) console.error(script.stderr);
  if (script.exit !== undefined) process.exit(script.exit);
  if (script.wait === true) {
    waiting = request.id;
    return;
  }
  finished(request.id);
  for (const event of script.late ?? []) send({ parent: request.id, ...event });
});
