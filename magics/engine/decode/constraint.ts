import { UserError } from '../../errors.ts';
import type { OutputConstraint, Tokenizer } from '../types.ts';
import { type ByteMachine, createByteMachine } from './constraint/byte-machine.ts';
import { anyValue, array, record } from './constraint/json.ts';
import { jsonSchemaPattern } from './constraint/json-schema.ts';
import { either, type Pattern, text } from './constraint/pattern.ts';
import { createTokenTable, type TokenTable } from './constraint/token-table.ts';
import type { TokenMask } from './sample.ts';

/** How far one answer has come towards what it must look like. */
export interface ConstraintState {
  /** Tokens that may come next when `left` more can be made: near the limit only those that still lead to an end. */
  mask(left: number): TokenMask;
  accept(id: number): void;
  /** Nothing can follow any more. */
  readonly isComplete: boolean;
}

export interface ConstraintCompiler {
  /** UserError for a schema that cannot be enforced. */
  compile(constraint: OutputConstraint): ConstraintState;
}

/** Turns constraints into token masks; those of equal constraints are worked out once. */
export function createConstraintCompiler(
  tokenizer: Tokenizer,
  vocabularySize: number,
  stopTokens: ReadonlySet<number>,
): ConstraintCompiler {
  let table: TokenTable | undefined;
  const compiled = new Map<string, Masks>();
  return {
    compile(constraint) {
      table ??= createTokenTable(tokenizer.tokenBytes(), vocabularySize);
      const key = JSON.stringify(constraint);
      const masks = compiled.get(key) ?? createMasks(createByteMachine(patternOf(constraint)), table, stopTokens);
      compiled.delete(key);
      compiled.set(key, masks);
      // Schemas often come with the request: the least recently used one makes room.
      if (compiled.size > mostCompiled) compiled.delete(compiled.keys().next().value!);
      return createState(masks, table);
    },
  };
}

const mostCompiled = 32;

interface Masks {
  machine: ByteMachine;
  maskAt(state: number, left: number): TokenMask;
}

function patternOf(constraint: OutputConstraint): Pattern {
  if ('choices' in constraint) {
    if (constraint.choices.length === 0) throw noChoices();
    return either(...constraint.choices.map(text));
  }
  if ('jsonSchema' in constraint) return jsonSchemaPattern(constraint.jsonSchema);
  const inner = anyValue();
  return either(record(inner), array(inner));
}

function createMasks(machine: ByteMachine, table: TokenTable, stopTokens: ReadonlySet<number>): Masks {
  const known = new Map<string, ReturnType<TokenTable['allowed']>>();
  const masksFor = (state: number, mostLeft: number) => {
    const key = `${state} ${mostLeft}`;
    const found = known.get(key) ?? table.allowed(machine, state, mostLeft);
    if (!known.has(key) && machine.isAccepting(state)) for (const id of stopTokens) allow(found.mask, id);
    known.set(key, found);
    return found;
  };
  return {
    machine,
    maskAt(state, left) {
      const free = masksFor(state, Number.POSITIVE_INFINITY);
      if (free.worst <= left - 1) return free.mask;
      // The longest way to an end is one byte a token.
      const limited = masksFor(state, left - 1);
      return limited.isEmpty && !machine.isAccepting(state) ? free.mask : limited.mask;
    },
  };
}

function createState({ machine, maskAt }: Masks, table: TokenTable): ConstraintState {
  let state = machine.start;
  return {
    mask: (left) => maskAt(state, left),
    accept(id) {
      for (const byte of table.bytesOf(id) ?? []) state = machine.next(state, byte);
    },
    get isComplete() {
      return machine.isAccepting(state) && !machine.canGoOn(state);
    },
  };
}

function allow(mask: TokenMask, id: number): void {
  mask[id >>> 5]! |= 1 << (id & 31);
}

function noChoices(): UserError {
  return new UserError('An answer that must be one of some choices needs at least one choice.');
}
