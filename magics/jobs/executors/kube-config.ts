import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { ServerRequest } from './ask-server.ts';

/** Where Kubernetes' API is, and who asks. */
export interface KubeAccess {
  readonly context: string;
  readonly server: string;
  readonly namespace: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: NonNullable<ServerRequest['tls']>;
}

const text = z.string().optional();
const clusterEntry = z.object({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
});
const userEntry = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  exec: z
    .object({
      command: z.string(),
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    })
    .optional(),
});
const contextEntry = z.object({ cluster: z.string(), user: z.string(), namespace: text });
const named = <T extends z.ZodType>(key: string, entry: T) =>
  z.array(z.object({ name: z.string(), [key]: entry })).nullish();
const kubeConfig = z.object({
  'current-context': text,
  clusters: named('cluster', clusterEntry),
  users: named('user', userEntry),
  contexts: named('context', contextEntry),
});
/** What a program of a cloud answers. Source: ExecCredential of client.authentication.k8s.io/v1. */
const execCredential = z.object({
  status: z.object({ token: text, clientCertificateData: text, clientKeyData: text }),
});

type KubeConfig = z.output<typeof kubeConfig>;
type User = z.output<typeof userEntry>;

/**
 * Access to the cluster of a context, by default the current one, from the first file of `KUBECONFIG` that is there or
 * `~/.kube/config`. A UserError says what is missing in it.
 */
export async function kubeAccess(contextName?: string, env = process.env): Promise<KubeAccess> {
  const files = env.KUBECONFIG?.split(path.delimiter).filter(Boolean) ?? [path.join(os.homedir(), '.kube', 'config')];
  const file = files.find((name) => existsSync(name));
  if (file === undefined) throw configMissing(files);
  const config = await readConfig(file);
  const name = contextName ?? config['current-context'] ?? '';
  const context = find(config.contexts, 'context', contextEntry, name, file);
  const cluster = find(config.clusters, 'cluster', clusterEntry, context.cluster, file);
  const user = await withProgram(find(config.users, 'user', userEntry, context.user, file), path.dirname(file));
  const given = (entry: Readonly<Record<string, unknown>>, key: string) => readGiven(entry, key, path.dirname(file));
  const token =
    user.token ?? (user.tokenFile && readFileSync(path.resolve(path.dirname(file), user.tokenFile), 'utf8'));
  return {
    context: name,
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace ?? 'default',
    headers: token ? { authorization: `Bearer ${token.trim()}` } : {},
    tls: {
      ca: given(cluster, 'certificate-authority'),
      cert: given(user, 'client-certificate'),
      key: given(user, 'client-key'),
      rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
    },
  };
}

/** YAML is read where Kubernetes is asked, and loaded nowhere else. */
async function readConfig(file: string): Promise<KubeConfig> {
  const { parse } = await import('yaml');
  try {
    return kubeConfig.parse(parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw configInvalid(file, error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  }
}

function find<T extends z.ZodType>(
  entries: readonly Readonly<Record<string, unknown>>[] | null | undefined,
  kind: string,
  schema: T,
  name: string,
  file: string,
): z.output<T> {
  const entry = entries?.find((each) => each.name === name);
  if (entry === undefined) throw configInvalid(file, `it has no ${kind} "${name}"`);
  return schema.parse(entry[kind]);
}

/** The text of `KEY-data`, which is in base64, or of the file that `KEY` names. */
function readGiven(entry: Readonly<Record<string, unknown>>, key: string, folder: string): string | undefined {
  const [data, file] = [entry[`${key}-data`], entry[key]];
  if (typeof data === 'string') return Buffer.from(data, 'base64').toString();
  return typeof file === 'string' ? readFileSync(path.resolve(folder, file), 'utf8') : undefined;
}

/** Who a program says that the user is, where a cloud's is named. */
async function withProgram(user: User, cwd: string): Promise<User> {
  if (user.exec === undefined) return user;
  const { command, args, env } = user.exec;
  const added = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const options = { cwd, env: { ...process.env, ...added }, timeout: 30_000 };
  const answer = await promisify(execFile)(command, args ?? [], options).catch((error: Error) => {
    throw programFailed(command, error);
  });
  const { token, clientCertificateData, clientKeyData } = execCredential.parse(JSON.parse(answer.stdout)).status;
  const inBase64 = (pem?: string) => pem && Buffer.from(pem).toString('base64');
  return {
    token,
    'client-certificate-data': inBase64(clientCertificateData),
    'client-key-data': inBase64(clientKeyData),
  };
}

function configMissing(files: readonly string[]): UserError {
  return new UserError(
    `There is no access to a Kubernetes cluster: ${files.join(', ')} is not there. Set KUBECONFIG to the file that kubectl uses.`,
    { offending: 'kubeflow' },
  );
}

function configInvalid(file: string, problem: string): UserError {
  return new UserError(`${file} is not valid: ${problem.replaceAll('\n', ' ')}. See it with: kubectl config view`);
}

function programFailed(command: string, cause: Error): UserError {
  return new UserError(`"${command}", which gives access to the cluster, failed: ${cause.message.split('\n')[0]}`, {
    cause,
  });
}
