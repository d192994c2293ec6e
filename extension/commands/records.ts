import path from 'node:path';
import * as vscode from 'vscode';
import { openStore } from '../../magics/governance/open-store.ts';
import { stageNames } from '../../magics/governance/policy.ts';
import { promote } from '../../magics/governance/promote.ts';
import { openJob } from '../../magics/jobs/index.ts';
import { cardMissing, jobNotResumed, logMissing } from '../errors.ts';
import { findNode } from '../node-program.ts';
import { runProgram } from '../run-program.ts';
import { type DrawChart, recordPage } from '../views/open-record.ts';
import type { Pages } from '../views/pages.ts';
import type { RecordTarget, TreeNode } from '../views/tree-node.ts';
import { followLog } from './job-log.ts';
import { registerCommand } from './register-command.ts';

/** Registers what the entries of the trees can do. */
export function registerRecordCommands(pages: Pages, drawChart: DrawChart, distFolder: string): vscode.Disposable {
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
    command('promote', promoteVersion),
    command('copyReference', async (target) => vscode.env.clipboard.writeText(referenceOf(target))),
    command('showLog', showLog),
    command('stopJob', stopJob),
    command('resumeJob', (target) => resumeJob(target, distFolder)),
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
  const at = target.kind === 'version' ? `refs/tags/${target.ref}` : undefined;
  const title = target.kind === 'version' ? target.ref : name;
  const query = JSON.stringify({ folder, name, at });
  const uri = vscode.Uri.from({ scheme: cardScheme, path: `/${title}.md`, query });
  await vscode.workspace.openTextDocument(uri);
  await vscode.commands.executeCommand('markdown.showPreview', uri);
}

/** Asks for the stage; a refusal by the policy is shown with its rules. */
async function promoteVersion(target: RecordTarget): Promise<void> {
  if (target.kind !== 'version') return;
  const store = await openStore(target.folder);
  const stage = await vscode.window.showQuickPick(await stageNames(store), { title: `Promote ${target.ref} to` });
  if (stage === undefined) return;
  const { tag } = await promote(store, target.ref, stage);
  void vscode.window.showInformationMessage(`${target.ref} is in ${stage} now: tag ${tag}`);
}

async function showLog(target: RecordTarget): Promise<void> {
  if (target.kind !== 'run' && target.kind !== 'job') return;
  const id = target.kind === 'run' ? target.job : target.id;
  const isThere = await openJob(target.folder, id).catch(() => undefined);
  if (isThere === undefined) throw logMissing(id);
  void followLog(target.folder, id);
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

/** Through the command line: a worker is started by the Node that runs kernels, not by the one inside VS Code. */
async function resumeJob(target: RecordTarget, distFolder: string): Promise<void> {
  if (target.kind !== 'job') return;
  const node = await findNode(vscode.workspace.getConfiguration('llmops').get('nodePath', ''));
  const args = [path.join(distFolder, 'cli.js'), 'jobs', 'resume', target.id, '--detach'];
  const { code, output } = await runProgram(node, args, target.folder);
  if (code !== 0) throw jobNotResumed(target.id, output);
}
