import { suggestion, UserError } from '../errors.ts';

export function sshKeygenMissing(cause: unknown): UserError {
  return new UserError('ssh-keygen was not found, so signatures cannot be checked. Install OpenSSH 8.2 or newer.', {
    cause,
  });
}

export function policyInvalid(problem: string): UserError {
  return new UserError(`llmops/policy.json is not valid: ${problem}.`);
}

export function stageInvalid(stage: string, known: readonly string[]): UserError {
  const rest =
    known.length > 0 ? suggestion(stage, known, 'Stages of llmops/policy.json') : ' Use letters, digits, "_" and "-".';
  return new UserError(`"${stage}" is not a stage.${rest}`, { offending: stage });
}

export function alreadyInStage(ref: string, stage: string): UserError {
  return new UserError(`${ref} is in ${stage} already.`, { offending: ref });
}

export function notInStage(ref: string, stage: string): UserError {
  return new UserError(`${ref} is not in ${stage}.`, { offending: ref });
}

export function nothingToRollBack(name: string, stage: string): UserError {
  return new UserError(`No other version of ${name} was in ${stage} before: there is nothing to roll back to.`, {
    offending: name,
  });
}

export function stageInUse(ref: string, stage: string): UserError {
  return new UserError(`${ref} is in ${stage}. Promote or roll back to another version first.`, { offending: ref });
}

/** Every rule that is not met, with what was found and where. */
export function promotionRefused(
  ref: string,
  stage: string,
  checks: readonly { rule: string; passed: boolean; finding: string; evidence: readonly string[] }[],
): UserError {
  const failed = checks.filter((check) => !check.passed);
  const lines = failed.map(({ rule, finding, evidence }) => {
    const where = evidence.length === 0 ? '' : ` (${evidence.join(', ')})`;
    return `\n  ${rule}: ${finding}${where}`;
  });
  const count = `${failed.length} of ${checks.length} rules of llmops/policy.json`;
  return new UserError(`${ref} may not go to ${stage}; ${count} not met:${lines.join('')}`, { offending: ref });
}

export function signingFailed(message: string): UserError {
  return new UserError(
    `The commit could not be signed: ${message.split('\n')[0]} ` +
      'Name your SSH key with: git config --global gpg.format ssh, then git config --global user.signingkey ~/.ssh/id_ed25519.pub',
  );
}
