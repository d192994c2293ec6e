import type { MagicContext, MimeBundle } from '../../magics/context.ts';
import type { Magic } from '../../magics/magic.ts';

/** A context whose displays can be looked at: each output's newest bundle, in order. */
export interface TestContext extends MagicContext {
  readonly shown: MimeBundle[];
  /** The plain text of everything shown. */
  text(): string;
}

export function createTestContext(
  folder: string,
  options: { signal?: AbortSignal; distFolder?: string } = {},
): TestContext {
  const shown: MimeBundle[] = [];
  return {
    folder,
    distFolder: options.distFolder ?? 'dist',
    signal: options.signal ?? new AbortController().signal,
    shown,
    text: () => shown.map((bundle) => String(bundle['text/plain'])).join('\n'),
    display(data) {
      const at = shown.push(data) - 1;
      return {
        update(next) {
          shown[at] = next;
        },
      };
    },
  };
}

/** Runs a verb as a cell does: options checked by its schema. */
export async function runVerb<Result>(
  magic: Magic,
  verb: string,
  options: object,
  context: MagicContext,
): Promise<Result> {
  const { options: schema, run } = magic.verbs[verb]!;
  return (await run(schema.parse(options) as never, context)) as Result;
}
