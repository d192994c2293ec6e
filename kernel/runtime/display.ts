import { inspect } from 'node:util';
import { type Display, displaySymbol, type MimeBundle, mime } from '../../magics/context.ts';
import type { FromMain } from '../threads.ts';
import { imageBundle } from './image.ts';
import { isTable, tableBundle } from './table.ts';
import type { TableSources } from './table-sources.ts';

export interface Displays {
  /** Shows a bundle in the running cell. */
  show(data: MimeBundle, options?: { displayId?: string; metadata?: MimeBundle }): Display;
  clear(wait: boolean): void;
  /** A bundle as it crosses threads. */
  publish(data: MimeBundle): MimeBundle;
}

/** Handles of outputs: as a cell's value they show nothing. */
const handles = new WeakSet<object>();

/** Sends what cells show to the control thread; `parent` names the request of the running cell. */
export function createDisplays(
  parent: () => string,
  post: (message: FromMain) => void,
  tables: TableSources,
): Displays {
  let lastId = 0;
  const publish = (data: MimeBundle) => plain(tables.publish(data));
  return {
    show(data, options = {}) {
      const owner = parent();
      const displayId = options.displayId ?? `llmops-${process.pid}-${++lastId}`;
      post({ type: 'display', parent: owner, displayId, data: publish(data), metadata: options.metadata });
      const shown: Display = {
        update: (next) =>
          post({ type: 'update', parent: owner, displayId, data: publish(next), metadata: options.metadata }),
      };
      handles.add(shown);
      return shown;
    },
    clear: (wait) => post({ type: 'clear', parent: parent(), wait }),
    publish,
  };
}

/** True for a value that a cell ends with without showing it. */
export function isSilent(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && handles.has(value));
}

/** A value as a MIME bundle: by its own display function (which may be asynchronous), as an image, a table, a chart, or text. */
export function toBundle(value: unknown): MimeBundle | Promise<MimeBundle> {
  const own = ownBundle(value);
  if (own !== undefined) return own;
  const image = value instanceof Uint8Array ? imageBundle(value) : undefined;
  if (image !== undefined) return image;
  if (isTable(value)) return tableBundle(value);
  const text = inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 });
  if (isVegaLite(value)) return { [mime.vegaLite]: value, [mime.text]: text };
  return { [mime.text]: text };
}

/** True for an object whose keys are MIME types. */
export function isBundle(value: unknown): value is MimeBundle {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^(text|image|audio|video|application|model)\/./.test(key));
}

function ownBundle(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const display: unknown = Reflect.get(value, displaySymbol);
  if (typeof display !== 'function') return undefined;
  const bundle: unknown = display.call(value);
  if (bundle instanceof Promise) return bundle as Promise<MimeBundle>;
  return typeof bundle === 'object' && bundle !== null ? (bundle as MimeBundle) : undefined;
}

function isVegaLite(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const schema: unknown = Reflect.get(value, '$schema');
  return typeof schema === 'string' && /\/vega-lite\/v\d/.test(schema);
}

/** A copy that crosses threads: JSON-like, functions and symbols dropped. */
function plain(data: MimeBundle): MimeBundle {
  try {
    return structuredClone(data);
  } catch {
    return JSON.parse(JSON.stringify(data)) as MimeBundle;
  }
}
