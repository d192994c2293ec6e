import { dataset } from './dataset/index.ts';
import { deploy } from './deploy/index.ts';
import { evaluate } from './eval/index.ts';
import { finetune } from './finetune/index.ts';
import type { Magic } from './magic.ts';
import { monitor } from './monitor/index.ts';

/** The six magics, in the order of a model's life. */
export const magics: readonly Magic[] = [dataset, finetune, evaluate, deploy, monitor];
