import { approve as approveVersion } from '../../magics/governance/approvals.ts';
import { findVersion } from '../../magics/governance/find-version.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import {
  checkLines,
  deprecate as deprecateVersion,
  type Promotion,
  promote as promoteVersion,
  rollback as rollbackStage,
  unassign,
} from '../../magics/governance/promote.ts';
import { mintMerged, requestPromotion } from '../../magics/governance/pull-request.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { parseArguments } from './parse-arguments.ts';
import { shortTime, textTable } from './text-table.ts';

/** `llmops promote REF STAGE`: a stage tag, a branch that asks for one, or the tags of merged requests. */
export const promote: Command = {
  summary: 'Put a model version in a stage, when the policy allows it',
  help: [
    'Usage: llmops promote REF STAGE [--pull-request] [--json]',
    '       llmops promote --merged [--json]',
    '',
    '  --pull-request   make a branch with the request and its evidence instead of the tag',
    '  --merged         mint the tags of all requests that have been merged into this branch',
  ].join('\n'),
  async run(args, io) {
    const options = { 'pull-request': { type: 'boolean' }, merged: { type: 'boolean' }, json } as const;
    const { values, positionals } = parseArguments(args, options, { max: 2 });
    const [ref, stage] = positionals;
    const store = await openStore(io.folder);
    if (values.merged) {
      const made = await mintMerged(store);
      return print(io, values.json, made, made.map(told).join('') || 'No merged promotion waits for its tag.\n');
    }
    if (ref === undefined || stage === undefined) throw new UsageError('REF and STAGE are missing.');
    if (values['pull-request']) {
      const request = await requestPromotion(store, ref, stage);
      const { branch, description } = request;
      const next = `Push it and open a pull request with the text of ${description}:\n  git push origin ${branch}\n`;
      return print(io, values.json, request, `Branch ${branch} asks to promote ${ref} to ${stage}. ${next}`);
    }
    const promotion = await promoteVersion(store, ref, stage);
    return print(io, values.json, promotion, told(promotion));
  },
};

/** `llmops rollback NAME STAGE` */
export const rollback: Command = {
  summary: 'Put the version that was in a stage before back in it',
  help: 'Usage: llmops rollback NAME STAGE [--json]',
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { json }, { min: 2, max: 2 });
    const promotion = await rollbackStage(await openStore(io.folder), positionals[0]!, positionals[1]!);
    return print(io, values.json, promotion, told(promotion));
  },
};

/** `llmops deprecate REF [--stage STAGE]` */
export const deprecate: Command = {
  summary: 'Take a model version out of a stage, or it or the whole model out of use',
  help: [
    'Usage: llmops deprecate REF [--stage STAGE] [--reason TEXT] [--json]',
    '',
    '  --stage STAGE   only end its time in this stage',
  ].join('\n'),
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { reason: text, stage: text, json }, onlyOne);
    const { reason, stage } = values;
    const ref = positionals[0]!;
    const store = await openStore(io.folder);
    const tag = await (stage === undefined
      ? deprecateVersion(store, ref, reason)
      : unassign(store, ref, stage, reason));
    const said = stage === undefined ? 'deprecated' : `out of ${stage}`;
    return print(io, values.json, { ref, tag }, `${ref} is ${said}: tag ${tag}\n`);
  },
};

/** `llmops approve REF`: a signed commit. */
export const approve: Command = {
  summary: 'Approve a model version for a stage with a commit signed by your SSH key',
  help: [
    'Usage: llmops approve REF [--stage STAGE] [--comment TEXT] [--key FILE] [--json]',
    '',
    '  --stage STAGE   production when left out',
    "  --key FILE      SSH key to sign with; git's user.signingkey when left out",
  ].join('\n'),
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { stage: text, comment: text, key: text, json }, onlyOne);
    const { stage = 'production', comment, key } = values;
    const store = await openStore(io.folder);
    const { ref, commit } = (await findVersion(store, positionals[0]!)).version;
    const made = await approveVersion(store, { model: ref, commit, stage, comment, key });
    const said = `${ref} is approved for ${stage}: ${made.id}, commit ${made.commit.slice(0, 7)}\n`;
    return print(io, values.json, made, said);
  },
};

/** `llmops history NAME`: every version and stage change. */
export const history: Command = {
  summary: 'Show versions and stage changes of a model, newest first',
  help: 'Usage: llmops history NAME [--json]',
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { json }, onlyOne);
    const store = await openStore(io.folder);
    const { version, tags } = await findVersion(store, positionals[0]!);
    const byCommit = new Map(tags.filter((t) => t.action === 'register').map((t) => [t.commit, t.version]));
    const events = tags
      .map((tag) => ({ ...tag, version: tag.version ?? byCommit.get(tag.commit) }))
      .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || b.counter - a.counter);
    const rows = events.map(({ createdAt, action, version: of = '-', stage = '-', commit, by, tag }) => {
      return [shortTime(createdAt), action, of, stage, commit.slice(0, 7), by.replace(/ <.*/, ''), tag];
    });
    const columns = ['time', 'action', 'version', 'stage', 'commit', 'by', 'tag'];
    return print(io, values.json, events, rows.length === 0 ? `${version.name}: nothing\n` : textTable(columns, rows));
  },
};

const json = { type: 'boolean' } as const;
const text = { type: 'string' } as const;
const onlyOne = { min: 1, max: 1 };

function told({ ref, stage, tag, checks }: Promotion): string {
  const lines = checkLines(checks).map((line) => `  ${line}\n`);
  return `${ref} is in ${stage} now: tag ${tag}\n${lines.join('')}`;
}

function print(io: CommandIo, asJson: boolean | undefined, value: unknown, text: string): number {
  io.stdout(asJson ? `${JSON.stringify(value, null, 2)}\n` : text);
  return 0;
}
