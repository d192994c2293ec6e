import { inspect } from 'node:util';
import { type MimeBundle, mime } from '../../magics/context.ts';
import { html, table } from '../../magics/html.ts';

/** The notebook's variables as a table: name, type, value in short. `builtIn`: names that are not the user's. */
export function variables(builtIn: ReadonlySet<string>): MimeBundle {
  const rows = userNames(builtIn).map((name) => {
    const value: unknown = Reflect.get(globalThis, name);
    const short = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 });
    return [name, typeOf(value), short.slice(0, 80)];
  });
  if (rows.length === 0) return { [mime.text]: 'No variables yet.' };
  const columns = ['name', 'type', 'value'].map((name) => ({ name }));
  return {
    [mime.html]: html`<div class="llmops">${table(columns, rows)}</div>`.markup,
    [mime.text]: rows.map((row) => row.join('  ')).join('\n'),
  };
}

/** Forgets every variable of the notebook. */
export function resetVariables(builtIn: ReadonlySet<string>): void {
  // A variable that a script declared cannot be deleted; it can be emptied.
  for (const name of userNames(builtIn)) {
    if (!Reflect.deleteProperty(globalThis, name)) Reflect.set(globalThis, name, undefined);
  }
}

function userNames(builtIn: ReadonlySet<string>): string[] {
  return Object.getOwnPropertyNames(globalThis).filter(
    (name) => !builtIn.has(name) && !name.startsWith('__') && Reflect.get(globalThis, name) !== undefined,
  );
}

function typeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null ? 'object' : ((value as object).constructor?.name ?? 'object');
}
