import { describe, expect, it } from 'vitest';
import { findNode } from '../../extension/node-program.ts';

const effects = (versions: Record<string, string>) => ({
  env: { PATH: '/bin', VSCODE_PID: '1', NODE_OPTIONS: '--inspect', ELECTRON_RUN_AS_NODE: '1' },
  execPath: '/opt/code',
  ownVersion: 'v22.1.0',
  version: async (command: string) => versions[command],
});

describe('finding Node', () => {
  it('takes the one on the PATH when it is new enough, in a clean environment', async () => {
    expect(await findNode('', effects({ node: 'v20.11.1' }))).toEqual({
      command: 'node',
      version: 'v20.11.1',
      env: { PATH: '/bin' },
    });
  });

  it.each([{ node: 'v18.20.0' }, {}])('takes the one inside VS Code for %j', async (versions) => {
    const node = await findNode('', effects(versions as Record<string, string>));
    expect(node).toMatchObject({ command: '/opt/code', version: 'v22.1.0', env: { ELECTRON_RUN_AS_NODE: '1' } });
  });

  it('takes the one that the setting names, whatever it is', async () => {
    expect(await findNode('/my/node', effects({}))).toMatchObject({ command: '/my/node', version: 'unknown' });
  });
});
