// What the suites need beyond npm packages. As root on Debian it is installed; elsewhere what is missing is named.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const needs = [
  {
    suite: 'Jupyter clients',
    packages: ['python3-venv', 'chromium', 'fonts-dejavu-core'],
    // Puts them into test/.cache the first time.
    works: () => hasChromium() && runs(process.execPath, ['test/run.mjs', 'test/jupyter/make-venv.ts'], 'inherit'),
  },
  {
    suite: 'MLflow',
    packages: ['python3-venv'],
    // Puts its server into test/.cache the first time.
    works: () => runs(process.execPath, ['test/run.mjs', 'test/mlflow/make-venv.ts'], 'inherit'),
  },
  {
    suite: 'Ray',
    packages: ['python3-venv'],
    // Puts it into test/.cache the first time.
    works: () => runs(process.execPath, ['test/run.mjs', 'test/ray/make-venv.ts'], 'inherit'),
  },
  {
    suite: 'Object stores',
    packages: ['git-lfs'],
    // Puts the emulators, from npm, into test/.cache the first time.
    works: () =>
      isInstalled('git-lfs') &&
      runs(process.execPath, ['test/run.mjs', 'test/object-stores/install-emulators.ts'], 'inherit'),
  },
  {
    suite: 'Slurm',
    packages: ['slurmctld', 'slurmd', 'slurm-client', 'munge'],
    // A cluster is started by root alone.
    works: () => process.getuid?.() === 0 && ['slurmctld', 'slurmd', 'munged', 'sbatch'].every(isInstalled),
  },
  {
    suite: 'VS Code in a browser',
    packages: ['chromium', 'fonts-dejavu-core'],
    works: hasChromium,
  },
  {
    suite: 'training and decoding on WebGPU without a graphics device',
    packages: ['chromium', 'libvulkan1'],
    works: () =>
      existsSync('/usr/lib/chromium/vk_swiftshader_icd.json') &&
      runs('sh', ['-c', '/sbin/ldconfig -p | grep -q libvulkan.so.1']),
  },
];

/** Installs what it may and returns the suites that cannot run here. */
export function prepareMachine() {
  const missing = needs.filter((need) => !need.works());
  if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const packages = missing.flatMap((need) => need.packages);
    console.log(`Installing ${packages.join(' ')} ...`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
    withoutStartingServices(() =>
      execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env,
      }),
    );
  }
  return needs.filter((need) => !need.works()).map((need) => need.suite);
}

/** Slurm's packages would start their daemons; the tests start their own. Source: invoke-rc.d(8). */
function withoutStartingServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  const isMine = !existsSync(policy);
  if (isMine) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    if (isMine) rmSync(policy);
  }
}

function isInstalled(command) {
  return runs('which', [command]);
}

function hasChromium() {
  return ['chromium', 'chromium-browser', 'google-chrome'].some((name) => runs(name, ['--version']));
}

function runs(command, args, stdio = 'ignore') {
  return spawnSync(command, args, { stdio }).status === 0;
}
