import type { ObjectPointer } from './record-parts.ts';
import type { AnyRecord } from './records.ts';

/** The large files that a record names. */
export function pointersOf(record: AnyRecord): readonly ObjectPointer[] {
  switch (record.kind) {
    case 'dataset':
      return [record.object];
    case 'model':
      return record.files;
    case 'run':
      return record.series === undefined ? [] : [record.series];
    case 'eval':
      return [record.samples];
    default:
      return [];
  }
}
