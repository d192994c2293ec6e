import { defineVerb, type Magic } from '../magic.ts';
import { dedup, dedupOptions } from './dedup.ts';
import { load, loadOptions } from './load.ts';
import { profile, profileOptions } from './profile.ts';
import { show, showOptions } from './show.ts';
import { split, splitOptions } from './split.ts';

/** `%dataset`: files become recorded, typed tables; tables become cleaner tables and parts. */
export const dataset: Magic = {
  name: 'dataset',
  summary: 'Load, inspect, clean and split data sets; each is a record in git.',
  verbs: {
    load: defineVerb({
      summary: 'Load a CSV, TSV, JSON Lines, JSON or Parquet file and record it.',
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
    split: defineVerb({
      summary: 'Deal the rows to train, dev and test, reproducibly.',
      positionals: ['data'],
      options: splitOptions,
      example: '%dataset split schedules --train 0.8 --dev 0.1 --test 0.1 --by frame --seed 7 --as parts',
      run: split,
    }),
    dedup: defineVerb({
      summary: 'Remove rows that repeat an earlier one.',
      positionals: ['data'],
      options: dedupOptions,
      example: '%dataset dedup schedules --on text --normalize --as clean',
      run: dedup,
    }),
  },
};
