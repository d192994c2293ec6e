import type { SignatureHelpItem } from 'typescript';
import type { Signature } from '../../protocol.ts';
import type { TypeScript } from '../../transform/typescript.ts';
import type { LanguageAnswer } from '../messages.ts';
import type { NotebookService, OpenCell } from '../service.ts';

/** Type and documentation of what stands at `offset`. */
export function inspect(
  ts: TypeScript,
  { quickInfo }: NotebookService,
  cell: OpenCell,
  offset: number,
): LanguageAnswer<'inspect'> {
  const at = cell.toFile(offset);
  const info = quickInfo(at) ?? quickInfo(Math.max(0, at - 1));
  const start = info === undefined ? undefined : cell.toCell(info.textSpan.start);
  if (info === undefined || start === undefined) return { start: offset, end: offset, markdown: null };
  const end = cell.toCell(info.textSpan.start + info.textSpan.length) ?? start;
  const isOtherCells = cell.unit.needs.has(cell.unit.cell.text.slice(start, end));
  const parts = ts.displayPartsToString(info.displayParts);
  // A name of another cell is imported only in our hands.
  const signature = isOtherCells ? parts.replace(/^\(alias\) /, '').replace(/\nimport [\w$]+$/, '') : parts;
  const documentation = [ts.displayPartsToString(info.documentation), ...tagLines(ts, info.tags)].filter(
    (t) => t !== '',
  );
  return { start, end, markdown: [`\`\`\`typescript\n${signature}\n\`\`\``, ...documentation].join('\n\n') };
}

/** The function that is being called at `offset`, and which of its parameters. */
export function signatureHelp(
  ts: TypeScript,
  { service, file }: NotebookService,
  cell: OpenCell,
  offset: number,
): LanguageAnswer<'signature'> {
  const help = service.getSignatureHelpItems(file, cell.toFile(offset), undefined);
  if (help === undefined) return { signatures: [], active: 0, parameter: 0 };
  const signatures = help.items.map((item) => toSignature(ts, item));
  return { signatures, active: help.selectedItemIndex, parameter: help.argumentIndex };
}

function toSignature(ts: TypeScript, item: SignatureHelpItem): Signature {
  const text = (parts: SignatureHelpItem['prefixDisplayParts']) => ts.displayPartsToString(parts);
  const parameters = item.parameters.map((parameter) => ({
    label: text(parameter.displayParts),
    documentation: text(parameter.documentation) || undefined,
  }));
  const inner = parameters.map((parameter) => parameter.label).join(text(item.separatorDisplayParts));
  return {
    label: `${text(item.prefixDisplayParts)}${inner}${text(item.suffixDisplayParts)}`,
    documentation: text(item.documentation) || undefined,
    parameters,
  };
}

function tagLines(
  ts: TypeScript,
  tags: readonly { name: string; text?: Parameters<TypeScript['displayPartsToString']>[0] }[] = [],
) {
  return tags.map((tag) => `*@${tag.name}* ${ts.displayPartsToString(tag.text)}`.trimEnd());
}
