import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelInfo } from '../../../../kernel/transports/jupyter/kernel-info.ts';
import { createWire } from '../../../../kernel/transports/jupyter/wire.ts';
import { type JupyterKernel, type Received, startJupyterKernel } from './client.ts';

const command = ['--no-force-async-hooks-checks', path.resolve('dist/kernel.js'), '--connection-file'];
const folder = mkdtempSync(path.join(tmpdir(), 'llmops protocol '));
const env = { ...process.env, XDG_DATA_HOME: path.join(folder, 'data') };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface CellOptions {
  silent?: boolean;
  store_history?: boolean;
  allow_stdin?: boolean;
  stop_on_error?: boolean;
  user_expressions?: Record<string, string>;
}

describe('the Jupyter protocol', () => {
  let kernel: JupyterKernel;
  beforeAll(async () => {
    kernel = await startJupyterKernel(command, folder, { env });
  });
  afterAll(() => kernel.close());

  const cell = (code: string, options: CellOptions = {}) => ({
    ...{ silent: false, store_history: true, user_expressions: {}, allow_stdin: true, stop_on_error: true },
    ...options,
    code,
  });
  const execute = (code: string, options?: CellOptions) => kernel.request('execute_request', cell(code, options));

  /** Types and contents on iopub for a request, up to its idle status. */
  async function published(id: unknown): Promise<Received[]> {
    await kernel.find((m) => m.parent.msg_id === id && m.content.execution_state === 'idle');
    return kernel.received.filter((m) => m.socket === 'iopub' && m.parent.msg_id === id);
  }

  it('greets each subscriber of iopub', async () => {
    const welcome = await kernel.find((m) => m.header.msg_type === 'iopub_welcome');
    expect(welcome.content).toEqual({ subscription: '' });
  });

  it('says what the kernel is, and that it has no debugger', async () => {
    const { content } = await kernel.request('kernel_info_request', {});
    expect(content).toMatchObject({ protocol_version: '5.4', debugger: false, supported_features: [] });
    expect(content.language_info).toMatchObject({ name: 'typescript', version: ts.version, file_extension: '.ts' });
    expect(content.help_links).toEqual(kernelInfo.help_links);
  });

  it('inspects a name with its type, and with its source when more detail is asked for', async () => {
    await execute('/** Twice as much. */\nfunction double(x: number) { return 2 * x; }');
    const inspect = async (code: string, detail_level: number) => {
      const { content } = await kernel.request('inspect_request', { code, cursor_pos: code.length, detail_level });
      return (content.data as Record<string, string>)['text/plain'];
    };
    expect(await inspect('double', 0)).toContain('function double(x: number): number');
    expect(await inspect('double', 0)).not.toContain('return 2 * x');
    expect(await inspect('double', 1)).toContain('function double(x: number) { return 2 * x; }');
    expect(await inspect("import path from 'node:path'; path.join", 1)).toContain('join(...paths: string[]): string;');
    const help = await execute('double??');
    expect(JSON.stringify(help.content.payload)).toContain('return 2 * x');
  });

  it('answers on the control channel while a cell runs', async () => {
    const running = execute('await new Promise((resolve) => setTimeout(resolve, 500)); "done"');
    const info = await kernel.request('kernel_info_request', {}, 'control');
    expect(info.content.status).toBe('ok');
    expect((await running).content.status).toBe('ok');
  });

  it('counts and publishes cells as silent and store_history say', async () => {
    const before = (await execute('let n = 1')).content.execution_count as number;
    const silent = await execute('n = 2; n', { silent: true });
    expect((await published(silent.parent.msg_id)).map((m) => m.header.msg_type)).toEqual(['status', 'status']);
    const unstored = await execute('n', { store_history: false });
    expect(unstored.content.execution_count).toBe(before);
    expect((await published(unstored.parent.msg_id)).map((m) => m.header.msg_type)).toEqual([
      ...['status', 'execute_input', 'execute_result', 'status'],
    ]);
    expect((await execute('n + 1')).content.execution_count).toBe(before + 1);
  });

  it('tells type errors on stderr in the next pause, each cell checked below those that ran before it', async () => {
    const cells = [
      'const unit = 3',
      'const fixed: string = unit.toFixed()',
      "const unit = 'm'",
      'const wrong: string = 5',
    ];
    const ids = cells.map((code) => kernel.send('shell', 'execute_request', cell(code)));
    const told = await kernel.find((m) => m.parent.msg_id === ids[3] && m.content.name === 'stderr');
    expect(told.content.text).toMatch(
      /^Type error: Type 'number' is not assignable to type 'string'.*> 1 \| const wrong/s,
    );
    const ended = kernel.received.findIndex((m) => m.parent.msg_id === ids[3] && m.content.execution_state === 'idle');
    expect(ended).toBeGreaterThan(0);
    expect(kernel.received.indexOf(told)).toBeGreaterThan(ended);
    const others = kernel.received.filter((m) => ids.slice(0, 3).includes(String(m.parent.msg_id)));
    expect(others.filter((m) => m.header.msg_type === 'stream')).toEqual([]);
  });

  it('evaluates user expressions after the cell, each with its own outcome', async () => {
    const { content } = await execute('const base = 20', {
      user_expressions: { twice: 'base * 2', type: 'typeof base', missing: 'nowhere.x', broken: '1 +' },
    });
    expect(content.user_expressions).toMatchObject({
      twice: { status: 'ok', data: { 'text/plain': '40' }, metadata: {} },
      type: { status: 'ok', data: { 'text/plain': "'number'" } },
      missing: { status: 'error', ename: 'ReferenceError', evalue: 'nowhere is not defined' },
      broken: { status: 'error', ename: 'SyntaxError' },
    });
  });

  it('aborts what is queued behind a cell that fails, unless it is told not to', async () => {
    const failing = execute('await new Promise((r) => setTimeout(r, 100)); throw new Error("no")');
    const aborted = execute('n = 100');
    expect([(await failing).content.status, (await aborted).content.status]).toEqual(['error', 'aborted']);
    const forgiven = execute('await new Promise((r) => setTimeout(r, 100)); throw new Error("no")', {
      stop_on_error: false,
    });
    const next = execute('n');
    expect([(await forgiven).content.status, (await next).content.status]).toEqual(['error', 'ok']);
    expect((await published((await next).parent.msg_id)).at(-2)?.content.data).toEqual({ 'text/plain': '2' });
  });

  it('asks for input and passwords, and refuses where the client takes none', async () => {
    const asked = execute('await input("Name: ") + "/" + await input("Key: ", { password: true })');
    const first = await kernel.find((m) => m.socket === 'stdin' && m.content.prompt === 'Name: ');
    expect(first.content).toEqual({ prompt: 'Name: ', password: false });
    kernel.send('stdin', 'input_reply', { value: 'Ada' });
    const second = await kernel.find((m) => m.socket === 'stdin' && m.content.prompt === 'Key: ');
    expect(second.content.password).toBe(true);
    kernel.send('stdin', 'input_reply', { value: 'secret' });
    const shown = await published((await asked).parent.msg_id);
    expect(shown.at(-2)?.content.data).toEqual({ 'text/plain': "'Ada/secret'" });

    const refused = await execute('await input("Name: ")', { allow_stdin: false });
    expect(refused.content).toMatchObject({ status: 'error', ename: 'UserError' });
    expect(String(refused.content.evalue)).toContain('takes no input');
  });

  it('gives an answer to the cell that asked, not to one that was interrupted', async () => {
    const left = execute('await input("left alone: ")');
    await kernel.find((m) => m.content.prompt === 'left alone: ');
    await kernel.request('interrupt_request', {}, 'control');
    expect((await left).content.ename).toBe('Interrupted');
    const asked = execute('await input("asked: ")');
    await kernel.find((m) => m.content.prompt === 'asked: ');
    kernel.send('stdin', 'input_reply', { value: 'mine' });
    expect((await published((await asked).parent.msg_id)).at(-2)?.content.data).toEqual({ 'text/plain': "'mine'" });
  });

  it('pages what name? asks for', async () => {
    await execute('/** How warm it is. */ const warmth: number = 3');
    const { content } = await execute('warmth?');
    expect(content).toMatchObject({ status: 'ok', payload: [{ source: 'page', start: 0 }] });
    expect(JSON.stringify(content.payload)).toContain('const warmth: number');
    expect(JSON.stringify((await execute('nowhere?')).content.payload)).toContain('Nothing is known');
  });

  it('tells a whole cell from one that goes on', async () => {
    const status = async (code: string) => (await kernel.request('is_complete_request', { code })).content.status;
    expect(await status('const a = 1')).toBe('complete');
    expect(await status('for (;;) {')).toBe('incomplete');
    expect(await status('const = 1')).toBe('invalid');
    expect(await status('%dataset load x.csv')).toBe('complete');
    expect(await status('%llmops\nfunction f() {')).toBe('incomplete');
    expect(await status('%%prompt greet\nHello')).toBe('incomplete');
    expect(await status('%%prompt greet\nHello\n')).toBe('complete');
  });

  it('drops messages with a wrong signature', async () => {
    const frames = createWire('another key').encode('execute_request', cell('1'), undefined, []);
    const buffers = frames.map((frame) => Buffer.from(frame));
    expect(createWire('the key').decode(buffers)).toBeUndefined();
    expect(createWire('another key').decode(buffers)?.content.code).toBe('1');
  });

  describe('comms', () => {
    it('opened by a cell reach the client, and its messages the cell', async () => {
      const opened = execute(`
        let heard: unknown[] = [];
        const comm = comms.open('chart', { a: 1 });
        comm.onMessage = ({ data, buffers }) => { heard.push(data, ...buffers.map((b) => b.length)); comm.send({ echo: data }, { buffers }); };
        comm.onClose = (data) => heard.push(['closed', data]);`);
      const open = await kernel.find((m) => m.header.msg_type === 'comm_open');
      expect(open.content).toMatchObject({ target_name: 'chart', data: { a: 1 } });
      expect((await opened).content.status).toBe('ok');
      const { comm_id } = open.content;
      const info = await kernel.request('comm_info_request', { target_name: 'chart' });
      expect(info.content.comms).toEqual({ [String(comm_id)]: { target_name: 'chart' } });

      kernel.send('shell', 'comm_msg', { comm_id, data: { x: 2 } }, [new Uint8Array([7, 8, 9])]);
      const echo = await kernel.find((m) => m.header.msg_type === 'comm_msg');
      expect(echo.content).toEqual({ comm_id, data: { echo: { x: 2 } } });
      expect(echo.buffers.map((buffer) => [...buffer])).toEqual([[7, 8, 9]]);
      kernel.send('shell', 'comm_close', { comm_id, data: { why: 'enough' } });
      const result = await execute('JSON.stringify(heard)');
      const data = (await published(result.parent.msg_id)).at(-2)?.content.data as Record<string, string>;
      expect(data['text/plain']).toContain('[{"x":2},3,["closed",{"why":"enough"}]]');
      expect((await kernel.request('comm_info_request', {})).content.comms).toEqual({});
    });

    it('opened by the client reach the target that a cell registered; others are closed', async () => {
      await execute('comms.register("pick", (comm, { data }) => comm.send({ picked: data }))');
      kernel.send('shell', 'comm_open', { comm_id: 'c1', target_name: 'pick', data: 5 });
      const picked = await kernel.find((m) => m.content.comm_id === 'c1' && m.header.msg_type === 'comm_msg');
      expect(picked.content.data).toEqual({ picked: 5 });
      kernel.send('shell', 'comm_open', { comm_id: 'c2', target_name: 'nobody', data: {} });
      const closed = await kernel.find((m) => m.content.comm_id === 'c2' && m.header.msg_type === 'comm_close');
      expect(closed.content.data).toEqual({});
    });
  });

  describe('history', () => {
    it('survives its kernel, one session after the other', async () => {
      await execute('"a cell to find later"');
      const tail = (await kernel.request('history_request', { hist_access_type: 'tail', n: 1, output: true })).content;
      const [[session, line, entry]] = tail.history as [[number, number, [string, string]]];
      expect(entry).toEqual(['"a cell to find later"', "'a cell to find later'"]);

      const next = await startJupyterKernel(command, mkdtempSync(path.join(folder, 'next-')), { env });
      try {
        const search = { hist_access_type: 'search', pattern: '*find later*', unique: true };
        expect((await next.request('history_request', search)).content.history).toEqual([[session, line, entry[0]]]);
        await next.request('execute_request', cell('"in the next session"'));
        const range = { hist_access_type: 'range', session: -1, start: line, stop: line + 1 };
        expect((await next.request('history_request', range)).content.history).toEqual([[session, line, entry[0]]]);
        const own = { hist_access_type: 'range', session: 0, start: 1, output: true };
        expect((await next.request('history_request', own)).content.history).toEqual([
          [session + 1, 1, ['"in the next session"', "'in the next session'"]],
        ]);
      } finally {
        await next.close();
      }
    });

    it('is kept for this user alone, without what was silent or not to be stored', async () => {
      await execute('"not to be stored"', { store_history: false });
      await execute('"silent"', { silent: true });
      const history = path.join(folder, 'data/llmops-notebook/history');
      const texts = readdirSync(history).map((name) => readFileSync(path.join(history, name), 'utf8'));
      expect(texts.join('')).toContain('a cell to find later');
      expect(texts.join('')).not.toMatch(/not to be stored|silent/);
    });
  });

  it('ends on shutdown_request, and tells all clients whether it will be back', async () => {
    const exit = new Promise((resolve) => kernel.process.once('exit', resolve));
    const reply = await kernel.request('shutdown_request', { restart: true }, 'control');
    expect(reply.content).toEqual({ status: 'ok', restart: true });
    const told = await kernel.find((m) => m.socket === 'iopub' && m.header.msg_type === 'shutdown_reply');
    expect(told.content.restart).toBe(true);
    expect(await exit).toBe(0);
  });
});
