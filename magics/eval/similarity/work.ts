import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createGenerator } from '../../engine/generator.ts';
import type { Generator } from '../../engine/types.ts';
import { writeFileAtomic } from '../../governance/write-file-atomic.ts';
import type { JobHandler } from '../../jobs/protocol.ts';
import { compareTexts } from './compare-texts.ts';
import { type ComparedTexts, comparedTexts, type EmbedResult, embedPayload } from './payload.ts';

/** Embeds answers and right answers and compares them: the work of an `embed` job. Similarities go to a file in its folder. */
export const work: JobHandler = async ({ spec, jobFolder, emit, signal }): Promise<EmbedResult> => {
  const { modelFolder, texts } = embedPayload.parse(spec.payload);
  emit({ type: 'progress', phase: 'loading the embedding model', step: 0 });
  const questions = await readQuestions(texts);
  const device = spec.device as Generator['device'] | undefined;
  const generator = await createGenerator({ modelFolder, device });
  try {
    const { similarities, cut, chance } = await compareTexts(generator, questions, {
      signal,
      onProgress: (step) => emit({ type: 'progress', phase: 'embedding', step, steps: questions.length }),
    });
    const file = path.join(jobFolder, 'similarities.jsonl');
    await writeFileAtomic(file, similarities.map((values) => `${JSON.stringify(values)}\n`).join(''));
    return { similarities: file, contextTokens: generator.contextTokens, cut, chance, device: generator.device };
  } finally {
    await generator.dispose();
  }
};

async function readQuestions(file: string): Promise<ComparedTexts[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => comparedTexts.parse(JSON.parse(line)));
}
