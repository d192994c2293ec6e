import { UserError } from '../../errors.ts';

export function serverMissing(): UserError {
  return new UserError(
    'No MLflow server is named. Give its URL: --url http://127.0.0.1:5000, or set MLFLOW_TRACKING_URI.',
  );
}

export function serverUnknown(url: string): UserError {
  return new UserError(
    `"${url}" is no URL of an MLflow server: it begins with http:// or https:// and holds no password.`,
    {
      offending: url,
    },
  );
}

export function serverUnreachable(url: string, cause: unknown): UserError {
  return new UserError(`The MLflow server ${url} does not answer. Start it, or name another: --url URL`, { cause });
}

export function serverRefused(url: string, status: number): UserError {
  return new UserError(
    `The MLflow server ${url} refuses the request (${status}). ` +
      'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
  );
}

export function serverFailed(url: string, path: string, problem: string): UserError {
  return new UserError(`The MLflow server ${url} answered to ${path}: ${problem}`);
}
