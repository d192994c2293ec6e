import path from 'node:path';
import type { MagicContext, MimeBundle } from '../../../magics/context.ts';
import { createDataset, type Dataset } from '../../../magics/dataset/dataset.ts';
import { toTable } from '../../../magics/dataset/table.ts';
import { finetuneOptions } from '../../../magics/finetune/config.ts';
import { finetune } from '../../../magics/finetune/index.ts';
import type { Run } from '../../../magics/handles.ts';
import { createPrompt, type Prompt } from '../../../magics/prompt/prompt.ts';

/** What a cell showed: one entry per output, each with its successive contents. */
export type Outputs = MimeBundle[][];

/** A notebook's surroundings without a kernel: outputs are collected, `interrupt` aborts the cell. */
export function makeContext(folder: string): { context: MagicContext; outputs: Outputs; interrupt(): void } {
  const outputs: Outputs = [];
  const controller = new AbortController();
  const context: MagicContext = {
    folder,
    distFolder: path.resolve('dist'),
    signal: controller.signal,
    display(data) {
      const contents = [data];
      outputs.push(contents);
      return { update: (next) => contents.push(next) };
    },
  };
  return { context, outputs, interrupt: () => controller.abort() };
}

/** Runs `%finetune` with options as YAML gives them. */
export function runFinetune(options: Record<string, unknown>, context: MagicContext): Promise<Run> {
  return finetune.verbs.run!.run(finetuneOptions.parse(options) as never, context) as Promise<Run>;
}

const colours = ['red', 'green', 'blue', 'white', 'black'];

/** Rows that a tiny model learns within seconds: `paint it red twice` -> `red red`. */
export async function colourRows(count = 60): Promise<Dataset> {
  const rows = Array.from({ length: count }, (_, i) => {
    const colour = colours[i % colours.length]!;
    const isTwice = i % 2 === 0;
    return {
      text: `paint it ${colour} ${isTwice ? 'twice' : 'once'}, please ${i % 7}`,
      answer: isTwice ? `${colour} ${colour}` : colour,
    };
  });
  return createDataset('colours', await toTable(rows, ['text', 'answer']));
}

/** Conversations of two turns about colours. */
export async function conversations(count = 40): Promise<Dataset> {
  const rows = Array.from({ length: count }, (_, i) => {
    const [first, second] = [colours[i % 5]!, colours[(i + 2) % 5]!];
    const turns = [
      ['user', `paint it ${first}`],
      ['assistant', first],
      ['user', `now ${second}`],
      ['assistant', second],
    ];
    return { messages: turns.map(([role, content]) => ({ role, content })) };
  });
  return createDataset('chats', await toTable(rows, ['messages']));
}

export function colourPrompt(): Promise<Prompt> {
  return createPrompt('paint', '{{role "system"}}Repeat the colour.\n{{role "user"}}{{text}}');
}

/** Options of a training from scratch that takes about a second. */
export async function tinyOptions(changes: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  return {
    base_model: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 },
    datasets: [{ path: await colourRows(), prompt: await colourPrompt(), target: 'answer' }],
    val_set_size: 10,
    micro_batch_size: 8,
    max_steps: 30,
    learning_rate: 0.01,
    sequence_len: 96,
    ...changes,
  };
}
