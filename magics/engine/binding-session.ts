import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { spinning } from './native/options.ts';
import type { BoundRun, Session, SessionOptions } from './session.ts';
import type { Feeds, HostTensor } from './tensor.ts';

/** A session through onnxruntime-node itself: every output is copied out, and a run blocks the event loop. */
export async function createBindingSession(model: Uint8Array, options: Required<SessionOptions>): Promise<Session> {
  const { device, threads, externalDataFolder, packsWeights, isTraining } = options;
  const ort = await import('onnxruntime-node');
  const external =
    externalDataFolder === '' ? {} : { model_external_initializers_file_folder_path: externalDataFolder };
  const session = await ort.InferenceSession.create(model, {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    enableMemPattern: !isTraining,
    extra: {
      session: { intra_op: spinning(isTraining), disable_prepacking: packsWeights ? '0' : '1', ...external },
    },
  });
  const toOrt = ({ type, data, dims }: HostTensor) => new ort.Tensor(type as 'float32', data as Float32Array, dims);
  return new BindingSession(session, toOrt);
}

class BindingSession implements Session {
  readonly route = 'binding';
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  private readonly session: InferenceSession;
  private readonly toOrt: (tensor: HostTensor) => OrtTensor;
  private isReleased = false;
  private readonly running = new Set<Promise<unknown>>();

  constructor(session: InferenceSession, toOrt: (tensor: HostTensor) => OrtTensor) {
    this.session = session;
    this.toOrt = toOrt;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
  }

  async run(inputs: Feeds, outputNames: readonly string[] = this.outputNames): Promise<Feeds> {
    if (this.isReleased) throw new Error('The session was released.');
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, this.toOrt(tensor)]));
    const run = this.session.run(feeds, outputNames);
    this.running.add(run);
    try {
      return (await run) as unknown as Feeds;
    } finally {
      this.running.delete(run);
    }
  }

  bind(inputs: Feeds, outputs: Feeds): BoundRun {
    const names = Object.keys(outputs);
    return {
      run: async () => {
        const results = await this.run(inputs, names);
        for (const name of names) copyInto(outputs[name]!, results[name]!);
      },
      release: () => undefined,
    };
  }

  async release(): Promise<void> {
    if (this.isReleased) return;
    this.isReleased = true;
    await Promise.allSettled(this.running);
    await this.session.release();
  }
}

function copyInto(target: HostTensor, source: HostTensor): void {
  const bytes = ({ data }: HostTensor) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  bytes(target).set(bytes(source));
}
