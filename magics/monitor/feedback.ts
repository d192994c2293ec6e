import type { MagicContext } from '../context.ts';
import { deploymentFiles, type Feedback, type LoggedRequest } from '../deploy/logs.ts';
import { deploymentStatus } from '../deploy/status.ts';
import { UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import { block } from '../html.ts';
import type { FeedbackOptions } from './options.ts';

/** Notes a thumbs up or down on an answered request, as POST /v1/feedback does. */
export async function giveFeedback(options: FeedbackOptions, context: MagicContext): Promise<Feedback> {
  const { name, value, rationale } = options;
  const store = await openStore(context.folder);
  await deploymentStatus(context.folder, name);
  const files = deploymentFiles(store.folder, name);
  const request = findRequest(await files.requests.read(), options.request, name);
  const feedback: Feedback = {
    time: new Date().toISOString(),
    requestId: request.id,
    name: 'thumbs',
    value,
    ...(rationale !== undefined && { rationale }),
    source: 'notebook',
  };
  await files.feedback.append(feedback);
  const about = request.input === undefined ? request.id : `"${request.input.slice(0, 80)}"`;
  context.display(block(`${name}: thumbs ${value} on ${about}${rationale === undefined ? '' : `: ${rationale}`}`));
  return feedback;
}

function findRequest(requests: readonly LoggedRequest[], id: string | undefined, name: string): LoggedRequest {
  const answered = requests.filter(({ status, endpoint }) => status === 200 && endpoint !== 'embeddings');
  const found = id === undefined ? answered.at(-1) : requests.find((request) => request.id === id);
  if (found === undefined) throw id === undefined ? noRequests(name) : requestNotFound(id, name, answered);
  return found;
}

function noRequests(name: string): UserError {
  return new UserError(`"${name}" has answered no request yet: await ${name}.chat('...')`);
}

function requestNotFound(id: string, name: string, answered: readonly LoggedRequest[]): UserError {
  const last = answered.slice(-3).map((request) => request.id);
  const rest = last.length === 0 ? '' : ` The last ones: ${last.join(', ')}.`;
  return new UserError(`"${name}" has no request "${id}".${rest} Answers carry their id as "id".`, { offending: id });
}
