/** A repository on the hub at a revision. */
export interface HubReference {
  readonly kind: 'model' | 'dataset';
  /** `HuggingFaceTB/SmolLM2-135M` */
  readonly repository: string;
  /** A branch, a tag or a commit; `main` when none was given. */
  readonly revision: string;
  /** Written with `hf://`, so that it cannot be meant as a path. */
  readonly isExplicit: boolean;
}

const part = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,95})';
const pattern = new RegExp(`^(hf://)?(datasets/)?(${part}/${part}?)(?:@(.+))?$`);

/**
 * Reads `owner/name`, `owner/name@revision` and the same behind `hf://` (data sets: `hf://datasets/owner/name`);
 * undefined for anything else. Says nothing about whether it exists, and never touches the network.
 */
export function parseHubReference(text: string): HubReference | undefined {
  const [, scheme, datasets, repository, revision = 'main'] = pattern.exec(text) ?? [];
  if (repository === undefined || /\.\.|--/.test(repository) || /(^|\/)\.\.?(\/|$)/.test(revision)) return undefined;
  if (datasets !== undefined && scheme === undefined) return undefined;
  return {
    kind: datasets === undefined ? 'model' : 'dataset',
    repository,
    revision,
    isExplicit: scheme !== undefined,
  };
}

/** Whether a revision is a whole commit: such a snapshot never changes. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}
