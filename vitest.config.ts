import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/build.setup.ts'],
    maxWorkers: 2,
    // One hiccup of a busy machine must not hide what two thousand others say. `npm test` lists what passed only then.
    retry: process.env.CI ? 1 : 0,
    // Each test's repository has a queue of its own: tests do not wait for each other's jobs.
    env: { LLMOPS_QUEUE: '.llmops/queue' },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/e2e/**',
            'test/journeys/**',
            'test/jupyter/**',
            'test/slurm/**',
            'test/object-stores/**',
            'test/mlflow/**',
            'test/ray/**',
            'test/.cache/**',
          ],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'jupyter',
          include: ['test/jupyter/**/*.test.ts'],
          globalSetup: ['test/jupyter/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'object-stores',
          include: ['test/object-stores/**/*.test.ts'],
          globalSetup: ['test/object-stores/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'mlflow',
          include: ['test/mlflow/**/*.test.ts'],
          globalSetup: ['test/mlflow/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'ray',
          include: ['test/ray/**/*.test.ts'],
          globalSetup: ['test/ray/setup.ts'],
          // Each starts a cluster: one after the other.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'slurm',
          include: ['test/slurm/**/*.test.ts'],
          // Each starts a cluster: one after the other.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts'],
          // Each trains models with all cores: one after the other.
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
