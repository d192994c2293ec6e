import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const pillars = ['engine', 'jobs', 'governance', 'charts'];
const lifeCycle = ['dataset', 'prompt', 'finetune', 'eval', 'deploy', 'monitor'];

interface Import {
  file: string;
  specifier: string;
  /** Path of the imported source from the repository's top, for relative imports. */
  target?: string;
  typeOnly: boolean;
}

describe('architecture', () => {
  const imports = ['extension', 'kernel', 'magics'].flatMap(importsBelow);

  it('only the extension imports vscode', () => {
    expect(offenders((i) => i.specifier === 'vscode' && !i.file.startsWith('extension/'))).toEqual([]);
  });

  it('the extension imports only the protocol, the records, reports, charts and jobs, and the nouns of suites', () => {
    const allowed =
      /^(extension\/|kernel\/protocol\.ts|magics\/(governance|reports|charts|jobs)\/|magics\/(errors|html|eval\/gate|eval\/suite\/(errors|read-suite|suite-yaml|suite-report))\.ts)/;
    expect(
      offenders((i) => i.file.startsWith('extension/') && i.target !== undefined && !allowed.test(i.target)),
    ).toEqual([]);
  });

  it('magics never import the kernel', () => {
    expect(offenders((i) => i.file.startsWith('magics/') && i.target?.startsWith('kernel/') === true)).toEqual([]);
  });

  it('pillars import no magic', () => {
    expect(
      offenders(
        (i) => pillars.includes(folderOf(i.file)) && i.target !== undefined && lifeCycle.includes(folderOf(i.target)),
      ),
    ).toEqual([]);
  });

  it('a magic imports only the nouns of magics earlier in the life cycle', () => {
    expect(
      offenders((i) => {
        const from = lifeCycle.indexOf(folderOf(i.file));
        const to = lifeCycle.indexOf(i.target === undefined ? '' : folderOf(i.target));
        const isVerb = i.target?.endsWith('/index.ts') === true;
        return from >= 0 && to >= 0 && from !== to && (to > from || isVerb);
      }),
    ).toEqual([]);
  });

  it('onnxruntime-node and koffi are loaded only by the engine', () => {
    expect(
      offenders((i) => /^(onnxruntime|koffi)/.test(i.specifier) && !i.typeOnly && !i.file.startsWith('magics/engine/')),
    ).toEqual([]);
  });

  it('code that runs in the kernel or the extension never reaches onnxruntime-node or the engine’s native code', () => {
    for (const entry of [
      'kernel/main.ts',
      'kernel/control.ts',
      'kernel/language.ts',
      'kernel/cli.ts',
      'extension/extension.ts',
    ]) {
      expect(reaches(entry, 'onnxruntime-node'), entry).toBeUndefined();
      expect(reaches(entry, 'koffi'), entry).toBeUndefined();
    }
  });

  function offenders(isOffence: (i: Import) => boolean): string[] {
    return imports.filter(isOffence).map((i) => `${i.file} imports ${i.target ?? i.specifier}`);
  }

  /** The chain of files from `entry` to a package over imports that stay at run time. */
  function reaches(entry: string, specifier: string): string[] | undefined {
    const seen = new Set<string>();
    const visit = (file: string, chain: string[]): string[] | undefined => {
      if (seen.has(file)) return undefined;
      seen.add(file);
      for (const i of imports.filter((candidate) => candidate.file === file && !candidate.typeOnly)) {
        if (i.specifier === specifier) return [...chain, file, specifier];
        const found = i.target === undefined ? undefined : visit(i.target, [...chain, file]);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return visit(entry, []);
  }
});

/** The folder that decides what a file may import: `magics/engine/llama.ts` -> `engine`. */
function folderOf(file: string): string {
  const [top, second] = file.split('/');
  return top === 'magics' ? (second ?? '') : (top ?? '');
}

function importsBelow(folder: string): Import[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .flatMap((name) => importsOf(path.posix.join(folder, name.split(path.sep).join('/'))));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern =
    /^\s*(import|export)\s+(type\s+)?[^'"`;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = match[3] ?? match[4] ?? match[5] ?? '';
    const target = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : undefined;
    return { file, specifier, target, typeOnly: match[2] !== undefined };
  });
}
