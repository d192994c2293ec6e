import * as vscode from 'vscode';
import type { CellText, KernelEvent } from '../kernel/protocol.ts';
import { cellInNotebook, notebookOf, rangeOf } from './cell-document.ts';
import type { Controller } from './controller.ts';
import { registerDiagnostics } from './diagnostics.ts';
import type { NewRequest, ReplyEvent } from './kernel-client.ts';
import type { Kernels } from './kernels.ts';
import { toCompletionItem, toLocation, toSignature, toWorkspaceEdit } from './language-items.ts';

const selector: vscode.DocumentSelector = { notebookType: 'jupyter-notebook', language: 'typescript' };

/** A question about a cell before the cells around it are added. */
type Question<R = NewRequest> = R extends CellText & { method: string }
  ? Omit<R, keyof CellText | 'earlier' | 'later'>
  : never;
type EventOf<T extends KernelEvent['type']> = Extract<ReplyEvent, { type: T }>;

/** Asks the kernel about a cell; undefined where it is not ours to answer. */
export type AskKernel = <T extends ReplyEvent['type']>(
  document: vscode.TextDocument,
  question: Question,
  answer: T,
) => Promise<EventOf<T> | undefined>;

/** What the kernel's language service knows, in cells whose notebook uses our kernel. Typing starts the kernel. */
export function registerLanguage(
  kernels: Kernels,
  { isSelected, onDidSelect }: Pick<Controller, 'isSelected' | 'onDidSelect'>,
): vscode.Disposable {
  const ask: AskKernel = async (document, question, answer) => {
    const notebook = notebookOf(document);
    if (notebook === undefined || !isSelected(notebook) || !vscode.workspace.isTrusted) return undefined;
    const events: ReplyEvent[] = [];
    try {
      const kernel = await kernels.start(notebook);
      const request = { ...cellInNotebook(document), ...question } as NewRequest;
      await kernel.request(request, (event) => events.push(event));
    } catch {
      return undefined;
    }
    return events.find((event): event is EventOf<typeof answer> => event.type === answer);
  };
  const { languages } = vscode;
  return vscode.Disposable.from(
    languages.registerCompletionItemProvider(selector, completions(ask), '.', '%', '-', '/', '"', "'", '=', ' '),
    languages.registerHoverProvider(selector, hovers(ask)),
    languages.registerSignatureHelpProvider(selector, signatures(ask), '(', ',', '<'),
    languages.registerDefinitionProvider(selector, definitions(ask)),
    languages.registerReferenceProvider(selector, references(ask)),
    languages.registerRenameProvider(selector, renames(ask)),
    languages.registerCodeActionsProvider(selector, actions(ask), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    languages.registerDocumentFormattingEditProvider(selector, formatting(ask)),
    registerDiagnostics(
      kernels,
      async (document) => (await ask(document, { method: 'diagnose' }, 'diagnostics'))?.diagnostics,
      onDidSelect,
    ),
  );
}

function completions(ask: AskKernel): vscode.CompletionItemProvider {
  const asked = new WeakMap<vscode.CompletionItem, { document: vscode.TextDocument; offset: number }>();
  return {
    async provideCompletionItems(document, position, _token, { triggerCharacter }) {
      const isMagic = /^\s*%/.test(document.lineAt(position.line).text.slice(0, position.character));
      if (triggerCharacter !== undefined && '= -%'.includes(triggerCharacter) && !isMagic) return undefined;
      const offset = document.offsetAt(position);
      const found = await ask(document, { method: 'complete', offset }, 'completions');
      if (found === undefined) return undefined;
      const range = rangeOf(document, found);
      return found.items.map((completion, i) => {
        const item = toCompletionItem(completion, range, i);
        asked.set(item, { document, offset });
        return item;
      });
    },
    async resolveCompletionItem(item) {
      const where = asked.get(item);
      if (where === undefined || item.documentation !== undefined || typeof item.label !== 'string') return item;
      const question = { method: 'complete_detail', offset: where.offset, label: item.label } as const;
      const found = await ask(where.document, question, 'inspection');
      if (found?.markdown != null) item.documentation = new vscode.MarkdownString(found.markdown);
      return item;
    },
  };
}

function hovers(ask: AskKernel): vscode.HoverProvider {
  return {
    async provideHover(document, position) {
      const offset = document.offsetAt(position);
      const found = await ask(document, { method: 'inspect', offset }, 'inspection');
      if (found?.markdown == null) return undefined;
      return new vscode.Hover(new vscode.MarkdownString(found.markdown), rangeOf(document, found));
    },
  };
}

function signatures(ask: AskKernel): vscode.SignatureHelpProvider {
  return {
    async provideSignatureHelp(document, position) {
      const found = await ask(document, { method: 'signature', offset: document.offsetAt(position) }, 'signatures');
      if (found === undefined || found.signatures.length === 0) return undefined;
      const help = new vscode.SignatureHelp();
      help.signatures = found.signatures.map(toSignature);
      help.activeSignature = found.active;
      help.activeParameter = found.parameter;
      return help;
    },
  };
}

function definitions(ask: AskKernel): vscode.DefinitionProvider {
  return {
    async provideDefinition(document, position) {
      const found = await ask(document, { method: 'definition', offset: document.offsetAt(position) }, 'locations');
      return found?.locations.map(toLocation);
    },
  };
}

function references(ask: AskKernel): vscode.ReferenceProvider {
  return {
    async provideReferences(document, position) {
      const found = await ask(document, { method: 'references', offset: document.offsetAt(position) }, 'locations');
      return found?.locations.map(toLocation);
    },
  };
}

function renames(ask: AskKernel): vscode.RenameProvider {
  return {
    async provideRenameEdits(document, position, newName) {
      const question = { method: 'rename', offset: document.offsetAt(position), newName } as const;
      const found = await ask(document, question, 'edits');
      if (found === undefined || found.edits.length === 0) throw new Error('Nothing here can be renamed.');
      return toWorkspaceEdit(document, found.edits);
    },
  };
}

function actions(ask: AskKernel): vscode.CodeActionProvider {
  return {
    async provideCodeActions(document, range, { diagnostics }) {
      const ours = diagnostics.filter(({ source, code }) => source === 'llmops' && code !== 'magic');
      if (ours.length === 0) return [];
      const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
      const found = await ask(document, { method: 'actions', start, end }, 'actions');
      return found?.actions.map(({ title, edits }) => {
        const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
        action.edit = toWorkspaceEdit(document, edits);
        action.diagnostics = ours;
        return action;
      });
    },
  };
}

function formatting(ask: AskKernel): vscode.DocumentFormattingEditProvider {
  return {
    async provideDocumentFormattingEdits(document, { tabSize, insertSpaces }) {
      const found = await ask(document, { method: 'format', tabSize, insertSpaces }, 'edits');
      return found?.edits.map((edit) => vscode.TextEdit.replace(rangeOf(document, edit), edit.text));
    },
  };
}
