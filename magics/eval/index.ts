import { defineVerb, type Magic } from '../magic.ts';
import { evaluateModel } from './evaluate.ts';
import { bootstrapInterval, pairedBootstrap, wilsonInterval } from './intervals.ts';
import { accuracy } from './metrics/accuracy.ts';
import { bleu, sentenceBleu } from './metrics/bleu.ts';
import { exactMatch } from './metrics/exact-match.ts';
import { perplexity } from './metrics/perplexity.ts';
import { rouge } from './metrics/rouge.ts';
import { tokenF1 } from './metrics/token-f1.ts';
import { evalOptions } from './options.ts';

/** `%eval`: a model's answers on a data set, scored with confidence intervals, compared with a baseline, recorded. */
export const evaluate: Magic = {
  name: 'eval',
  summary: 'Score a model on a data set, with confidence intervals and against a baseline',
  verbs: {
    run: defineVerb({
      summary: 'ask the model every row, score its answers and record the result',
      positionals: ['model'],
      options: evalOptions,
      example: '%eval ${run.model} --data ${schedules.test} --metrics exact_match,bleu --against base --as evaluation',
      run: evaluateModel,
    }),
  },
  defaultVerb: 'run',
  functions: {
    exactMatch,
    accuracy,
    tokenF1,
    bleu,
    sentenceBleu,
    rouge,
    perplexity,
    wilsonInterval,
    bootstrapInterval,
    pairedBootstrap,
  },
};
