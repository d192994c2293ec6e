// npm run quickstart: from a fresh clone to a fine-tuned, evaluated, deployed and recorded model. Needs Node 20 and git, nothing else.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    workspace: { type: 'string', default: 'quickstart' },
    fresh: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    'no-build': { type: 'boolean', default: false },
    // Only makes the workspace: for VS Code.
    prepare: { type: 'boolean', default: false },
  },
});
const top = fileURLToPath(new URL('..', import.meta.url));
const samples = path.join(top, 'sample-notebooks');
const workspace = path.resolve(top, options.workspace);
const shown = path.relative(process.cwd(), workspace) || '.';
const notebook = 'quickstart.ipynb';
const executed = 'quickstart.executed.ipynb';
const report = 'quickstart.report.html';
const cli = path.join(top, 'dist/cli.js');
/** What the workspace starts with. */
const contents = [
  notebook,
  ...['train', 'test', 'novel'].map((set) => `data/schedules-${set}.jsonl`),
  'models/schedule-base',
  ...['cron', 'leakage', 'words', 'random'].map((module) => `schedules/${module}.ts`),
];

checkTools();
if (options.prepare) {
  prepareWorkspace();
  process.exit();
}
if (!existsSync(path.join(top, 'node_modules'))) step('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund']);
if (!options['no-build']) step('Building', process.execPath, ['esbuild.config.mjs']);
prepareWorkspace();
const started = Date.now();
const code = llmops('run', notebook, '-p', `seed=${options.seed}`, '-o', executed);
stopServers();
if (code === 0) {
  // The report that the notebook wrote could not hold outputs that were yet to come.
  llmops('report', executed, '-o', report);
  printSummary((Date.now() - started) / 1000);
}
process.exitCode = code;

function checkTools() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`Node ${process.versions.node} is too old. Install Node 20 or newer.`);
  if (spawnSync('git', ['--version']).status !== 0)
    fail('git is not on the PATH. Install it: records are git commits.');
}

function step(title, command, args) {
  console.log(`\n${title} ...`);
  const { status, error } = spawnSync(command, args, {
    cwd: top,
    stdio: 'inherit',
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (status !== 0) fail(`${title} failed${error ? `: ${error.message}` : ''}. The lines above say why.`);
}

/** Makes the workspace, a git repository of its own. One that exists is used as it is, or moved aside with --fresh. */
function prepareWorkspace() {
  if (existsSync(workspace) && options.fresh) {
    const aside = `${workspace}-${new Date().toISOString().replace(/[:.]/g, '-')}`;
    renameSync(workspace, aside);
    console.log(`\nThe earlier workspace is now ${aside}.`);
  }
  if (existsSync(path.join(workspace, '.git'))) {
    console.log(
      `\nUsing the workspace ${shown} as it is: work that is done is not done again.\n` +
        'For a new one: npm run quickstart -- --fresh (the old one is kept beside it).',
    );
    return;
  }
  if (existsSync(workspace) && readdirSync(workspace).length > 0) {
    fail(`${shown} is neither empty nor a git repository. Move it away, or run: npm run quickstart -- --fresh`);
  }
  console.log(`\nMaking the workspace ${shown}, a git repository of its own ...`);
  mkdirSync(workspace, { recursive: true });
  for (const name of contents) {
    cpSync(path.join(samples, name), path.join(workspace, name), { recursive: true });
  }
  writeFileSync(path.join(workspace, '.gitignore'), '.llmops/\n*.executed.ipynb\n*.html\n');
  git('init', '--quiet', '--initial-branch', 'main');
  if (git('config', '--default', '', 'user.email') === '') {
    git('config', 'user.name', 'Quickstart');
    git('config', 'user.email', 'quickstart@localhost');
  }
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Start from the quickstart');
}

function llmops(...args) {
  const { status } = spawnSync(process.execPath, [cli, ...args], { cwd: workspace, stdio: 'inherit' });
  return status ?? 1;
}

/** Ends the servers that the notebook started and, if it failed, did not stop. */
function stopServers() {
  const { stdout } = spawnSync(process.execPath, [cli, 'jobs', 'list', '--json'], { cwd: workspace, encoding: 'utf8' });
  for (const job of JSON.parse(stdout || '[]')) {
    const isOurs = job.kind === 'serve' && job.status === 'running' && Date.parse(job.createdAt) >= started;
    if (isOurs) llmops('jobs', 'cancel', job.id);
  }
}

function printSummary(seconds) {
  const model = JSON.parse(readFileSync(path.join(workspace, 'llmops/models/cron-lora/model.json'), 'utf8'));
  const scores = evaluations(`${model.name}@${model.version}`).map(({ task, metrics, baselineMetrics }) => {
    const before = baselineMetrics ? `${percent(baselineMetrics.sameSchedule)} before, ` : '';
    return `${task}: ${before}${percent(metrics.sameSchedule)} after fine-tuning`;
  });
  const lines = [
    ['Score', scores],
    ['Version', [`${model.name}@${model.version} (a tag: git -C ${shown} show ${model.name}@${model.version})`]],
    ['Endpoint', endpointAnswers()],
    ['Records', git('log', '--oneline', '--decorate', '--max-count', '20').split('\n')],
    ['Report', [path.join(shown, report)]],
    ['Notebook', [`${path.join(shown, executed)}, run in ${seconds.toFixed(0)} s`]],
  ];
  console.log('\nSummary');
  for (const [title, [first, ...rest]] of lines) {
    console.log(`  ${title.padEnd(9)} ${first ?? ''}`);
    for (const line of rest) console.log(`${' '.repeat(12)}${line}`);
  }
  console.log('\nNext: npm run vscode opens the quickstart in VS Code.');
}

/** The newest evaluation of each data set. */
function evaluations(model) {
  const folder = path.join(workspace, 'llmops/evals');
  const records = readdirSync(folder).map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
  const newest = new Map();
  for (const record of records.sort((a, b) => a.createdAt.localeCompare(b.createdAt))) {
    if (record.model === model) newest.set(record.task, record);
  }
  return [...newest.values()];
}

/** What the cell that asks the endpoint printed. */
function endpointAnswers() {
  const { cells } = JSON.parse(readFileSync(path.join(workspace, executed), 'utf8'));
  const cell = cells.find(({ id }) => id === 'ask');
  const output = cell?.outputs.find(({ data }) => data?.['text/plain'])?.data['text/plain'];
  return [output ?? []].flat().join('').split('\n');
}

function percent(figure) {
  if (figure.value === null) return 'undetermined';
  const interval =
    figure.low === undefined ? '' : ` [${(100 * figure.low).toFixed(1)}, ${(100 * figure.high).toFixed(1)}]`;
  return `${(100 * figure.value).toFixed(1)}%${interval}`;
}

function git(...args) {
  return execFileSync('git', args, { cwd: workspace, encoding: 'utf8' }).trim();
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
