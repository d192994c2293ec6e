import { createHash } from 'node:crypto';
import { type DatasetRecord, recordPath } from '../records.ts';
import { citation, citations, type Evidence } from './evidence.ts';

const spdx = [
  'Apache-2.0',
  'MIT',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'CC-BY-4.0',
  'CC-BY-SA-4.0',
  'CC-BY-NC-4.0',
  'GPL-3.0-only',
  'LGPL-3.0-only',
  'MPL-2.0',
];

/** CycloneDX 1.6 ML-BOM: the model with its card, files and figures, its data sets, its base model, what depends on what. */
export function cycloneDx(evidence: Evidence): string {
  const { model, datasets, ref } = evidence;
  const base = model.inputs.find((input) => input.role === 'base');
  const baseRef = base === undefined ? [] : [`base:${base.name}`];
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(citations(evidence).join('\n'))}`,
    version: 1,
    metadata: {
      timestamp: model.createdAt,
      tools: { components: [{ type: 'application', name: 'llmops-notebook' }] },
      component: modelComponent(evidence),
      properties: citations(evidence).map((value) => ({ name: 'llmops:evidence', value })),
    },
    components: [
      ...datasets.map((dataset) => dataComponent(evidence, dataset)),
      ...(base === undefined ? [] : [{ type: 'machine-learning-model', 'bom-ref': baseRef[0], name: base.name }]),
    ],
    dependencies: [{ ref, dependsOn: [...baseRef, ...datasets.map(({ name }) => `data:${name}`)] }],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function modelComponent(evidence: Evidence): unknown {
  const { model, ref, evaluations, datasets } = evidence;
  const metrics = evaluations.flatMap((evaluation) =>
    Object.entries(evaluation.metrics).flatMap(([type, { value, low, high }]) => {
      const interval = low === undefined || high === undefined ? {} : { confidenceInterval: bounds(low, high) };
      return value === null ? [] : [{ type, value: String(value), slice: evaluation.task, ...interval }];
    }),
  );
  return {
    type: 'machine-learning-model',
    'bom-ref': ref,
    name: model.name,
    version: model.version.slice(1),
    ...(model.description === undefined ? {} : { description: model.description }),
    ...licenses(model.license),
    modelCard: {
      modelParameters: {
        approach: { type: 'supervised' },
        task: 'text-generation',
        architectureFamily: 'transformer',
        modelArchitecture: model.architecture,
        datasets: datasets.map(({ name }) => ({ ref: `data:${name}` })),
        inputs: [{ format: 'text' }],
        outputs: [{ format: 'text' }],
      },
      quantitativeAnalysis: { performanceMetrics: metrics },
      properties: evaluations.map((evaluation) => ({
        name: `llmops:evaluation:${evaluation.id}`,
        value: citation(evidence, recordPath(evaluation)),
      })),
    },
    components: model.files.map((file) => ({ type: 'file', name: file.path, hashes: [hashOf(file.oid)] })),
  };
}

function dataComponent(evidence: Evidence, dataset: DatasetRecord): unknown {
  const { name, digest, license, rows } = dataset;
  return {
    type: 'data',
    'bom-ref': `data:${name}`,
    name,
    hashes: [hashOf(digest)],
    ...licenses(license),
    data: [{ type: 'dataset', name, description: `${rows} rows` }],
    properties: [{ name: 'llmops:evidence', value: citation(evidence, recordPath(dataset)) }],
  };
}

const bounds = (low: number, high: number) => ({ lowerBound: String(low), upperBound: String(high) });

const hashOf = (digest: string) => ({ alg: 'SHA-256', content: digest.replace('sha256:', '') });

/** By SPDX identifier where it is a common one, else by name. */
function licenses(license: string | undefined): object {
  if (license === undefined) return {};
  const id = spdx.find((candidate) => candidate.toLowerCase() === license.toLowerCase());
  return { licenses: [{ license: id === undefined ? { name: license } : { id } }] };
}

/** The same UUID for the same text. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
