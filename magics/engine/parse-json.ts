import { UserError } from '../errors.ts';

/** The value in a file's text. UserError that names the file if it is not JSON. */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${file} is not valid JSON: ${(cause as Error).message}. Download or save it again.`, {
      cause,
    });
  }
}
