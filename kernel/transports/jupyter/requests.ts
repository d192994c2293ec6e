import type { Session } from '../../control/session.ts';
import type { CommMessage, Request } from '../../protocol.ts';
import type { CommTable } from './comm-table.ts';
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
  readonly comms: CommTable;
}

/** Turns clients' requests into the session's, and answers those that need no session. */
export function createRequestHandler({ session, outlet, pending, history, comms }: RequestHandlerOptions) {
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
    const comm = toCommMessage(message);
    if (comm !== undefined) {
      comms.note(comm);
      session.handle({ id: header.msg_id, method: 'comm', message: comm });
      return;
    }
    const replies: Record<string, () => object> = {
      kernel_info_request: () => kernelInfo,
      history_request: () => ({ status: 'ok', history: history.search(content) }),
      comm_info_request: () => ({ status: 'ok', comms: comms.info(content.target_name as string | undefined) }),
      shutdown_request: () => ({ status: 'ok', restart: content.restart === true }),
    };
    const reply = replies[header.msg_type];
    if (reply === undefined) return;
    outlet.reply(channel, message, reply());
    // Other clients of this kernel learn of its end too.
    if (header.msg_type === 'shutdown_request') outlet.publish('shutdown_reply', reply(), message);
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
        tellTypeErrors: 'in a pause',
        userExpressions: content.user_expressions as Record<string, string> | undefined,
      };
    case 'complete_request':
      return { ...cell, method: 'complete', offset };
    case 'inspect_request':
      return { ...cell, method: 'inspect', offset, source: Number(content.detail_level) > 0 };
    case 'is_complete_request':
      return { id, method: 'is_complete', code };
    case 'interrupt_request':
      return { id, method: 'interrupt' };
    default:
      return undefined;
  }
}

const commActions: Readonly<Record<string, CommMessage['action']>> = {
  comm_open: 'open',
  comm_msg: 'message',
  comm_close: 'close',
};

function toCommMessage({ header, content, metadata, buffers }: JupyterMessage): CommMessage | undefined {
  const action = commActions[header.msg_type];
  if (action === undefined) return undefined;
  const target = content.target_name as string | undefined;
  return { action, commId: String(content.comm_id), target, data: content.data, metadata, buffers: [...buffers] };
}
