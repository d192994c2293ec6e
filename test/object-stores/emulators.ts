import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../magics/governance/repository-fixture.ts';

const folder = path.resolve('test/.cache/emulators');
const marker = path.join(folder, 'installed.json');
/** The stores' emulators: no dependencies, for they bring hundreds of packages that nothing else needs. */
const wanted = JSON.stringify({ dependencies: { azurite: '3.35.0', s3rver: '3.7.1' }, private: true });

/** Puts the emulators, from npm, under test/.cache, unless they are there. Throws where they cannot be had. */
export function installEmulators(): void {
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  process.stdout.write('Getting the emulators of object stores from npm ...\n');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), wanted);
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'];
  const shell = process.platform === 'win32';
  execFileSync('npm', ['install', ...options, '--prefix', folder], { stdio: 'inherit', shell });
  writeFileSync(marker, wanted);
}

/** A running emulator. */
export interface Emulator {
  readonly port: number;
  stop(): Promise<void>;
}

/** The key that s3rver accepts; an id and a secret that everyone knows. */
export const s3Key = { id: 'S3RVER', secret: 'S3RVER' };

/** S3 with the bucket `weights`. */
export function startS3(): Promise<Emulator> {
  const place = ['--directory', makeFolder(), '--address', '127.0.0.1', '--port', '0'];
  return start('s3rver/bin/s3rver.js', [...place, '--configure-bucket', 'weights'], /listening on \S+:(\d+)/);
}

/** The key of Azurite's account; everyone knows it. Source: Azurite's documentation. */
const azureKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** What `AZURE_STORAGE_CONNECTION_STRING` says to reach Azurite at a port. */
export function azureConnection(port: number): string {
  const endpoint = `http://127.0.0.1:${port}/devstoreaccount1`;
  return `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${azureKey};BlobEndpoint=${endpoint};`;
}

/** Azure Blob Storage, in memory, without a container. */
export function startAzure(): Promise<Emulator> {
  const place = ['--blobHost', '127.0.0.1', '--blobPort', '0', '--inMemoryPersistence'];
  const options = [...place, '--skipApiVersionCheck', '--disableTelemetry'];
  return start('azurite/dist/src/blob/main.js', options, /listens on http:\/\/127\.0\.0\.1:(\d+)/);
}

async function start(program: string, args: readonly string[], listening: RegExp): Promise<Emulator> {
  const file = path.join(folder, 'node_modules', program);
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: makeFolder() });
  const port = await portOf(child, listening);
  return {
    port,
    async stop() {
      const exit = once(child, 'exit');
      child.kill();
      await Promise.race([exit, sleep(5000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
      await exit;
    },
  };
}

function portOf(child: ChildProcess, listening: RegExp): Promise<number> {
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString();
      const port = listening.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => reject(new Error(`The emulator ended: ${said}`)));
  });
}
