import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { localFolder } from '../../governance/local-folder.ts';
import { writeFileAtomic } from '../../governance/write-file-atomic.ts';

/** A model's answer to one conversation. */
export const answer = z.strictObject({
  text: z.string(),
  finishReason: z.string().nullable(),
  /** What answered, as it names itself. */
  model: z.string(),
  promptTokens: z.int().optional(),
  completionTokens: z.int().optional(),
  seconds: z.number().optional().describe('from asking to the end; absent where several were answered together'),
});
export type Answer = z.output<typeof answer>;

/** Answers by the content of what was asked, so that an identical call is never paid twice. */
export interface AnswerCache {
  read(key: string): Promise<Answer | undefined>;
  write(key: string, answer: Answer): Promise<void>;
}

/** The cache in a repository's `.llmops/answers`, which git ignores. A damaged entry counts as absent. */
export function createAnswerCache(repositoryFolder: string): AnswerCache {
  const fileOf = (key: string) => {
    const digest = key.slice('sha256:'.length);
    return path.join('answers', digest.slice(0, 2), `${digest.slice(2)}.json`);
  };
  return {
    async read(key) {
      const text = await readFile(path.join(repositoryFolder, '.llmops', fileOf(key)), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : parse(text);
    },
    async write(key, value) {
      const file = path.join(await localFolder(repositoryFolder), fileOf(key));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFileAtomic(file, `${JSON.stringify(value)}\n`);
    },
  };
}

function parse(text: string): Answer | undefined {
  try {
    return answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
