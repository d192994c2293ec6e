import { magics } from '../../magics/index.ts';
import type { CellText, Completion } from '../protocol.ts';
import type { TypeScript } from '../transform/typescript.ts';
import { ambientDeclarations } from './ambient.ts';
import { createCellReader } from './cell.ts';
import { complete, completionDetail } from './features/complete.ts';
import { diagnose } from './features/diagnose.ts';
import { inspect, signatureHelp } from './features/explain.ts';
import { codeActions, format } from './features/mend.ts';
import { createNavigation } from './features/navigate.ts';
import { completeMagic } from './magic-completions.ts';
import { inspectMagic } from './magic-inspection.ts';
import type { LanguageAnswer, LanguageMethod, LanguageQuestion, LateCheck, RanCell } from './messages.ts';
import { completeVersion, namesVersions, registeredVersions, wrongVersions } from './model-references.ts';
import { createScope, type Unit } from './scope.ts';
import { createNotebookService, type OpenCell } from './service.ts';

export interface Language {
  /** Checks a small cell: `time` 0 reads the libraries, and after some more times V8 has compiled what questions go through. */
  warm(time: number): void;
  /** Cheap: what the cell declares is worked out when another cell needs it. */
  ran(cell: RanCell): void;
  /** Cheap: resolves when `prepare` has come to it. */
  check(cell: LateCheck): Promise<LanguageAnswer<'diagnose'>>;
  /** Works out what one more cell declares, or checks one, in a pause; true when there are others. */
  prepare(): Promise<boolean>;
  answer(question: LanguageQuestion): Promise<LanguageAnswer<LanguageMethod>>;
}

/** Completions, navigation and type errors over a notebook's cells, magic lines included. */
export function createLanguage(ts: TypeScript, folder: string): Language {
  const notebook = createNotebookService(ts, folder, ambientDeclarations(magics));
  const scope = createScope(createCellReader(ts, magics));
  const inPauses: (() => unknown)[] = [];
  const navigation = createNavigation(ts, notebook, scope);

  /** Members of an expression's value, as a cell below `earlier` would see them. */
  function membersOf(expression: string, earlier?: readonly CellText[]): Completion[] {
    const code = `${expression}.`;
    const open = (text: string) => notebook.open(scope.place({ cellId: '', code: text }, earlier));
    const { items } = complete(notebook, open, { code, offset: code.length }, new Set());
    return items.filter(({ kind }) => kind === 'property');
  }

  function explain(cell: OpenCell, { offset, source }: { offset: number; source?: boolean }) {
    const answer = inspect(ts, notebook, cell, offset);
    const text = source === true && answer.markdown !== null ? navigation.source(cell, offset) : undefined;
    if (text === undefined) return answer;
    return { ...answer, markdown: `${answer.markdown}\n\nSource:\n\n\`\`\`typescript\n${text}\n\`\`\`` };
  }

  async function answer(question: LanguageQuestion): Promise<LanguageAnswer<LanguageMethod>> {
    const { cellId, code, earlier, later } = question;
    const cell = { cellId, code };
    const around = { cell, earlier, later };
    const open = (text = code) => notebook.open(scope.place({ cellId, code: text }, earlier));
    notebook.keep(scope.live());
    switch (question.method) {
      case 'complete': {
        const inMagic = await completeMagic(code, question.offset, magics, folder, (expression) =>
          membersOf(expression, earlier),
        );
        if (inMagic !== undefined) return inMagic;
        const version = completeVersion(code, question.offset, () => registeredVersions(folder));
        return (await version) ?? complete(notebook, open, question, scope.names(earlier));
      }
      case 'complete_detail':
        return completionDetail(ts, notebook, open(), question.offset, question.label);
      case 'inspect':
        return inspectMagic(code, question.offset, magics) ?? explain(open(), question);
      case 'signature':
        return signatureHelp(ts, notebook, open(), question.offset);
      case 'definition':
        return { locations: navigation.definition(open(), question.offset) };
      case 'references':
        return { locations: navigation.references(around, question.offset) };
      case 'rename':
        return { edits: navigation.rename(around, question.offset, question.newName) };
      case 'actions':
        return { actions: codeActions(ts, notebook, open(), question) };
      case 'format':
        return { edits: format(ts, question) };
      case 'diagnose':
        return diagnosticsOf(scope.place(cell, earlier));
    }
  }

  async function diagnosticsOf(unit: Unit): Promise<LanguageAnswer<'diagnose'>> {
    const { cell } = unit;
    const wrong = namesVersions(cell) ? wrongVersions(ts, cell, await registeredVersions(folder)) : [];
    return { diagnostics: [...wrong, ...diagnose(ts, notebook, notebook.open(unit))] };
  }

  return {
    answer,
    ran({ cellId, code, types }) {
      const unit = scope.ran(cellId, code, types);
      if (unit.cell.declared.length > 0) inPauses.push(() => notebook.prepare(unit));
    },
    async check({ cellId, code }) {
      // What its names mean is settled now, whatever runs before the pause.
      const unit = scope.place({ cellId, code });
      return new Promise((resolve, reject) => {
        inPauses.push(() => diagnosticsOf(unit).then(resolve, reject));
      });
    },
    async prepare() {
      await inPauses.shift()?.();
      return inPauses.length > 0;
    },
    warm(time) {
      const code = `const list = [${time}];\nlist.map((n) => n.toFixed());\nlist.`;
      const open = (text: string) => notebook.open(scope.place({ cellId: '', code: text }));
      complete(notebook, open, { code, offset: code.length }, new Set());
      const cell = open(code);
      inspect(ts, notebook, cell, 7);
      diagnose(ts, notebook, cell);
    },
  };
}
