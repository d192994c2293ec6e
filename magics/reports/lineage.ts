import { formatNumber } from '../governance/format-figure.ts';
import { headlineMetric, metricWords } from '../governance/headline.ts';
import type { Figure, Input } from '../governance/record-parts.ts';
import type { Evidence } from './gather.ts';

/** A box of the lineage drawing. */
export interface LineageNode {
  readonly id: string;
  readonly kind: 'file' | 'dataset' | 'prompt' | 'run' | 'model' | 'eval' | 'deployment';
  readonly title: string;
  readonly subtitle: string;
}

/** What was made from what: edges point from an input to what was made of it. */
export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** Builds the lineage of the records: data -> prompt -> run -> model version -> evaluation, deployment. */
export function buildLineage(evidence: Evidence): Lineage {
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, { from: string; to: string }>();
  const add = (node: LineageNode) => nodes.set(node.id, node);
  const link = (from: string, to: string) => edges.set(`${from} ${to}`, { from, to });
  const linkInputs = (inputs: readonly Input[], to: string) => {
    for (const input of inputs) {
      const node = inputNode(input);
      if (!nodes.has(node.id)) add(node);
      if (node.id !== to) link(node.id, to);
    }
  };

  for (const { name, rows } of evidence.datasets) {
    add({ id: `dataset ${name}`, kind: 'dataset', title: name, subtitle: `${rows.toLocaleString('en')} rows` });
  }
  for (const { name, text } of evidence.prompts) {
    const subtitle = `${text.trimEnd().split('\n').length} lines`;
    add({ id: `prompt ${name}`, kind: 'prompt', title: name, subtitle });
  }
  for (const model of evidence.models) {
    const ref = `${model.name}@${model.version}`;
    const subtitle = `${model.parameters.toLocaleString('en')} parameters`;
    add({ id: `model ${ref}`, kind: 'model', title: ref, subtitle });
  }
  for (const record of evidence.datasets) linkInputs(record.inputs, `dataset ${record.name}`);
  for (const run of evidence.runs) {
    const id = `run ${run.id}`;
    add({ id, kind: 'run', title: run.name, subtitle: `${run.status}, ${Math.round(run.seconds)} s` });
    linkInputs(run.inputs, id);
    if (run.model !== undefined) link(id, modelId(run.model));
  }
  for (const record of evidence.evals) {
    const id = `eval ${record.id}`;
    add({ id, kind: 'eval', title: record.task, subtitle: figureOf(record.metrics) });
    linkInputs(record.inputs, id);
  }
  for (const record of evidence.deployments) {
    const id = `deployment ${record.name}`;
    add({ id, kind: 'deployment', title: record.name, subtitle: record.status });
    linkInputs(record.inputs, id);
    link(modelId(record.model), id);
  }
  const known = [...edges.values()].filter((edge) => nodes.has(edge.from) && nodes.has(edge.to));
  return { nodes: [...nodes.values()], edges: known };
}

/** A local base model is one box, whether it was trained from, compared with or asked. */
function inputNode({ kind, name, version, role }: Input): LineageNode {
  if (kind === 'model' || role === 'base' || role === 'baseline' || role === 'model') {
    const ref = version === undefined || version === 'local' ? name : `${name}@${version}`;
    return { id: modelId(ref), kind: 'model', title: ref, subtitle: version === 'local' ? 'local folder' : role };
  }
  return { id: `${kind} ${name}`, kind, title: name.split('/').at(-1) ?? name, subtitle: role };
}

/** `exact match 0.931` */
function figureOf(metrics: Readonly<Record<string, Figure>>): string {
  const first = headlineMetric(metrics);
  if (first === undefined) return 'no figures';
  const { value } = first.figure;
  return `${metricWords(first.name)} ${value === null ? 'not determined' : formatNumber(value)}`;
}

const modelId = (ref: string) => `model ${ref}`;
