import ts from 'typescript';

/** The long counts are wanted. */
export const isSoak = process.env.LLMOPS_SOAK !== undefined;
export const firstSeed = Number(process.env.LLMOPS_FUZZ_SEED ?? 1);

/** How to repeat a failure. */
export function about(seed: number, cell: string): string {
  return `LLMOPS_FUZZ_SEED=${seed}: ${JSON.stringify(cell)}`;
}

/** Long runs say that they go on. */
export function progress(seed: number): void {
  if (isSoak && seed % 5000 === 0) console.log(`  ${seed - firstSeed} cells`);
}

/** TypeScript's own output, as a function that gives the values of these names. */
export function byTypeScript(code: string, names: readonly string[]): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(code, { compilerOptions });
  return `(async () => { "use strict";\n${outputText.replace(/^export \{\};$/m, '')}\nreturn { ${names.join(', ')} };\n})`;
}
