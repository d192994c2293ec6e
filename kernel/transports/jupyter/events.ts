import type { KernelEvent } from '../../protocol.ts';
import type { CommTable } from './comm-table.ts';
import {
  commContent,
  completionContent,
  displayContent,
  errorContent,
  executeReply,
  expressionContent,
  inspectionContent,
} from './content.ts';
import type { History } from './history.ts';
import type { Outlet } from './outlet.ts';
import type { Pending, PendingRequests } from './pending.ts';
import type { JupyterMessage } from './wire.ts';

type Event = Extract<KernelEvent, { parent: string }>;

export interface EventForwarderOptions {
  readonly outlet: Outlet;
  readonly pending: PendingRequests;
  readonly history: History;
  readonly comms: CommTable;
  /** Tells a cell that asks for input that its client takes none. */
  refuseInput(): void;
}

/** Turns the session's events into Jupyter messages. */
export function createEventForwarder({ outlet, pending, history, comms, refuseInput }: EventForwarderOptions) {
  return (event: KernelEvent): void => {
    if (event.type === 'unresponsive') {
      const text = `${event.reason} Restart the kernel.\n`;
      outlet.publish('stream', { name: 'stderr', text }, pending.find(event.request)?.message);
    }
    if (!('parent' in event)) return;
    const request = pending.find(event.parent);
    if (request === undefined) return;
    if (!collect(request, event)) send(request, event);
  };

  /** Keeps what belongs into the reply; true when that was all. */
  function collect(request: Pending, event: Event): boolean {
    if (event.type === 'completions') {
      request.content = completionContent(event, String(request.message.content.code));
    } else if (event.type === 'inspection') request.content = inspectionContent(event);
    else if (event.type === 'completeness') request.content = { status: event.status, indent: event.indent ?? '' };
    else if (event.type === 'display' && event.metadata?.pager === true) {
      request.payload.push({ source: 'page', data: event.data, start: 0 });
    } else if (event.type === 'cell_text') {
      request.payload.push({ source: 'set_next_input', text: event.text, replace: true });
    } else if (event.type === 'expressions') {
      const values = Object.entries(event.values).map(([name, value]) => [name, expressionContent(value)]);
      request.expressions = Object.fromEntries(values);
    } else return false;
    return true;
  }

  // Every message is handed to its socket at once: the sockets keep the order.
  function send(request: Pending, event: Event): void {
    const { message } = request;
    if (event.type === 'busy') begin(request, event.executionCount);
    else if (event.type === 'finished') finish(request, event);
    else if (event.type === 'input_request') askInput(message, event);
    else if (event.type === 'comm') {
      const { metadata, buffers } = event.message;
      comms.note(event.message);
      outlet.publish(...commContent(event.message), message, { metadata, buffers });
    } else if (event.type === 'error') {
      request.error = event;
      outlet.publish('error', errorContent(event), message);
    } else {
      if (event.type === 'result') history.addOutput(event.executionCount, String(event.data['text/plain'] ?? ''));
      const [type, content] = output(event) ?? [];
      if (type !== undefined && content !== undefined) outlet.publish(type, content, message);
    }
  }

  function askInput(message: JupyterMessage, { prompt, password }: Extract<Event, { type: 'input_request' }>): void {
    if (message.content.allow_stdin === false) refuseInput();
    else outlet.askInput(message, { prompt, password });
  }

  function begin(request: Pending, executionCount: number): void {
    const { message } = request;
    request.started = true;
    outlet.status('busy', message);
    if (message.content.silent === true) return;
    const code = String(message.content.code);
    if (message.content.store_history !== false) history.add(executionCount, code);
    outlet.publish('execute_input', { code, execution_count: executionCount }, message);
  }

  function finish(request: Pending, event: Extract<Event, { type: 'finished' }>): void {
    const { message, channel } = request;
    pending.finish(request);
    const isCell = message.header.msg_type === 'execute_request';
    if (isCell && !request.started) outlet.status('busy', message);
    outlet.reply(channel, message, isCell ? executeReply(request, event) : { status: 'ok', ...request.content });
    outlet.status('idle', message);
  }
}

/** Type and content of the message that an output becomes. */
function output(event: Event): [type: string, content: object] | undefined {
  switch (event.type) {
    case 'stream':
      return ['stream', { name: event.name, text: event.text }];
    case 'display':
      return ['display_data', displayContent(event)];
    case 'update_display':
      return ['update_display_data', displayContent(event)];
    case 'result': {
      const { executionCount, data, metadata = {} } = event;
      return ['execute_result', { execution_count: executionCount, data, metadata }];
    }
    case 'clear_output':
      return ['clear_output', { wait: event.wait }];
    default:
      return undefined;
  }
}
