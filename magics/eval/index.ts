import { defineVerb, type Magic } from '../magic.ts';
import { compare } from './compare/compare.ts';
import { compareOptions } from './compare/options.ts';
import { evaluateModel } from './evaluate.ts';
import { fairness } from './fairness.ts';
import { bootstrapInterval, pairedBootstrap, wilsonInterval } from './intervals.ts';
import { judge } from './judge/judge.ts';
import { cohenKappa } from './judge/kappa.ts';
import { judgeOptions } from './judge/options.ts';
import { matrix } from './matrix/matrix.ts';
import { matrixOptions } from './matrix/options.ts';
import { accuracy } from './metrics/accuracy.ts';
import { auc } from './metrics/auc.ts';
import { bleu, sentenceBleu } from './metrics/bleu.ts';
import { calibrationError } from './metrics/calibration.ts';
import { chrf } from './metrics/chrf.ts';
import { distinct } from './metrics/distinct.ts';
import { exactMatch } from './metrics/exact-match.ts';
import { macroF1 } from './metrics/macro-f1.ts';
import { mcc } from './metrics/mcc.ts';
import { perplexity } from './metrics/perplexity.ts';
import { rouge } from './metrics/rouge.ts';
import { ter } from './metrics/ter.ts';
import { tokenF1 } from './metrics/token-f1.ts';
import { evalOptions } from './options.ts';
import { redTeam, redTeamOptions } from './red-team/red-team.ts';
import { robustnessOptions } from './robustness/options.ts';
import { robustness } from './robustness/robustness.ts';
import { pairedTest, sacrebleuPValue } from './significance.ts';
import { suiteOptions } from './suite/options.ts';
import { suite } from './suite/suite.ts';

/** `%eval`: a model's answers on a data set, scored with confidence intervals, compared with a baseline, recorded. */
export const evaluate: Magic = {
  name: 'eval',
  summary: 'Score a model on a data set, with confidence intervals and against a baseline',
  verbs: {
    run: defineVerb({
      summary: 'ask the model every row, score its answers and record the result',
      positionals: ['model'],
      options: evalOptions,
      startsJob: true,
      example: '%eval ${run.model} --data ${schedules.test} --metrics exact_match,bleu --against base --as evaluation',
      run: evaluateModel,
    }),
    compare: defineVerb({
      summary: 'compare two evaluations, figure by figure and answer by answer',
      positionals: ['first', 'second'],
      options: compareOptions,
      example: '%eval compare ${before} ${after}',
      run: compare,
    }),
    matrix: defineVerb({
      summary: 'ask several models every row with several prompts: quality, latency and cost side by side',
      positionals: ['data'],
      options: matrixOptions,
      example:
        '%eval matrix ${schedules.test} --prompts cron,cron-short --models large,small --endpoint http://127.0.0.1:8000/v1',
      run: matrix,
    }),
    suite: defineVerb({
      summary: 'run the tasks of a file, with their gates; also promptfooconfig.yaml and lm-evaluation-harness tasks',
      positionals: ['file'],
      options: suiteOptions,
      example: '%eval suite suites/cron.yaml --model ${run.model}',
      run: suite,
    }),
    robustness: defineVerb({
      summary: 'ask the questions written otherwise (typos, case, blanks, paraphrase) and test what that costs',
      positionals: ['model'],
      options: robustnessOptions,
      example: '%eval robustness ${run.model} --data ${schedules.test} --metrics exact_match',
      run: robustness,
    }),
    redteam: defineVerb({
      summary: 'attack a model with injections, attempts at secrets and requests for abuse, judged by rules',
      positionals: ['model'],
      options: redTeamOptions,
      example: '%eval redteam ${deployment} --gate resisted>=0.95',
      run: redTeam,
    }),
    judge: defineVerb({
      summary: 'let a model grade the answers of an evaluation, or compare them with another one’s',
      positionals: ['evaluation'],
      options: judgeOptions,
      example:
        '%eval judge ${evaluation} --by judge-model@v1.0.0 --rubric "Is the answer right and polite?" --scale 1-5',
      run: judge,
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
    chrf,
    ter,
    macroF1,
    mcc,
    auc,
    calibrationError,
    distinct,
    fairness,
    pairedTest,
    sacrebleuPValue,
    cohenKappa,
  },
};
