import { modelVersions, type RecordedVersion } from '../../magics/governance/model-versions.ts';
import type { ModelRecord } from '../../magics/governance/records.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import { formatDate, formatInterval, headline, metricTitle } from './figures.ts';
import type { TreeNode } from './tree-node.ts';

/** The models of a repository by name; each opens into its versions, newest first, which are read only then. */
export async function modelNodes(store: RecordStore): Promise<TreeNode[]> {
  const models = await store.list('model');
  models.sort((a, b) => a.name.localeCompare(b.name));
  return models.map((model) => modelNode(store, model, models.length <= 3));
}

function modelNode(store: RecordStore, model: ModelRecord, isOpen: boolean): TreeNode {
  const { name } = model;
  return {
    id: `model ${store.folder} ${name}`,
    label: name,
    description: model.version,
    tooltip: card(model),
    icon: 'package',
    context: 'model',
    isOpen,
    target: { kind: 'model', folder: store.folder, name },
    children: async () => (await modelVersions(store, name)).map((version) => versionNode(store, version)),
  };
}

function versionNode(store: RecordStore, version: RecordedVersion): TreeNode {
  const { name, ref, stages, record } = version;
  const facts = [headline(record.metrics), ...stages, formatDate(record.createdAt)];
  const inProduction = stages.includes('production');
  return {
    id: `version ${store.folder} ${ref}`,
    label: version.version,
    description: facts.filter((fact) => fact !== undefined).join(' · '),
    tooltip: card(record, stages),
    icon: stages.length > 0 ? 'verified-filled' : 'tag',
    color: inProduction ? 'charts.green' : stages.length > 0 ? 'charts.blue' : undefined,
    context: 'version',
    target: { kind: 'version', folder: store.folder, name, ref },
  };
}

/** A small card in Markdown: what it is, how good, made when by whom. */
function card(model: ModelRecord, stages: readonly string[] = []): string {
  const metrics = Object.entries(model.metrics).map(([name, figure]) => [
    metricTitle(name),
    formatInterval(name, figure),
  ]);
  return [
    `**${model.name}@${model.version}** ${stages.map((stage) => `\`${stage}\``).join(' ')}`,
    model.description ?? '',
    metrics.length === 0 ? '' : ['| | |', '|-|-:|', ...metrics.map((row) => `| ${row.join(' | ')} |`)].join('\n'),
    `${model.architecture}, ${model.parameters.toLocaleString('en-US')} parameters`,
    [formatDate(model.createdAt), model.createdBy?.replace(/ <.*/, '')].filter(Boolean).join(' · '),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
