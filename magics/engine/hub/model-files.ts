/** What is taken of a repository: the files that a language model is read from, and no copy in another format. */
export interface FileChoice {
  /** Files that this kind of content may have; a snapshot that has or knowingly lacks each of them is whole. */
  readonly optional: readonly string[];
  /** The files to take of those there are. */
  choose(available: readonly string[]): string[];
  /** What an incomplete snapshot lacks, in words; undefined when all that is needed is there. */
  missing(read: SnapshotReader): Promise<string | undefined>;
}

/** Looks into a snapshot, whether it is on the hub or in the cache. */
export interface SnapshotReader {
  has(file: string): Promise<boolean>;
  text(file: string): Promise<string>;
}

const index = 'model.safetensors.index.json';
const optional = [
  'generation_config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
];

/** A causal language model: config, safetensors (whole or in shards), tokenizer and generation config. */
export const modelFiles: FileChoice = {
  optional,
  choose(available) {
    const isWhole = available.includes('model.safetensors');
    const isShard = (name: string) => /^model-\d+-of-\d+\.safetensors$/.test(name);
    return available.filter(
      (name) =>
        name === 'config.json' ||
        name === 'tokenizer.json' ||
        optional.includes(name) ||
        (isWhole ? name === 'model.safetensors' : name === index || isShard(name)),
    );
  },
  async missing(read) {
    if (!(await read.has('config.json'))) return 'config.json';
    if (!(await read.has('tokenizer.json'))) return 'tokenizer.json';
    if (await read.has('model.safetensors')) return undefined;
    if (!(await read.has(index))) return 'model.safetensors';
    for (const shard of shardsOf(await read.text(index))) if (!(await read.has(shard))) return shard;
    return undefined;
  },
};

function shardsOf(text: string): string[] {
  const { weight_map: shards } = JSON.parse(text) as { weight_map?: Record<string, string> };
  return [...new Set(Object.values(shards ?? {}))];
}
