import { wordSchedule } from './english.ts';
import { scatter } from './filler.ts';
import { drawFrame, fillFrame } from './frames.ts';
import { skeletonOf } from './leakage.ts';
import { roughen } from './noise.ts';
import type { Pool, Voice } from './phrase.ts';
import { createRandom, type Random } from './random.ts';
import { randomSchedule, type Schedule, toCron } from './schedule.ts';
import { type Task, tasks } from './tasks.ts';

/** A row of the data sets. */
export interface Pair {
  text: string;
  cron: string;
  /** What kind of schedule it is: daily, twice, minutes ... */
  kind: Schedule['kind'];
  /** The sentence with its schedule left open; rows that share one belong in the same split. */
  frame: string;
}

/** One example of the pre-training: an instruction, a sentence, and what the instruction asks for. */
export interface Example {
  instruction: string;
  text: string;
  answer: string;
}

/** Pairs to fine-tune on: distinct texts, in phrasings of the pool `tuned` alone. */
export function trainingPairs(count: number, seed: number): Pair[] {
  const random = createRandom(seed);
  return distinctPairs(count, new Set(), () => drawPair('tuned', { random, pools: ['tuned'] }));
}

/**
 * Pairs whose sentence frame comes from `pool` alone and half of whose other phrases do, where one fits. Their texts, and
 * their texts with every number, day and month masked, occur nowhere in `training`.
 */
export function heldOutPairs(
  pool: Exclude<Pool, 'tuned'>,
  count: number,
  seed: number,
  training: readonly Pair[],
): Pair[] {
  const random = createRandom(seed);
  const pools: Pool[] = pool === 'novel' ? ['tuned', 'known', 'novel'] : ['tuned', pool];
  const seen = new Set(training.map((pair) => skeletonOf(pair.text)));
  return distinctPairs(count, seen, () => drawPair(pool, { random, pools, prefer: pool }));
}

/** An endless stream of pre-training examples; the same seed gives the same stream. */
export function* pretrainingExamples(seed: number): Generator<Example, never> {
  const random = createRandom(seed);
  const voice: Voice = { random, pools: ['tuned', 'known'] };
  const lottery = tasks.flatMap((task) => Array.from({ length: task.weight }, () => task));
  for (;;) {
    const schedule = randomSchedule(random);
    const text = drawSentence(schedule, voice);
    if (text === undefined) continue;
    if (random.chance(0.04)) {
      const other = drawSentence(schedule, voice);
      if (other !== undefined)
        yield { instruction: instructionFor(['other words', 'a paraphrase'], random), text, answer: other };
      continue;
    }
    const task: Task = random.pick(lottery);
    const answer = task.answer(schedule);
    if (answer !== undefined) yield { instruction: instructionFor(task.names, random), text, answer };
  }
}

/** An endless stream of sentences in phrasings held out for development, with the fields to be read out of them. */
export function* developmentExamples(seed: number): Generator<Example, never> {
  const random = createRandom(seed);
  const voice: Voice = { random, pools: ['tuned', 'development'], prefer: 'development' };
  const [task] = tasks;
  for (;;) {
    const schedule = randomSchedule(random);
    const words = wordSchedule(schedule, voice);
    if (words === undefined) continue;
    const frame = drawFrame(words.time !== undefined, 'development', voice);
    const text = roughen(fillFrame(frame, words.when, words.time), random);
    yield { instruction: task!.names[0]!, text, answer: task!.answer(schedule)! };
  }
}

function instructionFor(names: readonly string[], random: Random): string {
  const opening = random.pick([
    '',
    '',
    '',
    'write ',
    'give ',
    'write as ',
    'as ',
    'show ',
    'write the schedule as ',
    'turn it into ',
  ]);
  return opening + random.pick(names);
}

function drawSentence(schedule: Schedule, voice: Voice): string | undefined {
  const words = wordSchedule(schedule, voice);
  if (words === undefined) return undefined;
  const { random } = voice;
  const sentence = random.chance(0.65)
    ? scatter(words.when, words.time, random)
    : fillFrame(drawFrame(words.time !== undefined, random.pick(['tuned', 'known']), voice), words.when, words.time);
  return roughen(sentence, random);
}

function drawPair(framePool: Pool, voice: Voice): Pair | undefined {
  const schedule = randomSchedule(voice.random);
  const words = wordSchedule(schedule, voice);
  if (words === undefined) return undefined;
  const frame = drawFrame(words.time !== undefined, framePool, voice);
  const text = roughen(fillFrame(frame, words.when, words.time), voice.random);
  return { text, cron: toCron(schedule), kind: schedule.kind, frame: frame.template };
}

function distinctPairs(count: number, bannedSkeletons: ReadonlySet<string>, draw: () => Pair | undefined): Pair[] {
  const byText = new Map<string, Pair>();
  while (byText.size < count) {
    const pair = draw();
    const key = pair?.text.toLowerCase();
    if (pair === undefined || key === undefined || byText.has(key) || bannedSkeletons.has(skeletonOf(pair.text)))
      continue;
    byText.set(key, pair);
  }
  return [...byText.values()];
}
