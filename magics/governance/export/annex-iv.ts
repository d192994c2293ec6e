import { formatFigure } from '../format-figure.ts';
import { type AnyRecord, recordPath } from '../records.ts';
import { citations, type Evidence } from './evidence.ts';

/** A statement with the records that show it; without any it is for the provider to write. */
interface Statement {
  readonly text: string;
  readonly from: readonly string[];
}

/**
 * Technical documentation in the order of Annex IV of Regulation (EU) 2024/1689, Markdown: what the records can tell,
 * each statement with its evidence, and what only the provider can say, marked as such.
 */
export function annexIv(evidence: Evidence): string {
  const paths = [...evidence.digests.keys()].sort();
  const cite = ({ text, from }: Statement) =>
    from.length === 0 ? `- **To be written by the provider:** ${text}` : `- ${text} ${from.map(mark).join('')}`;
  const mark = (path: string) => `[${paths.indexOf(path) + 1}]`;
  const body = sections(evidence).map(([title, statements]) => `## ${title}\n\n${statements.map(cite).join('\n')}`);
  const list = citations(evidence).map((text, i) => `${i + 1}. \`${text}\``);
  return [
    `# Technical documentation of ${evidence.ref}`,
    `After Annex IV of Regulation (EU) 2024/1689. Version of commit ${evidence.commit}.`,
    ...body,
    `## Evidence\n\n${list.join('\n')}\n`,
  ].join('\n\n');
}

const say = (text: string, ...records: readonly AnyRecord[]): Statement => ({ text, from: records.map(recordPath) });
const open = (text: string): Statement => ({ text, from: [] });

function sections(evidence: Evidence): [string, Statement[]][] {
  return [
    ['1. General description', general(evidence)],
    ['2. Elements and development', development(evidence)],
    ['3. Monitoring, functioning and control', control(evidence)],
    ['4. Appropriateness of the performance metrics', metrics(evidence)],
    ['5. Risk management', [open('the risk management system of Article 9')]],
    ['6. Changes through the life cycle', changes(evidence)],
    ['7. Standards applied', [open('harmonised standards, or the other means by which the requirements are met')]],
    ['8. Declaration of conformity', [open('a copy of the EU declaration of conformity')]],
    ['9. Post-market monitoring', [open('the monitoring plan of Article 72')]],
  ];
}

function general({ model, ref, deployments }: Evidence): Statement[] {
  const base = model.inputs.find((input) => input.role === 'base')?.name ?? 'nothing: it was trained from scratch';
  return [
    say(
      `${ref} is a causal language model (${model.architecture}, ${model.parameters.toLocaleString('en')} parameters).`,
      model,
    ),
    say(
      `It was made on ${model.createdAt.slice(0, 10)} by ${(model.createdBy ?? 'somebody').replace(/ <.*/, '')} from ${base}.`,
      model,
    ),
    say(model.license === undefined ? 'Its record names no licence.' : `Its licence is ${model.license}.`, model),
    ...deployments.map((d) => say(`It is offered as ${d.name} on ${d.host}, port ${d.port} (${d.status}).`, d)),
    open('intended purpose, persons affected, and instructions for use'),
  ];
}

function development({ model, run, datasets, prompt }: Evidence): Statement[] {
  return [
    ...(run === undefined
      ? [open('how the model was trained: no run is recorded')]
      : [
          say(
            `Run ${run.id} ${run.status} after ${Math.round(run.seconds)} s on ${run.environment.device ?? 'cpu'}.`,
            run,
          ),
          say(
            `Settings: ${Object.entries(run.config)
              .map(([k, v]) => `${k} ${JSON.stringify(v)}`)
              .join(', ')}.`,
            run,
          ),
        ]),
    ...(prompt === undefined ? [] : [{ text: `It answers the prompt ${model.prompt}.`, from: [prompt] }]),
    ...datasets.map((d) =>
      say(
        `Data set ${d.name}: ${d.rows} rows, ${d.columns.length} columns, ${d.license ?? 'no licence named'}, ${d.digest.slice(0, 19)}.`,
        d,
      ),
    ),
    open('origin of the data, how it was selected and labelled, and human oversight'),
  ];
}

function control({ periods, approvals, model }: Evidence): Statement[] {
  return [
    ...periods.map((p) =>
      say(
        `In ${p.stage} since ${p.since}${p.until === undefined ? '' : ` until ${p.until}`}, by ${p.by.replace(/ <.*/, '')}.`,
        model,
      ),
    ),
    ...approvals.map((a) =>
      say(
        `Approved for ${a.stage} by ${(a.createdBy ?? 'somebody').replace(/ <.*/, '')} on ${a.createdAt.slice(0, 10)}.`,
        a,
      ),
    ),
    open('capabilities and limits, foreseeable unintended outcomes, oversight measures'),
  ];
}

function metrics({ evaluations }: Evidence): Statement[] {
  const stated = evaluations.flatMap((evaluation) => [
    ...Object.entries(evaluation.metrics).map(([name, figure]) =>
      say(`Task ${evaluation.task}: ${name} ${formatFigure(figure)}.`, evaluation),
    ),
    ...(evaluation.slices ?? []).map(({ column, value, metrics: figures }) => {
      const words = Object.entries(figures).map(([name, figure]) => `${name} ${formatFigure(figure)}`);
      return say(`Where ${column} is ${value}: ${words.join(', ')}.`, evaluation);
    }),
  ]);
  return [...stated, open('why these metrics fit the intended purpose')];
}

function changes({ model, ref }: Evidence): Statement[] {
  return [
    say(
      `Every change is a commit; \`llmops history ${model.name}\` lists versions and stages, ${ref} among them.`,
      model,
    ),
  ];
}
