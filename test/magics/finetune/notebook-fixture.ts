import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeRepository } from '../governance/repository-fixture.ts';

/** A repository with the rows that `trainingCell` trains on. */
export function makeTrainingRepository(): string {
  const folder = makeRepository();
  const rows = Array.from({ length: 60 }, (_, i) => ({ text: `row ${i % 12} of twelve` }));
  writeFileSync(path.join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return folder;
}

/** A cell that trains a tiny model called "tiny"; 100 steps take about a second. `lines` are more options, as YAML. */
export function trainingCell(lines: readonly string[], magic = '%%finetune --as run'): string {
  return [
    magic,
    'name: tiny',
    'base_model: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 }',
    'datasets: [{ path: rows.jsonl, type: completion }]',
    'sequence_len: 64',
    'micro_batch_size: 8',
    'device: cpu',
    ...lines,
  ].join('\n');
}
