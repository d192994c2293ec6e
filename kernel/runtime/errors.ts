import { inspect } from 'node:util';
import { isUserError } from '../../magics/errors.ts';
import type { ThrownError } from '../threads.ts';

/** A thrown value, whatever it is, in a form that crosses threads. */
export function describeError(thrown: unknown, awaitedAt?: number): ThrownError {
  if (!(thrown instanceof Error)) {
    return { name: 'Error', message: `Thrown: ${inspect(thrown)}`, stack: '', user: false, awaitedAt };
  }
  const user = isUserError(thrown);
  return {
    name: thrown.name,
    message: thrown.message,
    stack: stackOf(thrown),
    user,
    offending: user ? thrown.offending : undefined,
    awaitedAt,
    cause: thrown.cause === undefined || user ? undefined : describeError(thrown.cause),
  };
}

/** `stack` may be a getter that throws, or anything at all. */
function stackOf(error: Error): string {
  try {
    return typeof error.stack === 'string' ? error.stack : '';
  } catch {
    return '';
  }
}
