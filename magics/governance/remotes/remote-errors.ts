import { isUserError, UserError } from '../../errors.ts';

const known = 'file:///path, s3://bucket/prefix or az://container/prefix';

export function remoteMissing(): UserError {
  return new UserError(
    'There is no remote for large files. Name one with --remote URL, or once with: ' +
      `git config llmops.remote URL (${known})`,
  );
}

export function remoteUnknown(url: string): UserError {
  return new UserError(`"${url}" is no remote for large files. Use ${known}.`, { offending: url });
}

export function credentialsInUrl(): UserError {
  return new UserError(
    'The URL of a remote may not hold credentials: it is kept in git’s configuration and shown in messages. ' +
      'Put them where the tools of the store look for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or ~/.aws, ' +
      'AZURE_STORAGE_CONNECTION_STRING.',
  );
}

export function objectNowhere(path: string, url: string): UserError {
  return objectsNowhere([path], url);
}

export function objectsNowhere(paths: readonly string[], url: string): UserError {
  const [files, them] = paths.length === 1 ? ['file', 'it'] : ['files', 'them'];
  return new UserError(
    `Not on ${url}: the ${files} ${firstOf(paths)}. Push ${them} from a copy of the repository that has ${them}: llmops push`,
  );
}

export function downloadDamaged(path: string, url: string): UserError {
  return new UserError(
    `What ${url} holds for ${path} is damaged: its content does not have the digest of its name. ` +
      'Remove it there and push it again from a copy that has it: llmops push',
  );
}

export function objectUrlMissing(url: string): UserError {
  return new UserError(`There is no ${url}.`, { offending: url });
}

export function downloadInUse(file: string): UserError {
  return new UserError(`Another process is still downloading ${file}. Run this again when it is done.`);
}

export function objectChanged(url: string): UserError {
  return new UserError(`${url} was changed while it was read. Run this again.`);
}

export function azureCredentialsMissing(): UserError {
  return new UserError(
    'No credentials for Azure were found. Set AZURE_STORAGE_CONNECTION_STRING, ' +
      'or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN.',
  );
}

export function remoteShared(url: string): UserError {
  return new UserError(
    `${url} holds files of another repository too, whose branches are not known here, so nothing is removed from it. ` +
      'Give each repository a prefix of its own.',
  );
}

export function refsUnknown(remote: string, refs: readonly string[]): UserError {
  return new UserError(
    `The git remote ${remote} has branches or tags whose commits are not here (${firstOf(refs)}), ` +
      'and nobody can tell which files they need. Fetch them first: git fetch --all --tags',
  );
}

export function refsUnreachable(remote: string, problem: string): UserError {
  return new UserError(
    `The git remote ${remote} does not answer, so nobody can tell which files its branches need: ${problem}`,
  );
}

export function historyShallow(): UserError {
  return new UserError(
    'This is a shallow clone: older records are not here, and nobody can tell which files they need. ' +
      'Fetch them first: git fetch --unshallow',
  );
}

/** A failure of an object store in words that say what to do; secrets and headers of the request are left behind. */
export function storeFailure(url: string, error: unknown): Error {
  if (isUserError(error)) return error;
  const { name = '', code, message = '', statusCode, $metadata } = error as StoreError;
  const words = `${name} ${code ?? ''}`;
  const status = statusCode ?? $metadata?.httpStatusCode;
  if (name === 'AbortError' && error instanceof Error) return error;
  if (/CredentialsProviderError|could not load credentials/i.test(`${words} ${message}`)) {
    return new UserError(
      `No credentials for ${url} were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE with ~/.aws.`,
    );
  }
  if (/NoSuchBucket|ContainerNotFound/.test(words)) return new UserError(`The bucket of ${url} does not exist.`);
  if (status === 401 || status === 403) {
    return new UserError(
      `${url} refuses these credentials (${code ?? name}). Check which ones are set, and their rights.`,
    );
  }
  if (status === 412) return objectChanged(url);
  if (status === undefined || status >= 500) {
    const why = message.split('\n')[0] || code || name;
    return new UserError(`${url} cannot be reached: ${why}. Run this again: it goes on where it stopped.`);
  }
  return new UserError(`${url} answered: ${message.split('\n')[0] || code || name}`);
}

function firstOf(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `${names.slice(0, 3).join(', ')}${more}`;
}

interface StoreError {
  name?: string;
  code?: string;
  message?: string;
  statusCode?: number;
  $metadata?: { httpStatusCode?: number };
}
