import { dataset } from './dataset/index.ts';
import { deploy } from './deploy/index.ts';
import { evaluate } from './eval/index.ts';
import { finetune } from './finetune/index.ts';
import type { Magic } from './magic.ts';
import { monitor } from './monitor/index.ts';
import { prompt } from './prompt/index.ts';
import { report } from './reports/magic.ts';

/** The six magics, in the order of a model's life, and the report on it. */
export const magics: readonly Magic[] = [dataset, prompt, finetune, evaluate, deploy, monitor, report];
