/** Thrown where a cell's code, or a library that it calls, would end the process. */
class ProcessExit extends Error {
  override readonly name = 'ProcessExit';

  constructor(code: string) {
    super(
      `process.exit(${code}) was called. It would end the kernel, and every variable with it: the kernel goes on. ` +
        'To begin anew, restart the kernel; code that is to end its process can run in one of its own: !node FILE.',
    );
  }
}

/** From here on `process.exit` throws: what a script's last line may do would cost a notebook its state. */
export function refuseExit(): void {
  process.exit = (code) => {
    throw new ProcessExit(code === undefined || code === null ? '' : String(code));
  };
}
