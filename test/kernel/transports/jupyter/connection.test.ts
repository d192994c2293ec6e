import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { XPublisher } from 'zeromq';
import { openConnection } from '../../../../kernel/transports/jupyter/connection.ts';
import { freePorts } from '../../../free-ports.ts';

it('names a port that is taken, and leaves the others free', async () => {
  const [taken, ...others] = await freePorts(5);
  const other = createServer().listen(taken, '127.0.0.1');
  await once(other, 'listening');
  const [shell_port, control_port, stdin_port, iopub_port] = others;
  const ports = { shell_port, control_port, stdin_port, iopub_port, hb_port: taken };
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'connection-')), 'connection.json');
  writeFileSync(file, JSON.stringify({ ...ports, transport: 'tcp', ip: '127.0.0.1', key: 'key' }));
  await expect(openConnection(file)).rejects.toThrow(
    `cannot listen on tcp://127.0.0.1:${taken}, which ${file} asks for`,
  );
  other.close();
  await once(other, 'close');
  await (await openConnection(file)).close();
});

it('hands a closed socket no message: its refusal aborts a process that is ending', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'connection-'));
  const file = path.join(folder, 'connection.json');
  const ports = { shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 };
  writeFileSync(file, JSON.stringify({ ...ports, transport: 'ipc', ip: path.join(folder, 'socket'), key: 'key' }));
  const connection = await openConnection(file);
  const send = vi.spyOn(XPublisher.prototype, 'send');

  connection.send('iopub', ['in time']);
  await connection.close();
  connection.send('iopub', ['too late']);
  await new Promise((resolve) => setImmediate(resolve));
  expect(send.mock.calls).toEqual([[['in time']]]);
});
