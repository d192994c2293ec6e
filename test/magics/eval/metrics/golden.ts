import { readFileSync } from 'node:fs';

interface BleuNumbers {
  score: number;
  precisions: number[];
  bp: number;
  sys: number;
  ref: number;
}

/** Texts with the numbers that sacreBLEU, rouge-score and the SQuAD script give for them. */
export interface Golden {
  signature: string;
  samples: {
    hypothesis: string;
    reference: string;
    bleu: number;
    rouge: Record<'rouge1' | 'rouge2' | 'rougeL', [number, number, number]>;
    f1: number;
  }[];
  corpora: ({ from: number; to: number } & BleuNumbers)[];
  secondReferences: string[];
  twoReferences: BleuNumbers;
}

export const golden = JSON.parse(readFileSync('test/golden/metrics/pairs.json', 'utf8')) as Golden;
export const hypotheses = golden.samples.map((s) => s.hypothesis);
export const references = golden.samples.map((s) => s.reference);
