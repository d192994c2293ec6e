import { mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createGenerator } from '../../../../magics/engine/generator.ts';

it('decodes a model whose files are links into another folder, as in the cache', async () => {
  const source = path.resolve('sample-notebooks/models/schedule-base');
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'linked-')), 'snapshot');
  mkdirSync(folder);
  for (const name of readdirSync(source)) symlinkSync(path.join(source, name), path.join(folder, name));
  const texts: string[] = [];
  for (const modelFolder of [source, folder]) {
    const generator = await createGenerator({ modelFolder, device: 'cpu' });
    const prompt = generator.tokenizer.encode('every day at noon');
    const [answer] = await generator.generate([prompt], { maxNewTokens: 8 });
    texts.push(answer!.text);
    await generator.dispose();
  }
  expect(texts[1]).toBe(texts[0]);
});
