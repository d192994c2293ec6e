import { stringify } from 'yaml';
import type { Input, ModelRecord, RunRecord } from '../governance/records.ts';

/** The model card: Hugging Face's front matter, then what the model was made from and how, in words. */
export function modelCard(model: ModelRecord, run: RunRecord): string {
  const ref = `${model.name}@${model.version}`;
  const base = inputs(model, 'base')[0];
  const data = [...inputs(model, 'train'), ...inputs(model, 'validation')];
  return `---
${stringify(frontMatter(model, base)).trimEnd()}
---

# ${ref}

${sentence(model, base)}

## Made from

| role | name | version | digest |
|---|---|---|---|
${model.inputs.map(inputRow).join('\n')}

## Training

${run.seconds.toFixed(0)} s on ${run.environment.device ?? 'cpu'} (${run.environment.cpu ?? run.environment.arch}), run \`${run.id}\`.
${data.length > 0 ? `The rows are pinned by digest; the settings are in \`llmops/runs/${run.id}.json\`.` : ''}

| figure | value |
|---|---|
${Object.entries(model.metrics)
  .map(([name, { value }]) => `| ${name} | ${value === null ? 'not determined' : Number(value.toPrecision(5))} |`)
  .join('\n')}

## Use

\`\`\`
%eval ${ref} --data DATA
%deploy ${ref}
\`\`\`
`;
}

function frontMatter(model: ModelRecord, base: Input | undefined): Record<string, unknown> {
  const metrics = ['validation_loss', 'validation_exact_match'].flatMap((name) => {
    const value = model.metrics[name]?.value;
    return value === undefined || value === null ? [] : [{ type: name, name, value }];
  });
  const dataset = inputs(model, 'validation')[0] ?? inputs(model, 'train')[0];
  return {
    ...(model.license === undefined ? {} : { license: model.license }),
    library_name: 'transformers',
    pipeline_tag: 'text-generation',
    tags: ['llmops-notebook'],
    ...(base === undefined ? {} : { base_model: base.name }),
    datasets: inputs(model, 'train').map((input) => input.name),
    'model-index': [
      {
        name: model.name,
        results: [
          {
            task: { type: 'text-generation' },
            dataset: { name: dataset?.name ?? '', type: dataset?.name ?? '' },
            metrics,
          },
        ],
      },
    ],
  };
}

function sentence(model: ModelRecord, base: Input | undefined): string {
  const size = `${(model.parameters / 1e6).toFixed(2)} million parameters`;
  const origin =
    base === undefined ? 'trained from scratch' : `fine-tuned from ${base.name} ${base.version ?? ''}`.trim();
  const prompt = model.prompt === undefined ? '' : ` It answers the prompt \`${model.prompt}\`.`;
  return `A causal language model (${model.architecture}, ${size}), ${origin}.${prompt}`;
}

function inputs(model: ModelRecord, role: Input['role']): Input[] {
  return model.inputs.filter((input) => input.role === role);
}

function inputRow({ role, name, version, digest }: Input): string {
  return `| ${role} | ${name} | ${version ?? ''} | ${digest === undefined ? '' : `\`${digest.slice(0, 19)}\``} |`;
}
