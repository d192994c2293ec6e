// What the suites need beyond npm packages. As root on Debian it is installed; elsewhere what is missing is named.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const needs = [
  {
    suite: 'Jupyter clients',
    packages: ['python3-jupyter-client', 'python3-nbclient', 'python3-jupyter-kernel-test', 'jupyter-nbconvert'],
    works: () => runs('/usr/bin/python3', ['-c', 'import jupyter_client, nbclient, nbconvert, jupyter_kernel_test']),
  },
  {
    suite: 'VS Code in a browser',
    packages: ['chromium', 'fonts-dejavu-core'],
    works: () => ['chromium', 'chromium-browser', 'google-chrome'].some((name) => runs(name, ['--version'])),
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
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
  }
  return needs.filter((need) => !need.works()).map((need) => need.suite);
}

function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
