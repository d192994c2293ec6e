import { Template } from '@huggingface/jinja';
import { UserError } from '../../errors.ts';

/**
 * Compiles a Jinja chat template with the settings and helpers that Hugging Face Transformers gives it
 * (trim_blocks, lstrip_blocks, raise_exception, strftime_now). Mistakes in the template are UserErrors.
 */
export function compileChatTemplate(source: string): (variables: Record<string, unknown>) => string {
  const template = attempt(() => new Template(source));
  return (variables) => attempt(() => template.render(variables));
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw chatTemplateFailed(cause);
  }
}

function chatTemplateFailed(cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`The model's chat template cannot render these messages: ${reason}`, { cause });
}
