import { openStore } from '../../magics/governance/open-store.ts';
import { collectGarbage, collectRemoteGarbage } from '../../magics/governance/remotes/collect-garbage.ts';
import type { TransferProgress } from '../../magics/governance/remotes/progress.ts';
import { openRemote } from '../../magics/governance/remotes/remote.ts';
import { pull as pullObjects, push as pushObjects, type Transfer } from '../../magics/governance/remotes/transfer.ts';
import { progressLine } from '../../magics/jobs/progress.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

const remoteHelp = [
  '  --remote URL   file:///path, s3://bucket/prefix or az://container/prefix;',
  '                 git config llmops.remote when left out',
  '',
  'Credentials come from the environment and the standard files: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or',
  'AWS_PROFILE, AWS_ENDPOINT_URL for other stores; AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with',
  'AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN.',
];

/** `llmops push`: large files to the remote. */
export const push: Command = {
  summary: 'Upload the large files that records name to the remote; goes on where it was interrupted',
  help: ['Usage: llmops push [--remote URL] [--json]', '', ...remoteHelp].join('\n'),
  async run(args, io) {
    const { values } = parseArguments(args, options);
    const store = await openStore(io.folder);
    const remote = await openRemote(store.repository.git, values.remote);
    const done = await pushObjects(store, remote, { onProgress: createPrinter('pushing', io) });
    io.stdout(values.json ? `${JSON.stringify(done)}\n` : `Pushed ${words(done)} to ${remote.url}.\n`);
    return 0;
  },
};

/** `llmops pull [REF]`: large files from the remote. */
export const pull: Command = {
  summary: 'Download the large files of all records, or of one model version, and verify them',
  help: ['Usage: llmops pull [REF] [--remote URL] [--json]', '', ...remoteHelp].join('\n'),
  async run(args, io) {
    const { values, positionals } = parseArguments(args, options, { max: 1 });
    const store = await openStore(io.folder);
    const remote = await openRemote(store.repository.git, values.remote);
    const done = await pullObjects(store, remote, positionals[0], { onProgress: createPrinter('pulling', io) });
    io.stdout(values.json ? `${JSON.stringify(done)}\n` : `Pulled ${words(done)} from ${remote.url}.\n`);
    return 0;
  },
};

/** `llmops gc`: stored files that nothing names any more. */
export const gc: Command = {
  summary: 'Remove stored files that no branch, tag or reflog names any more',
  help: [
    'Usage: llmops gc [--remote URL | --on-remote] [--older-than DAYS] [--dry-run] [--json]',
    '',
    '  --remote URL        remove them there; what any ref of any git remote needs is kept',
    '  --on-remote         the same on the remote of git config llmops.remote',
    '  --older-than DAYS   14 when left out',
    '  --dry-run           only say what would be removed',
  ].join('\n'),
  async run(args, io) {
    const flag = { type: 'boolean' } as const;
    const text = { type: 'string' } as const;
    const known = { remote: text, 'on-remote': flag, 'older-than': text, 'dry-run': flag, json: flag };
    const { values } = parseArguments(args, known);
    const ageDays = Number(values['older-than'] ?? 14);
    if (!(ageDays >= 0)) throw new UsageError(`"${values['older-than']}" is no number of days.`);
    const store = await openStore(io.folder);
    const isRemote = values.remote !== undefined || values['on-remote'] === true;
    const chosen = { ageDays, dryRun: values['dry-run'] };
    const garbage = isRemote
      ? await collectRemoteGarbage(store, await openRemote(store.repository.git, values.remote), chosen)
      : await collectGarbage(store, chosen);
    const verb = values['dry-run'] ? 'Would remove' : 'Removed';
    const said = `${verb} ${garbage.files} files, ${garbage.bytes.toLocaleString('en')} bytes.\n`;
    io.stdout(values.json ? `${JSON.stringify(garbage)}\n` : said);
    return 0;
  },
};

const options = { remote: { type: 'string' }, json: { type: 'boolean' } } as const;

function words({ moved, bytes, present }: Transfer): string {
  return `${moved} files, ${bytes.toLocaleString('en')} bytes (${present} were there)`;
}

const lineEveryMs = { terminal: 100, file: 5000 };

/** Progress with rate and time left on stderr: a line that redraws itself on a terminal, else one every five seconds. */
function createPrinter(phase: string, io: CommandIo): (progress: TransferProgress) => void {
  const startedAt = Date.now();
  let printedAt = startedAt;
  return ({ bytes, totalBytes, bytesPerSecond, leftMs }) => {
    const now = Date.now();
    const isDone = bytes === totalBytes;
    if (now - printedAt < (io.terminal ? lineEveryMs.terminal : lineEveryMs.file) && !(isDone && io.terminal)) return;
    printedAt = now;
    const figures = bytesPerSecond === undefined ? undefined : { bytesPerSecond };
    const progress = { phase, step: bytes, steps: totalBytes, unit: 'bytes', figures, leftMs } as const;
    const { text } = progressLine(progress, now - startedAt);
    io.stderr(io.terminal ? `\r${text}\u001b[K${isDone ? '\n' : ''}` : `${text}\n`);
  };
}
