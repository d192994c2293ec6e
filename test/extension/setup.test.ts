import { describe, expect, it } from 'vitest';
import { checkSetup, defaultEffects } from '../../extension/setup.ts';

const good = {
  ...defaultEffects,
  findNode: async () => ({ command: 'node', version: 'v20.1.0', env: {} }),
  output: async (command: string, args: readonly string[]) => {
    if (command === 'nvidia-smi') return 'H100, 80 GB';
    return args[0] === '-e' ? '1.30.0' : 'something';
  },
  canListen: async () => true,
  cores: () => 2,
  memoryBytes: () => 8e9,
};
const setup = { nodePath: '', extensionFolder: '/extension', folder: '/work' };

describe('checking the setup', () => {
  it('finds everything in order', async () => {
    const findings = await checkSetup(setup, good);
    expect(findings.every((finding) => finding.good && finding.fix === undefined)).toBe(true);
    expect(findings.map((finding) => finding.name)).toEqual([
      ...['Node', 'Engine', 'git', 'Identity', 'Repository', 'Devices', 'Ports'],
    ]);
    expect(findings[5]!.found).toBe('H100, 80 GB; 2 processor cores, 8.00 GB of memory');
  });

  it('says what to do about everything that is missing, and takes a machine without a GPU as good', async () => {
    const findings = await checkSetup(setup, {
      ...good,
      findNode: async () => ({ command: 'node', version: 'v18.0.0', env: {} }),
      output: async () => undefined,
      canListen: async () => false,
    });
    const bad = findings.filter((finding) => !finding.good);
    expect(bad.map((finding) => finding.name)).toEqual(['Node', 'Engine', 'git', 'Identity', 'Repository', 'Ports']);
    expect(bad.every((finding) => finding.fix !== undefined)).toBe(true);
  });

  it('works on this machine', async () => {
    const findings = await checkSetup({ ...setup, extensionFolder: process.cwd(), folder: process.cwd() });
    const node = findings.find((finding) => finding.name === 'Node');
    expect(node?.good).toBe(true);
    expect(findings.find((finding) => finding.name === 'Engine')?.found).toMatch(/^ONNX Runtime \d/);
  });
});
