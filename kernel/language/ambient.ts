import type { Magic, Verb } from '../../magics/magic.ts';
import { describeOptions, type OptionDescription, type OptionKind } from '../../magics/options.ts';
import { globalDeclarations } from './global-declarations.ts';
import magicTypes from './magic-types.json' with { type: 'json' };

/** Types of one magic, as the compiler read them from its source. */
interface MagicTypes {
  readonly verbs: Readonly<Record<string, VerbTypes>>;
  readonly functions: Readonly<Record<string, string>>;
}

interface VerbTypes {
  readonly options: Readonly<Record<string, string | undefined>>;
  readonly result: string;
}

const typesOf: Readonly<Record<string, MagicTypes | undefined>> = magicTypes.magics;

/** Declarations of what every cell can use, for the type check: globals of the kernel and the typed `llmops`. */
export function ambientDeclarations(magics: readonly Magic[]): string {
  const members = magics.map((magic) => declareMagic(magic, typesOf[magic.name]));
  return `${globalDeclarations}
declare module 'llmops' {
${magicTypes.declarations.join('\n')}
export interface Llmops {
${members.join('\n')}
}
}
declare const llmops: import('llmops').Llmops;
`;
}

function declareMagic(magic: Magic, types: MagicTypes | undefined): string {
  const verbs = Object.entries(magic.verbs);
  const members = verbs.map(([name, verb]) => `${doc(verb.summary)}${name}${signature(verb, types?.verbs[name])};`);
  const run = magic.defaultVerb === undefined ? undefined : magic.verbs[magic.defaultVerb];
  if (run !== undefined) members.unshift(`${signature(run, types?.verbs[magic.defaultVerb!])};`);
  const functions = Object.keys(magic.functions ?? {}).map(
    (name) => `readonly ${name}: ${types?.functions[name] ?? '(...values: any[]) => any'};`,
  );
  return `${doc(magic.summary)}readonly ${magic.name}: {\n${[...members, ...functions].join('\n')}\n};`;
}

function signature(verb: Verb, types: VerbTypes | undefined): string {
  const options = describeOptions(verb).map((option) => declareOption(option, types?.options[option.name]));
  return `(options: { ${options.join(' ')} }): ${types === undefined ? 'Promise<any>' : beforeItRan(types.result)}`;
}

/** What is known of a result before there is one: neither its columns nor its inputs, and no part of it is missing. */
function beforeItRan(result: string): string {
  return result
    .replaceAll('Dataset<Row>', 'Dataset<any>')
    .replaceAll('Prompt<Record<string, unknown>>', 'Prompt<any>')
    .replaceAll('Partial<', 'Required<');
}

function declareOption(option: OptionDescription, type = typeOf(option)): string {
  return `${doc(option.description)}${JSON.stringify(option.name)}${option.required ? '' : '?'}: ${type};`;
}

/** An option's type as its schema tells, for magics whose sources were not read. */
function typeOf(option: OptionDescription): string {
  const kinds = [option.kind, ...option.alternatives];
  return [...new Set(kinds.map((kind) => typeOfKind(kind, option)))].join(' | ');
}

function typeOfKind(kind: OptionKind, option: OptionDescription): string {
  const choices = option.choices?.map((choice) => JSON.stringify(choice)).join(' | ');
  if (kind === 'list') return `readonly (${choices ?? simpleTypes[option.items ?? 'any']})[]`;
  return kind === 'string' && choices !== undefined ? choices : simpleTypes[kind];
}

const simpleTypes: Record<OptionKind, string> = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  list: 'readonly any[]',
  object: 'object',
  any: 'any',
};

function doc(text: string): string {
  return text === '' ? '' : `/** ${text.replaceAll('*/', '* /')} */ `;
}
