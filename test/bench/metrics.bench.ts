import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { randomStream } from '../../magics/engine/random.ts';
import { bleu } from '../../magics/eval/metrics/bleu.ts';
import { chooseMetrics } from '../../magics/eval/metrics/choose.ts';
import { rouge } from '../../magics/eval/metrics/rouge.ts';
import { compareSamples } from '../../magics/eval/score.ts';
import { findPython } from './find-python.ts';
import type { BenchRow } from './row.ts';

const execute = promisify(execFile);

const pairCount = 100_000;
/** The references are timed on the first ones only, to keep the bench short. */
const peerPairs = 10_000;

interface Peer {
  /** Pairs per second. */
  rate: number;
  figure: number;
}

/** Corpus BLEU and ROUGE of 100,000 pairs beside sacreBLEU and rouge-score where a Python has them, and paired tests. */
export async function benchMetrics(): Promise<BenchRow[]> {
  const pairs = makePairs(pairCount);
  const hypotheses = pairs.map(([hypothesis]) => hypothesis);
  const references = pairs.map(([, reference]) => reference);
  const peers = await peerRates(pairs.slice(0, peerPairs));
  bleu(hypotheses.slice(0, peerPairs), references.slice(0, peerPairs));
  const bleuRate = rateOf(() => bleu(hypotheses, references));
  const rougeRate = rateOf(() => rouge(hypotheses, references));
  const few = (texts: string[]) =>
    texts.slice(0, 3000).map((prediction, i) => ({ prediction, reference: references[i]! }));
  const start = performance.now();
  compareSamples(chooseMetrics('bleu'), few(hypotheses), few(references), { seed: 1 });
  const pairedSeconds = (performance.now() - start) / 1000;
  return [
    row('corpus BLEU of 100,000 pairs', bleuRate, 'sacreBLEU', peers?.bleu),
    row('ROUGE-1, 2, L and Lsum of 100,000 pairs', rougeRate, 'rouge-score (1, 2, L)', peers?.rouge),
    { name: 'paired bootstrap of BLEU, 3,000 samples, 1,000 resamples', value: pairedSeconds, unit: 's' },
  ];
}

function row(name: string, rate: number, peerName: string, peer: Peer | undefined): BenchRow {
  const figure = { name, value: rate, unit: 'pairs/s' };
  return peer === undefined ? figure : { ...figure, against: peerName, ratio: rate / peer.rate };
}

function rateOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return pairCount / ((performance.now() - start) / 1000);
}

/** Rates of the Python packages; undefined where no Python has them. */
async function peerRates(pairs: readonly (readonly string[])[]) {
  const python = await findPython('sacrebleu', 'rouge_score');
  if (python === undefined) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-metrics-'));
  try {
    const file = path.join(folder, 'pairs.jsonl');
    await writeFile(file, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
    const { stdout } = await execute(python, [path.resolve('test/bench/metrics_rates.py'), file]);
    const peers = JSON.parse(stdout) as { bleu: Peer; rouge: Peer };
    checkEqual(pairs, peers);
    return peers;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function checkEqual(pairs: readonly (readonly string[])[], peers: { bleu: Peer; rouge: Peer }): void {
  const [hypotheses, references] = [0, 1].map((side) => pairs.map((pair) => pair[side]!)) as [string[], string[]];
  const differences = [
    bleu(hypotheses, references).score - peers.bleu.figure,
    rouge(hypotheses, references).rougeL! - peers.rouge.figure,
  ];
  if (differences.some((difference) => Math.abs(difference) > 1e-9)) throw new Error(`figures differ: ${differences}`);
}

/** English-looking pairs of about 20 words: frequent words come up often, a fifth of the words differ. */
function makePairs(count: number): [hypothesis: string, reference: string][] {
  const random = randomStream('bench metrics', 1);
  const syllables = 'ta re mi so la do ne ku pa ri ve lo san ter ing ed'.split(' ');
  const syllable = () => syllables[Math.floor(random.uniform() * syllables.length)]!;
  const words = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 1 + (random.integer() % 4) }, syllable).join(''),
  );
  const word = () => {
    const chosen = words[Math.floor(words.length ** random.uniform()) - 1]!;
    const chance = random.uniform();
    return chance < 0.08 ? `${chosen},` : chance < 0.1 ? `(${chosen})` : chance < 0.12 ? '3.14' : chosen;
  };
  return Array.from({ length: count }, () => {
    const reference = Array.from({ length: 10 + (random.integer() % 20) }, word);
    const hypothesis = reference.flatMap((one) =>
      random.uniform() < 0.8 ? [one] : random.uniform() < 0.5 ? [word()] : [],
    );
    return [`${hypothesis.join(' ')}.`, `${reference.join(' ')}.`];
  });
}
