import path from 'node:path';
import * as vscode from 'vscode';
import { openStore } from '../../magics/governance/open-store.ts';
import { openJob } from '../../magics/jobs/index.ts';
import { jobFile } from '../../magics/jobs/job-folder.ts';
import { cardMissing, logMissing } from '../errors.ts';
import { type DrawChart, recordPage } from '../views/open-record.ts';
import type { Pages } from '../views/pages.ts';
import type { RecordTarget, TreeNode } from '../views/tree-node.ts';
import { registerCommand } from './register-command.ts';

/** Registers what the entries of the trees can do. */
export function registerRecordCommands(pages: Pages, drawChart: DrawChart): vscode.Disposable {
  const command = (name: string, run: (target: RecordTarget) => Promise<unknown>) =>
    registerCommand(`llmops.${name}`, async (node?: TreeNode) => {
      if (node?.target !== undefined) await run(node.target);
    });
  const openPage = async (target: RecordTarget) => {
    const { id, title, content } = await recordPage(target, drawChart);
    pages.open(id, title, content);
  };
  return vscode.Disposable.from(
    command('openRecord', openPage),
    command('showChart', openPage),
    command('openCard', openCard),
    command('copyReference', async (target) => vscode.env.clipboard.writeText(referenceOf(target))),
    command('showLog', showLog),
    command('stopJob', stopJob),
    registerCards(),
  );
}

/** What cells and commands call a record by. */
export function referenceOf(target: RecordTarget): string {
  switch (target.kind) {
    case 'model':
      return target.name;
    case 'version':
      return target.ref;
    case 'run':
    case 'job':
      return target.id;
  }
}

const cardScheme = 'llmops-card';

/** Model cards as they are in git at one version. */
function registerCards(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(cardScheme, {
    provideTextDocumentContent: async (uri) => {
      const { folder, name, at } = JSON.parse(uri.query);
      const card = await (await openStore(folder)).readFile(`llmops/models/${name}/README.md`, { at });
      if (card === undefined) throw cardMissing(name);
      return card.replace(/^---\n[\s\S]*?\n---\n/, '');
    },
  });
}

async function openCard(target: RecordTarget): Promise<void> {
  if (target.kind !== 'model' && target.kind !== 'version') return;
  const { folder, name } = target;
  const at = target.kind === 'version' ? `refs/tags/${target.ref}` : 'HEAD';
  const title = target.kind === 'version' ? target.ref : name;
  const query = JSON.stringify({ folder, name, at });
  const uri = vscode.Uri.from({ scheme: cardScheme, path: `/${title}.md`, query });
  await vscode.workspace.openTextDocument(uri);
  await vscode.commands.executeCommand('markdown.showPreview', uri);
}

async function showLog(target: RecordTarget): Promise<void> {
  if (target.kind !== 'run' && target.kind !== 'job') return;
  const id = target.kind === 'run' ? target.job : target.id;
  const job = await openJob(target.folder, id).catch(() => undefined);
  if (job === undefined) throw logMissing(id);
  await vscode.window.showTextDocument(vscode.Uri.file(path.join(job.folder, jobFile.log)));
}

async function stopJob(target: RecordTarget): Promise<void> {
  if (target.kind !== 'job') return;
  const job = await openJob(target.folder, target.id);
  const choice = await vscode.window.showWarningMessage(
    `Stop "${job.spec.title}"? What it has saved so far stays.`,
    { modal: true },
    'Stop',
  );
  if (choice === 'Stop') await job.cancel();
}
