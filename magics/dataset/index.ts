import { defineVerb, type Magic } from '../magic.ts';
import { card, cardOptions } from './card/card.ts';
import { check, checkOptions } from './check/check.ts';
import { compare, compareOptions } from './compare/compare.ts';
import { load, loadOptions } from './load.ts';
import { balance } from './prepare/balance.ts';
import { budget } from './prepare/budget.ts';
import { chat } from './prepare/chat.ts';
import { dedup } from './prepare/dedup.ts';
import { filter } from './prepare/filter.ts';
import { normalise } from './prepare/normalise.ts';
import { redact } from './prepare/redact.ts';
import { sample } from './prepare/sample.ts';
import { stepVerb } from './prepare/step-verb.ts';
import { profile, profileOptions } from './profile.ts';
import { replay, replayOptions } from './replay/replay.ts';
import { restore, restoreOptions } from './restore.ts';
import { show, showOptions } from './show.ts';
import { split, splitOptions } from './split/split.ts';
import { sql, sqlOptions } from './sql.ts';

/** `%dataset`: files become recorded, typed tables; tables become cleaner tables and parts. */
export const dataset: Magic = {
  name: 'dataset',
  summary: 'Load, explore, prepare, compare and check data sets; each is a record in git.',
  verbs: {
    load: defineVerb({
      summary: 'Load a file, a glob, a folder of texts or an address of any size, and record it.',
      positionals: ['file'],
      options: loadOptions,
      example: '%dataset load data/schedules.jsonl --as schedules',
      run: load,
    }),
    show: defineVerb({
      summary: 'Show the first rows.',
      positionals: ['data'],
      options: showOptions,
      example: '%dataset show schedules --rows 50',
      run: show,
    }),
    profile: defineVerb({
      summary: 'Look a data set over: types, lengths, balance, duplicates, leaks.',
      positionals: ['data'],
      options: profileOptions,
      example: '%dataset profile schedules --against schedules.test',
      run: profile,
    }),
    sql: defineVerb({
      summary: 'Query data sets by name; with --as, the rows are a data set of their own.',
      positionals: [],
      options: sqlOptions,
      body: 'text',
      example: '%%dataset sql --as counts\nSELECT label, count(*) AS n FROM tickets GROUP BY label',
      run: sql,
    }),
    split: defineVerb({
      summary: 'Deal the rows to train, dev and test, reproducibly.',
      positionals: ['data'],
      options: splitOptions,
      example: '%dataset split schedules --train 0.8 --dev 0.1 --test 0.1 --by frame --seed 7 --as parts',
      run: split,
    }),
    compare: defineVerb({
      summary: 'Compare two data sets or versions: columns, rows, drift of each column.',
      positionals: ['before', 'after'],
      options: compareOptions,
      example: '%dataset compare tickets@4f2a9c1 tickets --key id --as changes',
      run: compare,
    }),
    check: defineVerb({
      summary: 'Hold a data set against rules; the cell fails where it breaks one.',
      positionals: ['data'],
      options: checkOptions,
      body: 'yaml',
      example: `%%dataset check tickets
not_null: [text, label]
allowed: { label: [card, fee, pin] }
length: { text: { min: 3, max: 2000 } }
balance: { label: { max_ratio: 10 } }
duplicates: { max_share: 0.01, on: [text], near: 0.9 }
no_pii: true`,
      run: check,
    }),
    filter: stepVerb(filter),
    normalise: stepVerb(normalise),
    dedup: stepVerb(dedup),
    redact: stepVerb(redact),
    balance: stepVerb(balance),
    sample: stepVerb(sample),
    chat: stepVerb(chat),
    budget: stepVerb(budget),
    replay: defineVerb({
      summary: 'Run the recipe of a data set again from its files: does it arrive at the same digest?',
      positionals: ['data'],
      options: replayOptions,
      example: '%dataset replay clean',
      run: replay,
    }),
    card: defineVerb({
      summary: 'Show the data card; write it with its Croissant description and the rows.',
      positionals: ['data'],
      options: cardOptions,
      example: '%dataset card clean --out cards/clean',
      run: card,
    }),
    restore: defineVerb({
      summary: 'Turn the pseudonyms of redact back, on the machine that made them.',
      positionals: ['data'],
      options: restoreOptions,
      example: '%dataset restore safe --as original',
      run: restore,
    }),
  },
};
