import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '../free-ports.ts';

const run = promisify(execFile);
/** Jobs that a cluster may have. */
const jobNumbers = 1000;

/** A Slurm cluster of this machine alone: a controller and nodes with two GPUs each, on loopback. */
export interface Cluster {
  /** Slurm's commands find the cluster through it. */
  readonly env: { SLURM_CONF: string };
  readonly nodes: readonly string[];
  slurm(command: string, ...args: string[]): Promise<string>;
  /** Ends a node's daemon and all its jobs, as a power failure would. */
  killNode(name: string): Promise<void>;
  startNode(name: string): Promise<void>;
  /** Resolves when all nodes are up and without work. */
  idle(): Promise<void>;
  stopController(): Promise<void>;
  startController(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster as root, without systemd: Debian's slurmctld, slurmd and munge. */
export async function startCluster(nodeCount = 2): Promise<Cluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'llmops-slurm-'));
  await chmod(folder, 0o755);
  for (const name of ['state', 'log', 'dev', 'munge']) await mkdir(path.join(folder, name));
  const nodes = Array.from({ length: nodeCount }, (_, i) => `n${i + 1}`);
  const ports = await freePorts(nodeCount + 1);
  await writeConfiguration(folder, nodes, ports);
  const env = { SLURM_CONF: path.join(folder, 'slurm.conf') };
  const options = { env: { ...process.env, ...env } };
  const slurm = async (command: string, ...args: string[]) => (await run(command, args, options)).stdout.trim();
  const startNode = async (name: string) => void (await slurm('slurmd', '-N', name));
  const startController = async () => void (await slurm('slurmctld'));
  const pidFile = (name: string) => path.join(folder, 'state', `${name}.pid`);
  const pidOf = (name: string) => readFileSync(pidFile(name), 'utf8').trim();

  await startMunge(folder);
  await startController();
  for (const name of nodes) await startNode(name);
  const cluster: Cluster = {
    env,
    nodes,
    slurm,
    startNode,
    startController,
    async idle() {
      for (let i = 0; i < 300; i++) {
        const names = await slurm('sinfo', '--noheader', '--Node', '--states=idle', '--format=%N').catch(() => '');
        if (new Set(names.split('\n').filter(Boolean)).size === nodes.length) return;
        await sleep(100);
      }
      throw new Error(`The nodes did not become idle: ${await slurm('sinfo', '-N', '-l').catch(String)}`);
    },
    async killNode(name) {
      const jobs = (await slurm('squeue', '--noheader', `--nodelist=${name}`, '--format=%A')).split('\n').map(Number);
      const daemon = pidOf(`slurmd-${name}`);
      await killTrees(({ pid, command }) => pid === daemon || jobs.includes(stepJob(command)));
    },
    async stopController() {
      process.kill(Number(pidOf('slurmctld')), 'SIGTERM');
      await sleep(500);
    },
    async stop() {
      await slurm('scancel', '--user=root').catch(() => undefined);
      const names = ['slurmctld', ...nodes.map((node) => `slurmd-${node}`)];
      const daemons = names.filter((name) => existsSync(pidFile(name))).map(pidOf);
      const isStep = (command: string) => Math.floor(stepJob(command) / jobNumbers) === ports[0];
      await killTrees(({ pid, command }) => daemons.includes(pid) || isStep(command));
      await run('kill', [readFileSync(path.join(folder, 'munge/pid'), 'utf8').trim()]).catch(() => undefined);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await cluster.idle();
  return cluster;
}

/** Number of the job that a step's process works for; NaN of other processes. */
function stepJob(command: string): number {
  return Number(/^slurmstepd: \[(\d+)\./.exec(command)?.[1]);
}

/** Kills the processes that are chosen, and all that came of them. */
async function killTrees(isChosen: (running: { pid: string; command: string }) => boolean): Promise<void> {
  const { stdout } = await run('ps', ['-e', '-o', 'pid=,ppid=,args=']);
  const all = stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid, parent: parent!, command: command! }];
  });
  const chosen = new Set(all.filter(isChosen).map(({ pid }) => pid));
  for (let size = 0; size < chosen.size; ) {
    size = chosen.size;
    for (const { pid, parent } of all) if (chosen.has(parent)) chosen.add(pid);
  }
  if (chosen.size > 0) await run('kill', ['-KILL', ...chosen]).catch(() => undefined);
}

/** What the tests need of this machine; undefined when it is there. */
export function whyNoSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return 'starting a cluster takes root';
  try {
    for (const name of ['slurmctld', 'slurmd', 'munged', 'sbatch']) execFileSync('which', [name], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'slurmctld, slurmd, slurm-client and munge are not installed';
  }
}

async function startMunge(folder: string): Promise<void> {
  const munge = path.join(folder, 'munge');
  await writeFile(path.join(munge, 'key'), randomBytes(1024), { mode: 0o400 });
  const files = ['key-file=key', 'socket=socket', 'pid-file=pid', 'seed-file=seed', 'log-file=log'].map((option) => {
    const [name, file] = option.split('=');
    return `--${name}=${path.join(munge, file!)}`;
  });
  await run('munged', ['--force', '--num-threads=2', ...files]);
}

async function writeConfiguration(folder: string, nodes: readonly string[], ports: readonly number[]): Promise<void> {
  const host = hostname().split('.')[0]!;
  const gpus = [0, 1].map((i) => path.join(folder, 'dev', `gpu${i}`));
  // Slurm hands out GPUs that are character devices; these are never opened.
  for (const [i, gpu] of gpus.entries()) await run('mknod', [gpu, 'c', '195', String(i)]);
  const nodeLines = nodes.map(
    (name, i) =>
      `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i + 1]} CPUs=2 RealMemory=4000 Gres=gpu:fake:2`,
  );
  const lines = [
    'ClusterName=test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${ports[0]}`,
    'SlurmUser=root',
    'AuthType=auth/munge',
    'CredType=cred/munge',
    `AuthInfo=socket=${folder}/munge/socket`,
    'CommunicationParameters=NoCtldInAddrAny,NoInAddrAny',
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    `SlurmctldPidFile=${folder}/state/slurmctld.pid`,
    `SlurmdPidFile=${folder}/state/slurmd-%n.pid`,
    `SlurmctldLogFile=${folder}/log/slurmctld.log`,
    `SlurmdLogFile=${folder}/log/slurmd-%n.log`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core_Memory',
    'SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1',
    'GresTypes=gpu',
    // Other clusters of this machine have other numbers: a step's process shows nothing but its job's.
    `FirstJobId=${ports[0]! * jobNumbers}`,
    'MpiDefault=none',
    'ReturnToService=2',
    'SlurmctldTimeout=10',
    'SlurmdTimeout=10',
    'KillWait=3',
    'MinJobAge=6',
    'DefMemPerCPU=500',
    ...nodeLines,
    'PartitionName=gpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
  ];
  await writeFile(path.join(folder, 'slurm.conf'), `${lines.join('\n')}\n`);
  await writeFile(path.join(folder, 'gres.conf'), `Name=gpu Type=fake File=${folder}/dev/gpu[0-1]\n`);
  for (const name of nodes) await mkdir(path.join(folder, `spool-${name}`));
}
