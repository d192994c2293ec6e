import { type MimeBundle, mime } from './context.ts';
import { html } from './html.ts';
import type { Magic, Verb } from './magic.ts';
import { describeOptions, type OptionDescription } from './options.ts';

/** What `%name -h` shows: each verb with its usage; with a verb, its options and an example. */
export function helpBundle(magic: Magic, verbName?: string): MimeBundle {
  const names = verbName === undefined ? Object.keys(magic.verbs) : [verbName];
  if (names.length > 1) return verbsBundle(magic);
  const name = names[0]!;
  return verbBundle(magic, name, magic.verbs[name]!);
}

/** What `%llmops` shows: every magic in one line. */
export function magicsBundle(magics: readonly Magic[]): MimeBundle {
  const rows = magics.map((magic): [string, string] => [`%${magic.name}`, magic.summary]);
  rows.push(['%llmops init', 'make a git repository here, for the records']);
  rows.push(['%time, %who, %reset, !command', 'time a statement, list variables, forget them, run a shell command']);
  return listing('LLMOps magics. Each answers -h.', rows, '');
}

/** `%dataset load FILE [--as VALUE] ...` */
export function usage(magic: Magic, verbName: string): string {
  const verb = magic.verbs[verbName]!;
  const sign = verb.body === undefined ? '%' : '%%';
  const isDefault = magic.defaultVerb === verbName;
  const words = [`${sign}${magic.name}`, isDefault ? '' : verbName, ...verb.positionals.map(positionalUsage)];
  return [...words.filter((word) => word !== ''), '[options]'].join(' ');
}

function verbsBundle(magic: Magic): MimeBundle {
  const rows = Object.entries(magic.verbs).map(([name, verb]): [string, string] => [usage(magic, name), verb.summary]);
  const first = Object.keys(magic.verbs)[0]!;
  return listing(`%${magic.name}: ${magic.summary}`, rows, `%${magic.name} ${first} -h says more.`);
}

function verbBundle(magic: Magic, name: string, verb: Verb): MimeBundle {
  const rows = describeOptions(verb).map((option): [string, string] => [optionUsage(option, verb), explain(option)]);
  const headline = `${usage(magic, name)}: ${verb.summary}`;
  const body = verb.body === 'yaml' ? 'Options may also stand as YAML in the lines below.' : '';
  return listing(headline, rows, body, verb.example);
}

function listing(headline: string, rows: readonly [string, string][], note: string, example?: string): MimeBundle {
  const width = Math.min(40, Math.max(...rows.map(([left]) => left.length)));
  const text = [headline, ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)];
  if (note !== '') text.push(note);
  if (example !== undefined) text.push('Example:', ...example.split('\n').map((line) => `  ${line}`));
  const entries = rows.map(([left, right]) => html`<tr><td><code>${left}</code></td><td>${right}</td></tr>`);
  const markup = html`<div class="llmops"><p><strong>${headline}</strong></p><table><tbody>${entries}</tbody></table>${
    note === '' ? null : html`<p>${note}</p>`
  }${example === undefined ? null : html`<pre>${example}</pre>`}</div>`;
  return { [mime.html]: markup.markup, [mime.text]: text.join('\n') };
}

function optionUsage(option: OptionDescription, verb: Verb): string {
  if (verb.positionals.some((name) => name.replace('...', '') === option.name)) return option.name.toUpperCase();
  return option.kind === 'boolean' ? `--${option.name}` : `--${option.name} ${placeholder(option)}`;
}

function placeholder(option: OptionDescription): string {
  if (option.kind === 'list') return 'A,B,...';
  return option.kind === 'any' ? 'VALUE' : option.kind.toUpperCase();
}

function explain(option: OptionDescription): string {
  const extra: string[] = [];
  if (option.choices !== undefined) extra.push(option.choices.join(' | '));
  if (option.default !== undefined) extra.push(`default ${JSON.stringify(option.default)}`);
  if (option.required) extra.push('required');
  return extra.length === 0 ? option.description : `${option.description} (${extra.join('; ')})`;
}

function positionalUsage(name: string): string {
  return name.endsWith('...') ? `${name.slice(0, -3).toUpperCase()}...` : name.toUpperCase();
}
