import { readFileSync } from 'node:fs';

interface Bounds {
  low: number;
  high: number;
  error: number;
}

interface Rates {
  count: number;
  accuracy: number;
  selectionRate: number;
  truePositiveRate: number;
  falsePositiveRate: number;
}

/** What scikit-learn, Fairlearn, SciPy and sacreBLEU say (`test/golden/metrics/make_statistics.py`). */
export interface Statistics {
  labels: { predictions: string[]; references: string[]; accuracy: number; macroF1: number; mcc: number }[];
  auc: { positive: boolean[]; scores: number[]; auc: number }[];
  calibration: { confidences: number[]; right: boolean[]; bins: number; error: number }[];
  fairness: {
    groups: string[];
    references: number[];
    predictions: number[];
    overall: Rates;
    byGroup: Record<string, Rates>;
    demographicParityDifference: number;
    demographicParityRatio: number;
    equalizedOddsDifference: number;
    equalizedOddsRatio: number;
    equalOpportunityDifference: number;
  }[];
  bootstrap: {
    values: number[];
    other: number[];
    mean: Bounds;
    median: Bounds;
    paired: Bounds;
    randomisation: number;
  };
  kappa: { one: number[]; other: number[]; weights: 'none' | 'linear' | 'quadratic'; kappa: number }[];
  significance: {
    kind: 'bleu' | 'chrf';
    count: number;
    bs: { scores: [number, number]; p: number; mean: number; ci: number };
    ar: { scores: [number, number]; p: number };
  }[];
}

export const statistics = JSON.parse(readFileSync('test/golden/metrics/statistics.json', 'utf8')) as Statistics;
