/** Our own tags on what MLflow holds: what it mirrors, and what both sides agreed on the last time. */
export const mirrorTags = {
  /** On a run: id of the record. */
  run: 'llmops.run',
  /** On a run: digest of the record as it was sent or received. */
  digest: 'llmops.digest',
  /** On a version: `v1.2.0`. */
  version: 'llmops.version',
  /** On a version: commit of the record. */
  commit: 'llmops.commit',
  /** On a registered model: stages as both sides had them, JSON of stage -> version. */
  stages: 'llmops.stages',
} as const;

/** The tags that people set: neither MLflow's own nor ours. */
export function peoplesTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(mlflow|llmops)\./.test(key)));
}
