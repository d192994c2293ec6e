import { openStore } from '../governance/open-store.ts';
import { block } from '../html.ts';
import { defineVerb, type Magic } from '../magic.ts';
import { statusBlock } from './display.ts';
import { listOptions, startOptions, statusOptions, stopOptions } from './options.ts';
import { startDeployment } from './start.ts';
import { deploymentStatus } from './status.ts';
import { stopDeployment } from './stop.ts';

/** `%deploy`: OpenAI-compatible servers for models, as processes that outlive the notebook. */
export const deploy: Magic = {
  name: 'deploy',
  summary: 'Serve a model on an OpenAI-compatible endpoint',
  verbs: {
    start: defineVerb({
      summary: 'start a server for a model, or take up the one that is running',
      positionals: ['model'],
      options: startOptions,
      asNamesMore: true,
      startsJob: true,
      example: '%deploy ${run.model} --as cronApi',
      run: startDeployment,
    }),
    status: defineVerb({
      summary: 'say how deployments are',
      positionals: ['name'],
      options: statusOptions,
      example: '%deploy status cronApi',
      async run({ name }, context) {
        const statuses = await deploymentStatus(context.folder, name);
        context.display(statusBlock(statuses));
        return statuses;
      },
    }),
    stop: defineVerb({
      summary: 'end a deployment’s server',
      positionals: ['name'],
      options: stopOptions,
      example: '%deploy stop cronApi',
      async run({ name }, context) {
        const { wasRunning, commit } = await stopDeployment(name, context.folder);
        const recorded = commit === undefined ? '' : `; committed ${commit.slice(0, 7)}`;
        context.display(block(`${name}: ${wasRunning ? 'stopped' : 'was not running any more'}${recorded}`));
      },
    }),
    list: defineVerb({
      summary: 'list deployments from their records, without asking their servers',
      positionals: [],
      options: listOptions,
      example: '%deploy list',
      async run(_options, context) {
        const records = await (await openStore(context.folder)).list('deployment');
        context.display(
          statusBlock(
            records.map(({ name, model, status, host, port, createdAt }) => ({
              name,
              model,
              state: status,
              url: `http://${host}:${port}/v1`,
              detail: '',
              since: createdAt,
            })),
          ),
        );
        return records;
      },
    }),
  },
  defaultVerb: 'start',
};
