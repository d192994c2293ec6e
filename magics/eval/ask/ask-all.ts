import type { MagicContext } from '../../context.ts';
import type { ChatMessage } from '../../engine/types.ts';
import { openStore } from '../../governance/open-store.ts';
import { resolveModel } from '../../governance/resolve-model.ts';
import type { Deployment, ModelReference, Run } from '../../handles.ts';
import { contentKey } from '../../jobs/key.ts';
import { chat, firstModel, keyFromEnvironment } from '../../prompt/providers.ts';
import { modelDigest } from '../model-digest.ts';
import { generateResult } from '../payload.ts';
import { createOutput, runJob } from '../run-job.ts';
import { type Answer, createAnswerCache } from './answer-cache.ts';

/** Which model is asked, and how. */
export interface AskOptions {
  /** A model, a deployment, an endpoint's address; with `endpoint` the model's name there. */
  model?: string | ModelReference | Run | Deployment;
  /** Address of an OpenAI-compatible endpoint. */
  endpoint?: string;
  /** Environment variable that holds the endpoint's key. */
  keyEnv?: string;
  temperature?: number;
  maxTokens?: number;
  seed?: number;
  stop?: readonly string[];
  /** Asks anew, whatever was answered before. */
  fresh?: boolean;
}

/** An answer, and whether it had been given before. */
export type AskedAnswer = Answer & { cached: boolean };

/** Answers, in the order of the conversations, of one model. */
export interface AskedModel {
  /** How displays and records name the model. */
  readonly name: string;
  readonly answers: readonly AskedAnswer[];
}

/** Calls to an endpoint at the same time. */
const concurrency = 4;

/**
 * Asks a model every conversation: a local model in one job, an endpoint call by call. Answers are kept by content, so
 * that what was answered before costs nothing; a run that fails half-way goes on from there.
 */
export async function askAll(
  conversations: readonly (readonly ChatMessage[])[],
  options: AskOptions,
  context: MagicContext,
): Promise<AskedModel> {
  const store = await openStore(context.folder);
  const cache = createAnswerCache(store.folder);
  const asked = await findModel(options, store.folder, context);
  const { temperature = 0, maxTokens = 512, seed, stop } = options;
  const sampling = { temperature, maxTokens, ...(seed !== undefined && { seed }), ...(stop && { stop: [...stop] }) };
  const keys = conversations.map((messages) => contentKey({ model: asked.identity, messages, sampling }));
  const known = new Map<string, AskedAnswer>();
  for (const key of options.fresh ? [] : new Set(keys)) {
    const answer = await cache.read(key);
    if (answer !== undefined) known.set(key, { ...answer, cached: true });
  }
  const missing = [...new Set(keys)].filter((key) => !known.has(key));
  const wanted = missing.map((key) => conversations[keys.indexOf(key)]!);
  await asked.ask(wanted, sampling, async (i, answer) => {
    known.set(missing[i]!, { ...answer, cached: false });
    await cache.write(missing[i]!, answer);
  });
  return { name: asked.name, answers: keys.map((key) => known.get(key)!) };
}

interface Sampling {
  temperature: number;
  maxTokens: number;
  seed?: number;
  stop?: string[];
}

interface FoundModel {
  name: string;
  /** What makes two models the same for the cache. */
  identity: unknown;
  ask(
    conversations: readonly (readonly ChatMessage[])[],
    sampling: Sampling,
    onAnswer: (index: number, answer: Answer) => Promise<void>,
  ): Promise<void>;
}

async function findModel(options: AskOptions, storeFolder: string, context: MagicContext): Promise<FoundModel> {
  const { model, keyEnv } = options;
  if (typeof model === 'object' && 'url' in model)
    return atEndpoint({ endpoint: model.url, apiKey: model.apiKey, model: model.model }, context.signal);
  const isAddress = typeof model === 'string' && /^https?:\/\//.test(model);
  const endpoint = options.endpoint ?? (isAddress ? model : undefined);
  if (endpoint === undefined) return localModel(model ?? '', storeFolder, context);
  const apiKey = keyEnv === undefined ? undefined : keyFromEnvironment(keyEnv);
  const name =
    typeof model === 'string' && !isAddress ? model : await firstModel({ endpoint, apiKey, signal: context.signal });
  return atEndpoint({ endpoint, apiKey, model: name }, context.signal);
}

function atEndpoint(place: { endpoint: string; apiKey?: string; model: string }, signal: AbortSignal): FoundModel {
  return {
    name: place.model,
    identity: { endpoint: place.endpoint, model: place.model },
    async ask(conversations, sampling, onAnswer) {
      let next = 0;
      const askOne = async (i: number) => {
        signal.throwIfAborted();
        const start = performance.now();
        const { text, finishReason, model, promptTokens, completionTokens } = await chat(conversations[i]!, {
          ...place,
          ...sampling,
          signal,
        });
        const seconds = (performance.now() - start) / 1000;
        await onAnswer(i, { text, finishReason, model, promptTokens, completionTokens, seconds });
      };
      const work = async () => {
        try {
          for (let i = next++; i < conversations.length; i = next++) await askOne(i);
        } catch (error) {
          // The others finish the call that they are in and start no further ones.
          next = conversations.length;
          throw error;
        }
      };
      await Promise.all(Array.from({ length: Math.min(concurrency, conversations.length) }, work));
    },
  };
}

async function localModel(
  model: string | ModelReference | Run,
  storeFolder: string,
  context: MagicContext,
): Promise<FoundModel> {
  const { ref, folder: modelFolder } = await resolveModel(model, context.folder);
  const digest = await modelDigest(modelFolder);
  return {
    name: ref,
    identity: { digest },
    async ask(conversations, { maxTokens, ...sampling }, onAnswer) {
      if (conversations.length === 0) return;
      const messages = conversations.map((conversation) => conversation.map((message) => ({ ...message })));
      const payload = { modelFolder, messages, options: { ...sampling, maxNewTokens: maxTokens } };
      const key = contentKey({ kind: 'generate', digest, messages, options: payload.options });
      const { result } = await runJob(
        { kind: 'generate', title: `ask ${ref} ${conversations.length} questions`, key, payload },
        generateResult,
        context,
        { folder: storeFolder, fresh: true, show: createOutput(context) },
      );
      for (const [i, { text, tokens, finishReason }] of result.outputs.entries())
        await onAnswer(i, { text, finishReason, model: ref, completionTokens: tokens });
    },
  };
}
