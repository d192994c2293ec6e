import { defineVerb, type Magic } from '../magic.ts';
import { history, historyOptions } from './history.ts';
import { run, runOptions } from './run.ts';
import { save, saveOptions } from './save.ts';
import { show, showOptions } from './show.ts';

/** `%%prompt NAME`: Dotprompt files in cells, versioned in git, with typed inputs. */
export const prompt: Magic = {
  name: 'prompt',
  summary: 'Write, version and run prompts: Dotprompt files with typed inputs.',
  defaultVerb: 'save',
  verbs: {
    save: defineVerb({
      summary: 'Check the prompt in the cell, and commit and version it when it changed.',
      positionals: ['name'],
      options: saveOptions,
      body: 'text',
      example: `%%prompt cron
---
input: { schema: { text: string } }
---
{{role "system"}}Turn the schedule into a cron expression.
{{role "user"}}{{text}}`,
      run: save,
    }),
    show: defineVerb({
      summary: 'Show a prompt.',
      positionals: ['name'],
      options: showOptions,
      example: '%prompt show cron@v1.0.0 --as cron',
      run: show,
    }),
    history: defineVerb({
      summary: 'Show the versions of a prompt and what each changed.',
      positionals: ['name'],
      options: historyOptions,
      example: '%prompt history cron',
      run: history,
    }),
    run: defineVerb({
      summary: 'Render a prompt and ask a model.',
      positionals: ['name'],
      options: runOptions,
      example: '%prompt run cron --model cron-lora@v1.0.0 --input text="every weekday at half past nine"',
      run,
    }),
  },
};
