import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { mime } from '../../../magics/context.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { listJobs } from '../../../magics/jobs/index.ts';
import { makeRepository } from '../governance/repository-fixture.ts';
import { makeContext, runFinetune, tinyOptions } from './training-fixture.ts';

it('a training says what an hour of it costs before it starts, and its record what it cost', async () => {
  const folder = makeRepository();
  mkdirSync(path.join(folder, '.llmops'));
  const settings = { slots: { cores: 2 }, prices: { currency: 'EUR', local: { coreHour: 36 } } };
  writeFileSync(path.join(folder, '.llmops/jobs.json'), JSON.stringify(settings));
  const { context, outputs } = makeContext(folder);
  const { id } = await runFinetune(await tinyOptions({ device: 'cpu' }), context);
  expect(outputs[0]![0]![mime.text]).toContain('It costs 72.00 EUR an hour.');
  const run = (await (await openStore(folder)).read('run', id))!;
  expect(run.cost).toMatchObject({ currency: 'EUR', perHour: 72 });
  expect(run.cost!.value).toBeGreaterThan((run.seconds * 72) / 3600 / 2);
  const [job] = await listJobs(folder);
  expect(await job!.cost()).toEqual(run.cost);
  expect(outputs[0]!.at(-1)![mime.text]).toMatch(/cost: \d\.\d+ EUR \(72\.00 EUR an hour\)/);
});
