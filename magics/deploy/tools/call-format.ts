import type { Tokenizer, ToolDefinition, ToolMessage } from '../../engine/types.ts';
import { readJson } from './read-json.ts';

/** How a model writes that it calls a function, as its chat template does it. */
export interface CallFormat {
  /** What stands before the JSON of a call; empty where an answer that is a call is JSON from its start. */
  readonly open: string;
  readonly close: string;
  /** All calls of a turn are one list. */
  readonly isList: boolean;
  /** The key of the JSON that holds the arguments: `arguments`, `parameters`. */
  readonly argumentsKey: string;
}

const probe = 'probe_function';
const probeArguments = { probe_argument: 'probe value' };
const tools: ToolDefinition[] = [
  {
    type: 'function',
    function: {
      name: probe,
      description: 'A function',
      parameters: { type: 'object', properties: { probe_argument: { type: 'string', description: 'A text' } } },
    },
  },
];
// As long as the strictest templates ask for.
const id = 'probe0001';
const question: ToolMessage = { role: 'user', content: 'A question' };
const call: ToolMessage = {
  role: 'assistant',
  content: '',
  tool_calls: [{ id, type: 'function', function: { name: probe, arguments: probeArguments } }],
};
const result: ToolMessage = { role: 'tool', content: 'An answer', tool_call_id: id, name: probe };

/**
 * The form of calls that the model was trained on, read off its chat template: what it makes of a turn that holds a call,
 * beyond what it makes of the same turn when that has yet to be answered. Undefined when the template writes no calls, or
 * none in JSON with a name and arguments.
 */
export function findCallFormat(tokenizer: Tokenizer): CallFormat | undefined {
  if (!tokenizer.hasChatTemplate) return undefined;
  const asked = attempt(() => tokenizer.applyChatTemplate([question], { tools, addGenerationPrompt: true }));
  // Some templates add to the last turn what they do not add to others.
  const answered =
    attempt(() => tokenizer.applyChatTemplate([question, call, result], { tools })) ??
    attempt(() => tokenizer.applyChatTemplate([question, call], { tools }));
  if (asked === undefined || answered === undefined) return undefined;
  return formatIn(answered.slice(commonLength(asked, answered)), tokenizer.decode([tokenizer.eosTokenId]));
}

function formatIn(turn: string, endOfTurn: string): CallFormat | undefined {
  const at = turn.indexOf(`"${probe}"`);
  for (let start = 0; start < at; start++) {
    const read = readJson(turn, start);
    if (read === undefined || read.end < at) continue;
    const isList = Array.isArray(read.value);
    const written: unknown = isList ? (read.value as unknown[])[0] : read.value;
    const argumentsKey = keyOfArguments(written);
    if (argumentsKey === undefined) return undefined;
    const after = turn.slice(read.end);
    const end = after.indexOf(endOfTurn);
    return { open: turn.slice(0, start), close: end < 0 ? '' : after.slice(0, end), isList, argumentsKey };
  }
  return undefined;
}

function keyOfArguments(written: unknown): string | undefined {
  if (typeof written !== 'object' || written === null || Reflect.get(written, 'name') !== probe) return undefined;
  const expected = JSON.stringify(probeArguments);
  return Object.entries(written).find(([, value]) => JSON.stringify(value) === expected)?.[0];
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** A template may refuse what it was not written for. */
function attempt(render: () => string): string | undefined {
  try {
    return render();
  } catch {
    return undefined;
  }
}
