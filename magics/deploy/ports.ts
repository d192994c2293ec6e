import { createServer } from 'node:net';
import { UserError } from '../errors.ts';

/** Throws a UserError that names a free port when nothing can listen at host and port. Port 0 is always free. */
export async function checkPort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const listening = await tryListen(host, port);
  if ('port' in listening) return;
  if (listening.code === 'EADDRINUSE') throw await portInUse(host, port);
  throw cannotListen(host, port, listening.code);
}

/** Whether a host name stands for this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The error for a taken port. */
export async function portInUse(host: string, port: number): Promise<UserError> {
  const free = await tryListen(host, 0);
  const advice =
    'port' in free ? ` Port ${free.port} is free: --port ${free.port}, or` : ' Name another with --port, or';
  return new UserError(`Port ${port} is in use by another program.${advice} leave --port out to get any free one.`, {
    offending: String(port),
  });
}

function tryListen(host: string, port: number): Promise<{ port: number } | { code: string }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? error.message }));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve({ port: bound }));
    });
  });
}

function cannotListen(host: string, port: number, code: string): UserError {
  const reason =
    code === 'EACCES'
      ? 'this user may not use ports below 1024'
      : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
        ? 'this machine has no such address'
        : code;
  return new UserError(`A server cannot listen at ${host}, port ${port}: ${reason}.`, {
    offending: code === 'EACCES' ? String(port) : host,
  });
}
