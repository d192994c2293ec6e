import type { CompletionEntry, CompletionInfo } from 'typescript';
import type { Completion } from '../../protocol.ts';
import type { TypeScript } from '../../transform/typescript.ts';
import { completionKind } from '../kinds.ts';
import type { LanguageAnswer } from '../messages.ts';
import type { NotebookService, OpenCell } from '../service.ts';

const maxCompletions = 500;

/** TypeScript's words for what a path or a package's name is completed to. */
const pathKinds = new Set(['script', 'directory', 'external module name']);
/** Stands for the letters of a member that are typed so far: while more are typed, the file stays as it is. */
const anyMember = '_';

/** What may stand at `offset`. `open` takes the cell in hand; `names`: names of other cells that it can see. */
export function complete(
  notebook: NotebookService,
  open: (code: string) => OpenCell,
  { code, offset }: { code: string; offset: number },
  names: ReadonlySet<string>,
): LanguageAnswer<'complete'> {
  const [, member] = /[^.]\.([A-Za-z_$][\w$]*)$/.exec(code.slice(0, offset)) ?? [];
  if (member !== undefined && !/^[\w$]/.test(code.slice(offset))) {
    const start = offset - member.length;
    const cell = open(code.slice(0, start) + anyMember + code.slice(offset));
    const found = notebook.completions(cell.toFile(start + anyMember.length));
    // Where it replaces more than the name, it stands in a path.
    if (found !== undefined && !hasPaths(found)) return fitting(itemsOf(found, cell, names), member, start);
  }
  const cell = open(code);
  const found = notebook.completions(cell.toFile(offset));
  const start = replacedFrom(found?.entries ?? [], cell) ?? offset - /[\w$]*$/.exec(code.slice(0, offset))![0].length;
  return fitting(itemsOf(found, cell, names), code.slice(start, offset), start);
}

/** True when the completions depend on what lies on the disk. */
export function hasPaths({ entries }: CompletionInfo): boolean {
  return entries.some(({ kind, replacementSpan }) => replacementSpan !== undefined || pathKinds.has(kind));
}

function itemsOf(found: CompletionInfo | undefined, cell: OpenCell, names: ReadonlySet<string>): Completion[] {
  const entries = found?.entries ?? [];
  const known = new Set(entries.map((entry) => entry.name));
  const own = new Set(cell.unit.cell.declared.map((declared) => declared.name));
  const others = found === undefined || found.isGlobalCompletion ? [...names].filter((name) => !known.has(name)) : [];
  return [
    ...others.filter((name) => !own.has(name)).map((label): Completion => ({ label, kind: 'variable' })),
    ...entries
      .filter(({ name }) => !/^__(cell|notebook)/.test(name))
      .sort((a, b) => a.sortText.localeCompare(b.sortText))
      .map((entry): Completion => ({ label: entry.name, kind: completionKind(entry.kind) })),
  ];
}

function fitting(items: readonly Completion[], typed: string, start: number): LanguageAnswer<'complete'> {
  const begins = typed.toLowerCase();
  const chosen = items.filter(({ label }) => label.toLowerCase().startsWith(begins)).slice(0, maxCompletions);
  return { start, end: start + typed.length, items: chosen };
}

/** Type and documentation of one completion. */
export function completionDetail(
  ts: TypeScript,
  notebook: NotebookService,
  cell: OpenCell,
  offset: number,
  label: string,
): LanguageAnswer<'complete_detail'> {
  const { service, file } = notebook;
  const at = cell.toFile(offset);
  const details = service.getCompletionEntryDetails(file, at, label, undefined, undefined, undefined, undefined);
  if (details === undefined) return { start: offset, end: offset, markdown: null };
  const signature = `\`\`\`typescript\n${ts.displayPartsToString(details.displayParts)}\n\`\`\``;
  const documentation = ts.displayPartsToString(details.documentation);
  return {
    start: offset,
    end: offset,
    markdown: [signature, documentation].filter((part) => part !== '').join('\n\n'),
  };
}

/** Where the text begins that a completion in a string (a path, a package's name) replaces. */
function replacedFrom(entries: readonly CompletionEntry[], cell: OpenCell): number | undefined {
  const span = entries.find((entry) => entry.replacementSpan !== undefined)?.replacementSpan;
  return span === undefined ? undefined : cell.toCell(span.start);
}
