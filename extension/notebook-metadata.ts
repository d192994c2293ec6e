/** The parts of a Jupyter notebook's metadata that say which kernel it is for. VS Code keeps them one level down. */
export interface NotebookMetadata {
  metadata?: {
    kernelspec?: { name?: string; language?: string; display_name?: string };
    language_info?: { name?: string };
  };
}

/** What new notebooks carry: VS Code and Jupyter clients pick our kernel by it. */
export const ownMetadata = {
  kernelspec: { name: 'llmops', language: 'typescript', display_name: 'TypeScript (LLMOps)' },
  language_info: { name: 'typescript', file_extension: '.ts', mimetype: 'text/typescript' },
} as const;

/** Whether a notebook was made for our kernel or for another one of TypeScript. */
export function isOurs({ metadata }: NotebookMetadata): boolean {
  if (metadata?.kernelspec?.name === 'llmops') return true;
  const languages = [metadata?.kernelspec?.language, metadata?.language_info?.name];
  return languages.some((language) => language?.toLowerCase() === 'typescript');
}

/** Whether a notebook names no kernel at all. */
export function namesNoKernel({ metadata }: NotebookMetadata): boolean {
  return metadata?.kernelspec?.name === undefined;
}
