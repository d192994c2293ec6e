import { DeviceFailed } from '../engine/device-session.ts';
import { isUserError } from '../errors.ts';

/** An error as OpenAI's API answers it: an HTTP status and `{ error: { message, type, param, code } }`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  /** Field of the request body that is wrong. */
  readonly param: string | null;
  readonly retryAfterSeconds?: number;

  constructor(
    status: number,
    message: string,
    detail: { type?: string; code?: string; param?: string; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.type = detail.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
    this.code = detail.code ?? null;
    this.param = detail.param ?? null;
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }

  body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** Whether the request is at fault, rather than the machine that answers it. */
export function isRequestAtFault(error: unknown): boolean {
  return isUserError(error) && !(error instanceof DeviceFailed);
}

export function wrongKey(): ApiError {
  return new ApiError(401, 'Incorrect API key provided. Send "Authorization: Bearer KEY" with this deployment’s key.', {
    code: 'invalid_api_key',
  });
}

export function modelNotFound(model: string, served: readonly string[]): ApiError {
  return new ApiError(404, `The model "${model}" does not exist here. This server offers: ${served.join(', ')}.`, {
    code: 'model_not_found',
    param: 'model',
  });
}

export function invalidField(param: string, message: string): ApiError {
  return new ApiError(400, message, { param });
}

export function contextTooLong(wanted: number, contextTokens: number, param: string): ApiError {
  return new ApiError(
    400,
    `This model's context holds ${contextTokens} tokens, but the request needs ${wanted} (prompt and answer). Shorten the prompt or lower max_tokens.`,
    { code: 'context_length_exceeded', param },
  );
}

export function queueFull(waiting: number): ApiError {
  return new ApiError(503, `The server is busy: ${waiting} requests are waiting already. Try again in a moment.`, {
    code: 'overloaded',
    retryAfterSeconds: 1,
  });
}

export function requestNotFound(id: string): ApiError {
  return new ApiError(404, `There is no request "${id}" in this deployment's log.`, { param: 'request_id' });
}
