import { fieldOf } from './croissant-field.ts';
import type { CardEvidence } from './evidence.ts';

/** JSON-LD context of Croissant 1.0, as its specification gives it. */
const context = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  cr: 'http://mlcommons.org/croissant/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  fileProperty: 'cr:fileProperty',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  rai: 'http://mlcommons.org/croissant/RAI/',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};

/** Croissant 1.0: the rows' file by its SHA-256, and one record set with a field for each column. */
export function croissant({ record, chain, license }: CardEvidence): Record<string, unknown> {
  const { name, rows, columns, object, createdAt } = record;
  const file = `${name}.jsonl`;
  const verbs = chain.flatMap(({ recipe }) => recipe.map(({ verb }) => verb)).reverse();
  return {
    '@context': context,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.0',
    name,
    description: `${rows} rows with the columns ${columns.map((column) => column.name).join(', ')}, made by ${verbs.join(', ')}.`,
    ...(license === undefined ? {} : { license: `https://spdx.org/licenses/${license}` }),
    datePublished: createdAt.slice(0, 10),
    distribution: [
      {
        '@type': 'cr:FileObject',
        '@id': file,
        name: file,
        contentUrl: file,
        contentSize: `${object.size} B`,
        encodingFormat: 'application/jsonlines',
        sha256: object.oid.slice('sha256:'.length),
      },
    ],
    recordSet: [
      {
        '@type': 'cr:RecordSet',
        '@id': 'rows',
        name: 'rows',
        description: `The ${rows} rows of ${name}.`,
        field: columns.map((column, i) => fieldOf(column, i, file)),
      },
    ],
  };
}
