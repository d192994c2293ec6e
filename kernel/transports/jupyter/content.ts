import { withoutFences } from '../../control/help-question.ts';
import type { CellError, CommMessage, ExpressionValue, KernelEvent } from '../../protocol.ts';
import type { Pending } from './pending.ts';
import { toCodePoints } from './positions.ts';

type EventOf<T extends KernelEvent['type']> = Extract<KernelEvent, { type: T }>;

/** Content of `display_data` and `update_display_data`. */
export function displayContent({ data, metadata = {}, displayId }: EventOf<'display'> | EventOf<'update_display'>) {
  return { data, metadata, transient: displayId === undefined ? {} : { display_id: displayId } };
}

/** Content of `error`, and of the reply of a cell that failed. */
export function errorContent({ name, message, traceback }: CellError) {
  return { ename: name, evalue: message, traceback: [`${name}: ${message}`, ...traceback] };
}

/** Content of `execute_reply`. */
export function executeReply(request: Pending, { status, executionCount }: EventOf<'finished'>): object {
  const execution_count = executionCount;
  if (!request.started) return { status: 'aborted', execution_count };
  const user_expressions = request.expressions;
  if (status === 'ok') return { status, execution_count, payload: request.payload, user_expressions };
  const failure = request.error === undefined ? {} : errorContent(request.error);
  return { status: 'error', execution_count, ...failure };
}

/** One of the reply's `user_expressions`. */
export function expressionContent(value: ExpressionValue): object {
  if ('error' in value) return { status: 'error', ...errorContent(value.error) };
  return { status: 'ok', data: value.data, metadata: {} };
}

/** Type and content of the message that a comm's message becomes. */
export function commContent({ action, commId, target, data }: CommMessage): [type: string, content: object] {
  const content = { comm_id: commId, data };
  if (action === 'open') return ['comm_open', { ...content, target_name: target }];
  return [action === 'close' ? 'comm_close' : 'comm_msg', content];
}

/** Content of `complete_reply`, but for its status. */
export function completionContent({ start, end, items }: EventOf<'completions'>, code: string) {
  const position = { cursor_start: toCodePoints(code, start), cursor_end: toCodePoints(code, end) };
  const matches = items.map((item) => item.insert ?? item.label);
  const types = items.map((item, i) => ({
    start: position.cursor_start,
    end: position.cursor_end,
    text: matches[i],
    type: item.kind,
    signature: item.detail ?? '',
  }));
  return { matches, ...position, metadata: { _jupyter_types_experimental: types } };
}

/** Content of `inspect_reply`, but for its status. */
export function inspectionContent({ markdown }: EventOf<'inspection'>) {
  if (markdown === null) return { found: false, data: {}, metadata: {} };
  return { found: true, data: { 'text/markdown': markdown, 'text/plain': withoutFences(markdown) }, metadata: {} };
}
