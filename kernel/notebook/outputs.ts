import type { KernelEvent } from '../protocol.ts';
import type { Output } from './notebook.ts';

export interface OutputCollector {
  /** Starts a cell; its outputs grow in the list that is returned. */
  beginCell(): Output[];
  /** Applies an event to the outputs; updates reach displays of earlier cells too. */
  apply(event: KernelEvent): void;
}

type DataOutput = Extract<Output, { output_type: 'display_data' }>;

/** Turns a kernel's events into the outputs that a notebook file stores. */
export function createOutputCollector(): OutputCollector {
  const displays = new Map<string, DataOutput[]>();
  let outputs: Output[] = [];
  let clearBeforeNext = false;

  function add(output: Output): void {
    if (clearBeforeNext) outputs.length = 0;
    clearBeforeNext = false;
    outputs.push(output);
  }

  function addStream(name: 'stdout' | 'stderr', text: string): void {
    const last = clearBeforeNext ? undefined : outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text = String(last.text) + text;
    else add({ output_type: 'stream', name, text });
  }

  return {
    beginCell() {
      outputs = [];
      clearBeforeNext = false;
      return outputs;
    },
    apply(event) {
      switch (event.type) {
        case 'stream':
          addStream(event.name, event.text);
          break;
        case 'display': {
          const output: DataOutput = { output_type: 'display_data', data: event.data, metadata: event.metadata ?? {} };
          add(output);
          if (event.displayId !== undefined) {
            displays.set(event.displayId, [...(displays.get(event.displayId) ?? []), output]);
          }
          break;
        }
        case 'update_display':
          for (const output of displays.get(event.displayId) ?? []) {
            Object.assign(output, { data: event.data, metadata: event.metadata ?? {} });
          }
          break;
        case 'result': {
          const { executionCount, data, metadata = {} } = event;
          add({ output_type: 'execute_result', execution_count: executionCount, data, metadata });
          break;
        }
        case 'clear_output':
          if (event.wait) clearBeforeNext = true;
          else outputs.length = 0;
          break;
        case 'error':
          add({ output_type: 'error', ename: event.name, evalue: event.message, traceback: event.traceback });
      }
    },
  };
}
