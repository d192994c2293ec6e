import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { settingsInvalid } from './errors.ts';

const prices = z.strictObject({
  gpuHour: z.number().nonnegative().default(0).describe('one GPU for an hour, with the cores beside it'),
  coreHour: z
    .number()
    .nonnegative()
    .default(0)
    .describe('one CPU core for an hour, of jobs that ask for cores or use no GPU'),
});

/** `llmops/jobs.json`, the same for everybody, and `.llmops/jobs.json`, for this machine alone: its keys come first. */
export const jobSettings = z.strictObject({
  slots: z
    .strictObject({
      gpus: z.int().nonnegative().optional().describe('GPUs that jobs may have; default: all of this machine'),
      cores: z.int().positive().optional().describe('CPU cores that jobs may have; default: all of this machine'),
    })
    .prefault({}),
  prices: z
    .strictObject({
      currency: z.string().default('USD').describe('how amounts are written, for example EUR'),
      local: prices.optional().describe('of this machine'),
      slurm: prices.optional().describe('of the Slurm cluster'),
      ray: prices.optional().describe('of the Ray cluster'),
      kubeflow: prices.optional().describe('of the Kubernetes cluster'),
    })
    .prefault({})
    .describe('what jobs cost; a job of a place without prices has no cost'),
  ray: z
    .strictObject({
      address: z.string().optional().describe("of Ray's dashboard, for example http://ray-head:8265"),
    })
    .prefault({}),
  kubeflow: z
    .strictObject({
      image: z.string().optional().describe('container image with Node'),
      claim: z.string().optional().describe('volume claim that holds the repository; without it the runtime mounts it'),
      mountPath: z.string().optional().describe('folder of this machine that the claim holds; default: the repository'),
      worker: z.string().optional().describe('worker.js in the image; default: the one of this machine'),
      runtime: z.string().default('torch-distributed').describe('training runtime of the cluster'),
      runtimeKind: z.enum(['ClusterTrainingRuntime', 'TrainingRuntime']).default('ClusterTrainingRuntime'),
      namespace: z.string().optional().describe("default: that of kubectl's context"),
      context: z.string().optional().describe("kubectl's context; default: the current one"),
    })
    .prefault({}),
});
export type JobSettings = z.output<typeof jobSettings>;

/** Path of the settings that are committed. */
export const settingsPath = 'llmops/jobs.json';
const localSettingsPath = '.llmops/jobs.json';

/** The settings of a repository on this machine; the defaults without any. A UserError names what is not valid. */
export async function readJobSettings(repositoryFolder: string): Promise<JobSettings> {
  const [shared, own] = await Promise.all([
    readSettings(repositoryFolder, settingsPath),
    readSettings(repositoryFolder, localSettingsPath),
  ]);
  return jobSettings.parse({
    slots: { ...shared.slots, ...own.slots },
    prices: { ...shared.prices, ...own.prices },
    ray: { ...shared.ray, ...own.ray },
    kubeflow: { ...shared.kubeflow, ...own.kubeflow },
  });
}

interface Parts {
  slots?: object;
  prices?: object;
  ray?: object;
  kubeflow?: object;
}

/** What the file gives, checked but without the defaults, which would hide what the other file says. */
async function readSettings(repositoryFolder: string, name: string): Promise<Parts> {
  const text = await readFile(path.join(repositoryFolder, name), 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  try {
    const given: unknown = JSON.parse(text);
    jobSettings.parse(given);
    return given as Parts;
  } catch (error) {
    throw settingsInvalid(name, error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  }
}
