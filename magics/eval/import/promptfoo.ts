import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { ImportedSuite } from './imported-suite.ts';
import { createPrompt, promptEntry, readPrompt } from './promptfoo-prompt.ts';
import { providerEntry, readProvider } from './promptfoo-provider.ts';
import { readTests, testCase } from './promptfoo-tests.ts';

const list = <T extends z.ZodType>(one: T) => z.union([one.transform((value) => [value]), z.array(one)]);

const config = z.looseObject({
  description: z.string().optional(),
  prompts: list(promptEntry),
  providers: list(providerEntry).default([]),
  targets: list(providerEntry).default([]),
  tests: z.union([z.string(), z.array(z.union([z.string(), testCase]))]).default([]),
  defaultTest: testCase.default({}),
});

/** Keys of a config that change nothing about what is asked and asserted. */
const harmless = [
  '$schema',
  'description',
  'prompts',
  'providers',
  'targets',
  'tests',
  'defaultTest',
  'outputPath',
  'tags',
  'sharing',
];

/**
 * Reads promptfoo's configuration: prompts, OpenAI-compatible providers, tests with variables, and assertions that need
 * no program. What else it asks for is named, not ignored.
 */
export async function importPromptfoo(value: unknown, file: string): Promise<ImportedSuite> {
  const read = config.safeParse(value);
  if (!read.success) throw promptfooUnreadable(file, read.error);
  const { description, prompts, providers, targets, tests, defaultTest } = read.data;
  const notImported = Object.keys(read.data)
    .filter((key) => !harmless.includes(key))
    .map((key) => `key "${key}"`);
  const folder = path.dirname(file);
  const texts = await Promise.all(prompts.map((prompt) => readPrompt(prompt, folder)));
  const { cases, metric } = readTests(tests, defaultTest, notImported);
  const models = [...providers, ...targets].map((provider) => readProvider(provider, notImported));
  return {
    name: description ?? path.basename(file).replace(/\.ya?ml$/, ''),
    plan: {
      prompts: texts.flatMap(({ name, text }) => createPrompt(name, text, notImported)),
      models: models.filter((model) => model !== undefined),
      cases,
      metrics: [metric],
    },
    gates: ['assertions>=1'],
    notImported,
  };
}

function promptfooUnreadable(file: string, error: z.ZodError): UserError {
  const [issue] = error.issues;
  return new UserError(
    `${path.basename(file)} is no promptfoo configuration: "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}.`,
    { offending: path.basename(file) },
  );
}
