import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createGenerator } from '../engine/generator.ts';
import type { Generation, Generator } from '../engine/types.ts';
import { createExample } from '../finetune/examples.ts';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import type { JobContext, JobHandler } from '../jobs/protocol.ts';
import { encodePrompt } from '../prompt/format.ts';
import { answerAll, batchesByLength } from './answer-all.ts';
import { type EvalRequest, type EvalResult, evalPayload, evalRequest, type Prediction } from './payload.ts';

const batchSize = 64;

/** Answers every request of a test set: the work of an `eval` job. Predictions go to a file in the job's folder. */
export const work: JobHandler = async ({ spec, jobFolder, emit, signal }): Promise<EvalResult> => {
  const payload = evalPayload.parse(spec.payload);
  emit({ type: 'progress', phase: 'loading the model', step: 0 });
  const requests = await readRequests(payload.requests);
  const generator = await createGenerator({
    modelFolder: payload.modelFolder,
    device: spec.device as Generator['device'] | undefined,
    maxBatch: batchSize,
  });
  try {
    const startMs = performance.now();
    const answers = await answerAll(
      generator,
      requests.map(({ messages }) => encodePrompt(messages, generator.tokenizer)),
      {
        maxNewTokens: payload.maxNewTokens,
        batchSize,
        signal,
        onProgress: ({ answered, total, tokens }) => {
          const tokensPerSecond = tokens / ((performance.now() - startMs) / 1000);
          emit({ type: 'progress', phase: 'answering', step: answered, steps: total, figures: { tokensPerSecond } });
        },
      },
    );
    const likelihoods = payload.withLikelihood
      ? await scoreReferences(generator, requests, { emit, signal })
      : undefined;
    const predictions = answers.map((answer, i) => toPrediction(answer, likelihoods?.[i]));
    return {
      predictions: await writePredictions(jobFolder, predictions),
      device: generator.device,
      seconds: (performance.now() - startMs) / 1000,
      tokens: predictions.reduce((sum, prediction) => sum + prediction.tokens, 0),
    };
  } finally {
    await generator.dispose();
  }
};

interface Likelihood {
  /** Sum over the reference's tokens, nats; null where prompt and reference do not fit the context. */
  logprob: number | null;
  tokens: number;
}

/** Log-probability of each reference (and the end of text after it) given its messages, as in training. */
async function scoreReferences(
  generator: Generator,
  requests: readonly EvalRequest[],
  { emit, signal }: Pick<JobContext, 'emit' | 'signal'>,
): Promise<Likelihood[]> {
  const examples = requests.map(({ messages, reference }) =>
    createExample({ messages, answer: reference }, generator.tokenizer, 0),
  );
  const likelihoods = examples.map((): Likelihood => ({ logprob: null, tokens: 0 }));
  const fitting = examples.map(({ ids }) => (ids.length <= generator.contextTokens ? ids : []));
  let scored = 0;
  for (const batch of batchesByLength(fitting, batchSize)) {
    signal.throwIfAborted();
    const places = batch.filter((place) => fitting[place]!.length > 0);
    const scores = await generator.score(places.map((place) => fitting[place]!));
    for (const [i, place] of places.entries()) likelihoods[place] = sumLearned(scores[i]!, examples[place]!.weights);
    scored += batch.length;
    emit({ type: 'progress', phase: 'scoring the references', step: scored, steps: requests.length });
  }
  return likelihoods;
}

/** `logprobs[i]` belongs to token i + 1; only tokens of weight above 0 are the reference's. */
function sumLearned(logprobs: Float32Array, weights: readonly number[]): Likelihood {
  let logprob = 0;
  let tokens = 0;
  for (const [i, value] of logprobs.entries()) {
    if (weights[i + 1]! <= 0) continue;
    logprob += value;
    tokens += 1;
  }
  return { logprob, tokens };
}

function toPrediction({ text, tokens, logprobs, finishReason }: Generation, likelihood?: Likelihood): Prediction {
  return {
    text,
    tokens: tokens.length,
    logprob: logprobs.length === tokens.length ? logprobs.reduce((sum, logprob) => sum + logprob, 0) : null,
    finishReason,
    referenceLogprob: likelihood?.logprob ?? null,
    referenceTokens: likelihood?.tokens ?? 0,
  };
}

async function readRequests(file: string): Promise<EvalRequest[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => evalRequest.parse(JSON.parse(line)));
}

async function writePredictions(jobFolder: string, predictions: readonly Prediction[]): Promise<string> {
  const file = path.join(jobFolder, 'predictions.jsonl');
  await writeFileAtomic(file, predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join(''));
  return file;
}
