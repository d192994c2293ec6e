import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exportOnnx } from '../../magics/engine/export-onnx.ts';
import { checkExport, exporters, exportVersion } from '../../magics/governance/export/index.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { resolveModel } from '../../magics/governance/resolve-model.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

/**
 * `llmops export REF --format FORMAT`: a document about a version, or the version itself for other programs; `--check FILE`
 * says whether a document is still up to date.
 */
export const exportCommand: Command = {
  summary: 'Write a model version as model card, CycloneDX ML-BOM, Annex IV file, OpenLineage events or ONNX model',
  help: [
    `Usage: llmops export REF --format ${Object.keys(exporters).join('|')} [-o FILE]`,
    '       llmops export REF --format onnx -o FOLDER',
    '       llmops export REF --check FILE [--json]',
    '',
    '  -o, --out FILE   where to write it; printed when left out',
    '  --format onnx    the model as Transformers.js and other programs of ONNX Runtime load it',
    '  --check FILE     exit code 1 and what changed when the records have moved on since FILE was written',
  ].join('\n'),
  async run(args, io) {
    const text = { type: 'string' } as const;
    const options = { format: text, out: { ...text, short: 'o' }, check: text, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArguments(args, options, { min: 1, max: 1 });
    const ref = positionals[0]!;
    if (values.format === 'onnx') return exportModel(ref, values.out, io);
    const store = await openStore(io.folder);
    if (values.check !== undefined) {
      const changes = await checkExport(store, ref, await readFile(path.resolve(io.folder, values.check), 'utf8'));
      if (values.json) io.stdout(`${JSON.stringify({ stale: changes.length > 0, changes }, null, 2)}\n`);
      else if (changes.length === 0) io.stdout(`${values.check} is up to date.\n`);
      else io.stdout(`${values.check} is stale:\n${changes.map((change) => `  ${change}\n`).join('')}`);
      return changes.length === 0 ? 0 : 1;
    }
    if (values.format === undefined) throw new UsageError('--format is missing.');
    const document = await exportVersion(store, ref, values.format);
    if (values.out === undefined) io.stdout(document);
    else await writeFile(path.resolve(io.folder, values.out), document);
    return 0;
  },
};

async function exportModel(ref: string, out: string | undefined, { folder, stdout }: CommandIo): Promise<number> {
  if (out === undefined) throw new UsageError('--format onnx writes a folder: name it with --out.');
  const model = await resolveModel(ref, folder);
  await exportOnnx(model.folder, path.resolve(folder, out));
  stdout(`${model.ref} is in ${out}: its weights, tokenizer and onnx/model.onnx.\n`);
  return 0;
}
