import type { Session } from '../../control/session.ts';
import type { Request } from '../../protocol.ts';
import type { History } from './history.ts';
import { kernelInfo } from './kernel-info.ts';
import type { Channel, Outlet } from './outlet.ts';
import type { PendingRequests } from './pending.ts';
import { toCodeUnits } from './positions.ts';
import type { JupyterMessage } from './wire.ts';

export interface RequestHandlerOptions {
  readonly session: Session;
  readonly outlet: Outlet;
  readonly pending: PendingRequests;
  readonly history: History;
}

/** Turns clients' requests into the session's, and answers those that need no session. */
export function createRequestHandler({ session, outlet, pending, history }: RequestHandlerOptions) {
  return (channel: Channel, message: JupyterMessage): void => {
    const type = message.header.msg_type;
    if (type !== 'execute_request') outlet.status('busy', message);
    const request = toRequest(message);
    if (request !== undefined) {
      pending.add(channel, message);
      session.handle(request);
      return;
    }
    answer(channel, message);
    outlet.status('idle', message);
    if (type === 'shutdown_request') session.exit();
  };

  function answer(channel: Channel, message: JupyterMessage): void {
    const { header, content } = message;
    if (header.msg_type === 'comm_open') {
      outlet.publish('comm_close', { comm_id: content.comm_id, data: {} }, message);
      return;
    }
    const replies: Record<string, () => object> = {
      kernel_info_request: () => kernelInfo,
      history_request: () => ({ status: 'ok', history: history.search(content) }),
      comm_info_request: () => ({ status: 'ok', comms: {} }),
      shutdown_request: () => ({ status: 'ok', restart: content.restart === true }),
    };
    const reply = replies[header.msg_type];
    if (reply !== undefined) outlet.reply(channel, message, reply());
  }
}

/** The session's request that a message means, if it is for the session. */
function toRequest({ header, content }: JupyterMessage): Request | undefined {
  const id = header.msg_id;
  const code = String(content.code ?? '');
  const cell = { id, cellId: '', code };
  const offset = toCodeUnits(code, Number(content.cursor_pos ?? code.length));
  switch (header.msg_type) {
    case 'execute_request':
      return {
        ...cell,
        method: 'execute',
        silent: content.silent === true,
        storeHistory: content.store_history !== false,
        stopOnError: content.stop_on_error !== false,
      };
    case 'complete_request':
      return { ...cell, method: 'complete', offset };
    case 'inspect_request':
      return { ...cell, method: 'inspect', offset };
    case 'is_complete_request':
      return { id, method: 'is_complete', code };
    case 'interrupt_request':
      return { id, method: 'interrupt' };
    default:
      return undefined;
  }
}
