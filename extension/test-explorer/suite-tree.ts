import * as vscode from 'vscode';
import type { RecordStore } from '../../magics/governance/store.ts';
import { openStores } from '../views/repositories.ts';
import { type FoundSuite, findSuites } from './find-suites.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { createRecordedSuites, type FindRecorded } from './recorded-suites.ts';
import { reportOutcome } from './report-outcome.ts';
import { showProblems } from './show-problems.ts';
import { type ShownSuite, shownSuite } from './shown-suite.ts';
import { itemOf, showSuites } from './suite-items.ts';
import type { TaskOutcome } from './task-outcome.ts';

/** The suites in the Test Explorer, with their last recorded results. */
export interface SuiteTree extends vscode.Disposable {
  readonly suites: readonly ShownSuite[];
  /** Reads the records again; with `files`, the suites' files too. Resolves when all that was there is shown. */
  refresh(options?: { files: boolean }): Promise<void>;
  readonly onDidRefresh: vscode.Event<void>;
  /** Leaves the results of a suite to whoever runs it, until the function that it returns is called. */
  hold(file: string): () => void;
  /** Shows an outcome as a result of `run`. */
  report(run: vscode.TestRun, suite: ShownSuite, task: string, outcome: TaskOutcome): void;
}

export function createSuiteTree(controller: vscode.TestController, log: vscode.LogOutputChannel): SuiteTree {
  const problems = vscode.languages.createDiagnosticCollection('llmops.suites');
  const refreshed = new vscode.EventEmitter<void>();
  const readRecorded = createRecordedSuites();
  const held = new Set<string>();
  /** When what is shown of a task was recorded. */
  const reported = new Map<string, string>();
  let found: FoundSuite[] = [];
  let stores: RecordStore[] = [];
  let areFilesStale = true;
  let suites: ShownSuite[] = [];

  const read = oneAtATime(async () => {
    if (areFilesStale) {
      areFilesStale = false;
      found = await findSuites();
      stores = [];
    }
    const recordedOf = await findRecorded();
    suites = await Promise.all(found.map(async (suite) => shownSuite(suite, await recordedOf(suite.file))));
    showSuites(controller, suites);
    showProblems(problems, suites);
    reportRecorded();
    refreshed.fire();
  });

  /** Records that cannot be read leave the suites without results, not the view without suites. */
  async function findRecorded(): Promise<FindRecorded> {
    if (found.length === 0) return async () => undefined;
    if (stores.length === 0) stores = await openStores();
    return readRecorded(stores).catch((error) => {
      log.error(error);
      return async () => undefined;
    });
  }

  const report: SuiteTree['report'] = (run, { file }, task, outcome) => {
    const item = itemOf(controller, { file, task });
    reported.set(keyOf(file, task), outcome.recordedAt);
    if (item !== undefined) reportOutcome(run, item, outcome);
  };

  /** Shows the results that came since the last time, as those of a run that takes nobody's attention. */
  function reportRecorded(): void {
    const fresh = suites
      .filter(({ file }) => !held.has(file))
      .flatMap((suite) => [...suite.outcomes].map(([task, outcome]) => ({ suite, task, outcome })))
      .filter(({ suite, task, outcome }) => reported.get(keyOf(suite.file, task)) !== outcome.recordedAt);
    const items = fresh.map(({ suite: { file }, task }) => itemOf(controller, { file, task }));
    if (items.every((item) => item === undefined)) return;
    const included = items.filter((item) => item !== undefined);
    const request = new vscode.TestRunRequest(included, undefined, undefined, false, true);
    const run = controller.createTestRun(request, 'Recorded evaluations', false);
    for (const { suite, task, outcome } of fresh) report(run, suite, task, outcome);
    run.end();
  }

  const refresh = ({ files } = { files: false }) => {
    areFilesStale ||= files;
    return read().catch((error) => log.error(error));
  };

  return {
    get suites() {
      return suites;
    },
    refresh,
    onDidRefresh: refreshed.event,
    hold: (file) => {
      held.add(file);
      return () => {
        held.delete(file);
        void refresh();
      };
    },
    report,
    dispose: () => vscode.Disposable.from(problems, refreshed).dispose(),
  };
}

function keyOf(file: string, task: string): string {
  return `${file}\n${task}`;
}
