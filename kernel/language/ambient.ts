import type { Magic, Verb } from '../../magics/magic.ts';
import { describeOptions, type OptionDescription, type OptionKind } from '../../magics/options.ts';
import { llmopsModule } from './llmops-module.ts';

/** Declarations of what every cell can use, for the type check: globals of the kernel and the typed `llmops`. */
export function ambientDeclarations(magics: readonly Magic[]): string {
  return `${kernelGlobals}${llmopsModule}\ndeclare const llmops: {\n${magics.map(declareMagic).join('\n')}\n};\n`;
}

const kernelGlobals = `
declare var _: any;
declare var aq: typeof import('arquero');
type MimeBundle = Record<string, unknown>;
/** Shows a value, or a MIME bundle, in the running cell; the handle replaces it in place. */
declare function display(value: unknown): { update(data: MimeBundle): void };
declare function clearOutput(wait?: boolean): void;
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>;
declare const __notebook: {
  shell(command: string): Promise<void>; who(): void; reset(): void; show(data: MimeBundle): void; page(value: unknown): void;
  init(): Promise<void>; startTimer(): void; stopTimer(): void; timed<T>(started: unknown, value: T): T; timeCell(): void;
};
declare module 'tslab' {
  export interface Display {
    javascript(text: string): void; html(text: string): void; markdown(text: string): void; latex(text: string): void;
    svg(text: string): void; png(bytes: Uint8Array): void; jpeg(bytes: Uint8Array): void; gif(bytes: Uint8Array): void;
    pdf(bytes: Uint8Array): void; text(text: string): void; raw(contentType: string, content: string | Uint8Array): void;
  }
  export const display: Display;
  export function newDisplay(): Display;
  export const versions: { tslab: string; typescript: string; node: string };
}
`;

function declareMagic(magic: Magic): string {
  const verbs = Object.entries(magic.verbs);
  const members = verbs.map(([name, verb]) => `  ${doc(verb.summary)}${name}${signature(verb)};`);
  const run = magic.defaultVerb === undefined ? undefined : magic.verbs[magic.defaultVerb];
  if (run !== undefined) members.unshift(`  ${signature(run)};`);
  const functions = Object.keys(magic.functions ?? {}).map((name) => `  ${name}: (...values: any[]) => any;`);
  return `${doc(magic.summary)}${magic.name}: {\n${[...members, ...functions].join('\n')}\n};`;
}

function signature(verb: Verb): string {
  const options = describeOptions(verb).map(declareOption);
  return `(options: { ${options.join(' ')} }): Promise<any>`;
}

function declareOption(option: OptionDescription): string {
  return `${doc(option.description)}${JSON.stringify(option.name)}${option.required ? '' : '?'}: ${typeOf(option)};`;
}

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
