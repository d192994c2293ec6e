import * as vscode from 'vscode';
import type { Repository } from '../../magics/governance/repository.ts';
import { changeMark } from './change-mark.ts';
import { openStores } from './repositories.ts';

const quietMs = 300;
/** Longest time that a steady stream of changes holds back a refresh. */
const patienceMs = 1000;
/** File system notices are fast but not certain: of folders made within a new folder they often miss what happens. */
const lookMs = 2000;

/** Calls back soon after records, tags, branches or jobs of an open folder's repository have changed on disk, whoever changed them. */
export function watchRecords(onChange: () => void): vscode.Disposable {
  const look = lookAtRepositories(() => soon());
  const soon = debounce(
    () => {
      look.reopen();
      onChange();
    },
    quietMs,
    patienceMs,
  );
  let watchers = watchFolders(soon);
  const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => {
    vscode.Disposable.from(...watchers).dispose();
    watchers = watchFolders(soon);
    soon();
  });
  return new vscode.Disposable(() => vscode.Disposable.from(...watchers, look, folders).dispose());
}

const patterns = ['llmops/**', '.git/{HEAD,packed-refs}', '.git/refs/**', '.llmops/jobs/*/{spec.json,events.jsonl}'];

function watchFolders(onChange: () => void): vscode.Disposable[] {
  return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
    patterns.map((pattern) => {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, pattern));
      watcher.onDidChange(onChange);
      watcher.onDidCreate(onChange);
      watcher.onDidDelete(onChange);
      return watcher;
    }),
  );
}

/** Looks at the open repositories every two seconds, also where they begin above the open folders. */
function lookAtRepositories(onChange: () => void): vscode.Disposable & { reopen(): void } {
  let repositories = openRepositories();
  let before: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async () => {
    const marks = (await Promise.all((await repositories).map(changeMark))).join('\n');
    if (before !== undefined && marks !== before) onChange();
    before = marks;
    if (!isOver) timer = setTimeout(look, lookMs);
  };
  void look();
  return {
    reopen: () => {
      repositories = openRepositories();
    },
    dispose: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/** None where git cannot say: the trees tell why. */
async function openRepositories(): Promise<Repository[]> {
  const stores = await openStores().catch(() => []);
  return stores.map((store) => store.repository);
}

function debounce(action: () => void, quiet: number, patience: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let first = 0;
  return () => {
    const now = Date.now();
    if (timer === undefined) first = now;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        timer = undefined;
        action();
      },
      Math.max(0, Math.min(quiet, first + patience - now)),
    );
  };
}
