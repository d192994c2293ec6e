import { randomBytes } from 'node:crypto';
import type { ToolDefinition } from '../../engine/types.ts';
import { type ApiError, invalidField } from '../api-error.ts';
import type { ChatRequest } from '../requests.ts';
import type { CallFormat } from './call-format.ts';
import { callSchema, type Tool } from './call-schema.ts';

/** A function call in an answer, as OpenAI's API gives it. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  /** `arguments` is JSON. */
  readonly function: { readonly name: string; readonly arguments: string };
}

/** How an answer may call functions. */
export interface ToolPlan {
  readonly format: CallFormat;
  /** What a call, or the list of them, must look like. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** The answer begins with a call. */
  readonly isForced: boolean;
  /** One call at most. */
  readonly isSingle: boolean;
  readonly names: readonly string[];
}

/** What the model is told of the functions, and how it may call them: not at all without a plan. */
export interface RequestedTools {
  readonly tools?: readonly ToolDefinition[];
  readonly plan?: ToolPlan;
}

/** Reads `tools`, `tool_choice` and `parallel_tool_calls` of a request. Throws an ApiError that names the wrong field. */
export function planTools(request: ChatRequest, format: CallFormat | undefined): RequestedTools {
  const { tools, tool_choice: choice } = request;
  if (tools === undefined || tools === null || tools.length === 0) {
    if (choice && choice !== 'none') throw invalidField('tool_choice', 'tool_choice needs tools.');
    return {};
  }
  if (format === undefined) throw toolsNotWritten();
  if (choice === 'none') return { tools };
  checkNoConstraint(request);
  const named = typeof choice === 'object' && choice !== null ? choice.function.name : undefined;
  const allowed = named === undefined ? tools : tools.filter((tool) => tool.function.name === named);
  const names = tools.map((tool) => tool.function.name);
  if (allowed.length === 0)
    throw invalidField('tool_choice', `tool_choice names "${named}", which is none of the tools: ${names.join(', ')}.`);
  const isSingle = named !== undefined || request.parallel_tool_calls === false;
  return {
    tools,
    plan: {
      format,
      schema: schemaOf(allowed, format, isSingle),
      isForced: named !== undefined || choice === 'required',
      isSingle,
      names,
    },
  };
}

/**
 * The calls that a model has written as JSON; undefined when it is something else. The id of a call is one that the
 * strictest chat templates take: nine letters and digits.
 */
export function readCalls(value: unknown, { format, names }: ToolPlan): ToolCall[] | undefined {
  const calls = [value].flat().map((one): ToolCall | undefined => {
    if (typeof one !== 'object' || one === null) return undefined;
    const name: unknown = Reflect.get(one, 'name');
    const given: unknown = Reflect.get(one, format.argumentsKey);
    if (typeof name !== 'string' || !names.includes(name)) return undefined;
    return { id: newId(), type: 'function', function: { name, arguments: JSON.stringify(given ?? {}) } };
  });
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

function newId(): string {
  return randomBytes(8).toString('hex').slice(0, 9);
}

function schemaOf(tools: readonly Tool[], format: CallFormat, isSingle: boolean): ToolPlan['schema'] {
  try {
    return callSchema(tools, format, isSingle);
  } catch (error) {
    throw invalidField('tools', error instanceof Error ? error.message : String(error));
  }
}

/** An answer cannot be held to a form and call functions, which has another one. */
function checkNoConstraint({ response_format: format, guided_choice: choices }: ChatRequest): void {
  const param = choices ? 'guided_choice' : 'response_format';
  if (choices || (format && format.type !== 'text'))
    throw invalidField(param, `${param} does not go with tools: leave it out, or set tool_choice to "none".`);
}

function toolsNotWritten(): ApiError {
  return invalidField(
    'tools',
    'This model calls no functions: its chat template does not say how. Deploy a model whose template does, or ask for JSON with response_format.',
  );
}
