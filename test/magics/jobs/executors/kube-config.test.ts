import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { kubeAccess } from '../../../../magics/jobs/executors/kube-config.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';

const inBase64 = (text: string) => Buffer.from(text).toString('base64');

/** Environment with a configuration of one cluster, whose user and cluster have these. */
function makeConfig(user: object, cluster: object = {}, others: object = {}) {
  const folder = makeFolder();
  const config = {
    'current-context': 'one',
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://k8s.example:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    ...others,
  };
  const file = path.join(folder, 'config');
  writeFileSync(file, stringify(config));
  return { folder, file, env: { KUBECONFIG: `/nowhere${path.delimiter}${file}` } };
}

describe('access to Kubernetes', () => {
  it('is that of the current context: server, namespace, token', async () => {
    expect(await kubeAccess(undefined, makeConfig({ token: 'abc' }).env)).toEqual({
      context: 'one',
      server: 'https://k8s.example:6443',
      namespace: 'default',
      headers: { authorization: 'Bearer abc' },
      tls: { ca: undefined, cert: undefined, key: undefined, rejectUnauthorized: true },
    });
  });

  it('takes certificates from the file itself and from those that it names', async () => {
    const { folder, env } = makeConfig(
      { 'client-certificate': 'cert.pem', 'client-key-data': inBase64('KEY'), tokenFile: 'token' },
      { 'certificate-authority-data': inBase64('CA'), 'insecure-skip-tls-verify': true },
    );
    writeFileSync(path.join(folder, 'cert.pem'), 'CERT');
    writeFileSync(path.join(folder, 'token'), 'from-file\n');
    expect(await kubeAccess(undefined, env)).toMatchObject({
      headers: { authorization: 'Bearer from-file' },
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY', rejectUnauthorized: false },
    });
  });

  it.skipIf(process.platform === 'win32')('asks the program of a cloud who the user is', async () => {
    const exec = { command: './login', args: ['--cluster', 'c'], env: [{ name: 'PROFILE', value: 'team' }] };
    const { folder, env } = makeConfig({ exec });
    const answer = `{"status": {"token": "'$PROFILE-$2'", "clientCertificateData": "CERT"}}`;
    writeFileSync(path.join(folder, 'login'), `#!/bin/sh\necho '${answer}'\n`);
    chmodSync(path.join(folder, 'login'), 0o755);
    expect(await kubeAccess(undefined, env)).toMatchObject({
      headers: { authorization: 'Bearer team-c' },
      tls: { cert: 'CERT' },
    });
    const broken = makeConfig({ exec: { command: './nothing' } });
    await expect(kubeAccess(undefined, broken.env)).rejects.toThrow(
      /^"\.\/nothing", which gives access to the cluster, failed/,
    );
  });

  it('what is missing is named', async () => {
    const { env, file } = makeConfig({});
    await expect(kubeAccess('two', env)).rejects.toThrow(`${file} is not valid: it has no context "two"`);
    await expect(kubeAccess(undefined, { KUBECONFIG: '/nowhere' })).rejects.toThrow(
      /\/nowhere is not there\. Set KUBECONFIG/,
    );
    const broken = makeConfig({}, {}, { clusters: [{ name: 'c', cluster: {} }] });
    await expect(kubeAccess(undefined, broken.env)).rejects.toThrow(/is not valid: .*server/);
  });
});
