import path from 'node:path';
import { type KernelClient, type RequestEvent, startKernel } from '../../kernel/client.ts';

/** A kernel of the built bundles in `folder`. */
export function startTestKernel(folder: string): Promise<KernelClient> {
  return startKernel({ distFolder: path.resolve('dist'), folder });
}

/** Runs a cell and collects its events. */
export async function runCell(kernel: KernelClient, code: string): Promise<RequestEvent[]> {
  const events: RequestEvent[] = [];
  await kernel.request({ method: 'execute', cellId: 'test', code }, (event) => events.push(event));
  return events;
}

/** Text of the cell's result; undefined when it has none. */
export async function resultOf(kernel: KernelClient, code: string): Promise<unknown> {
  return (await runCell(kernel, code)).find((event) => event.type === 'result')?.data['text/plain'];
}
