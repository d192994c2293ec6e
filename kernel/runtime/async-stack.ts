/** Name of the global function by which the control thread clears the stack of async contexts. */
export const clearAsyncStackName = '__clearAsyncStack';

/**
 * Node keeps a stack of the async contexts that callbacks run in, once `AsyncLocalStorage` or an async hook is in use.
 * Code that is ended from outside does not unwind it, and Node ends the process when it finds it so. This makes a global
 * function that empties the stack; where Node has no such function, it does nothing.
 */
export function installAsyncStackClearing(): void {
  Object.defineProperty(globalThis, clearAsyncStackName, { value: findClear() ?? (() => undefined) });
}

function findClear(): (() => void) | undefined {
  const binding: unknown = Reflect.get(process, 'binding');
  if (typeof binding !== 'function') return undefined;
  const { emitWarning } = process;
  try {
    // Node warns of every use of its bindings where deprecations are shown.
    process.emitWarning = () => undefined;
    const clear: unknown = Reflect.get(Object(binding.call(process, 'async_wrap')), 'clearAsyncIdStack');
    return typeof clear === 'function' ? () => clear() : undefined;
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
