import type { MimeBundle } from '../context.ts';
import { textTable } from '../dataset/display.ts';
import { block, details, html, table } from '../html.ts';
import type { ServePayload, ServerReady } from './payload.ts';
import type { DeploymentStatus } from './status.ts';

/** The block of a deployment that has started (or was running already, when there is no commit). */
export function deploymentBlock(started: {
  payload: ServePayload;
  ready: ServerReady;
  commit?: string;
  replaced: boolean;
}): MimeBundle {
  const { payload, ready, commit, replaced } = started;
  const { name, model, logText } = payload;
  const state = commit === undefined ? 'was running already' : `committed ${commit.slice(0, 7)}`;
  const headline = `${name}: ${model} answers at ${ready.url}; on ${ready.device}; ${state}`;
  const notes = [
    ...(replaced ? ['The server that ran under this name before was stopped.'] : []),
    logText
      ? `Requests are logged with their text on this machine, in .llmops/deployments/${name}/; --no-log-text leaves the text out.`
      : `Requests are logged without their text in .llmops/deployments/${name}/.`,
  ];
  const next = [`await ${name}.chat('...')`, `%monitor ${name}`, `%deploy stop ${name}`];
  const list = html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
  const commands = html`<p>Next: ${next.map((command, i) => html`${i > 0 ? ' · ' : ''}<code>${command}</code>`)}</p>`;
  const call = details('From other programs', html`<pre>${curl(payload, ready)}</pre>`);
  return block(headline, [commands, list, call], [...notes, `Next: ${next.join(' · ')}`]);
}

/** A table of deployments. */
export function statusBlock(statuses: readonly DeploymentStatus[]): MimeBundle {
  if (statuses.length === 0) return block('No deployments yet. Make one with: %deploy MODEL --as NAME');
  const running = statuses.filter(({ state }) => state === 'running').length;
  const headline = `${statuses.length} deployment${statuses.length === 1 ? '' : 's'}, ${running} running`;
  const names = ['name', 'model', 'state', 'address', 'since', ''];
  const rows = statuses.map(({ name, model, state, url, since, detail }) => [
    name,
    model,
    state,
    state === 'running' ? url : '',
    since.slice(0, 16).replace('T', ' '),
    detail,
  ]);
  return block(
    headline,
    [
      table(
        names.map((name) => ({ name })),
        rows,
      ),
    ],
    textTable(names, rows),
  );
}

function curl({ name, model, key }: ServePayload, { url }: ServerReady): string {
  const secret = 'variable' in key ? `$${key.variable}` : `$(cat .llmops/deployments/${name}/key)`;
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: '...' }] });
  return `curl ${url}/chat/completions -H "Authorization: Bearer ${secret}" \\\n  -H 'Content-Type: application/json' -d '${body}'`;
}
