import {
  type Attribute,
  type Dimension,
  type ElementType,
  type ExternalData,
  encodeModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx.ts';

export type { Dimension, ElementType } from './onnx.ts';

/** A tensor in a graph: an input, an initializer or the output of a node. */
export type Value = Readonly<OnnxValue>;

export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array;

/** One gradient per input of an operator, built only for the inputs that need one. */
export type Backward = (gradient: Value) => readonly (() => Value)[];

export interface TapeEntry {
  output: Value;
  inputs: readonly Value[];
  backward: Backward;
}

interface NodeOptions {
  attributes?: Readonly<Record<string, Attribute>>;
  /** '' for ONNX's own operators, 'com.microsoft' for ONNX Runtime's. */
  domain?: '' | 'com.microsoft';
}

/** Builds an ONNX graph node by node, and keeps the tape that `differentiate` plays backward. */
export class Graph {
  readonly tape: TapeEntry[] = [];
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  private readonly constants = new Map<string, Value>();
  private readonly differentiable = new Set<string>();
  private recording = true;
  private count = 0;

  input(name: string, shape: readonly Dimension[], type: ElementType = 'float32'): Value {
    const value = { name, shape, type };
    this.inputs.push(value);
    return value;
  }

  /** An input that gradients are wanted for. */
  parameter(name: string, shape: readonly number[]): Value {
    this.differentiable.add(name);
    return this.input(name, shape);
  }

  initializer(
    name: string,
    shape: readonly number[],
    data: TensorData | ExternalData,
    type: ElementType = 'float32',
  ): Value {
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data;
    this.initializers.push({ name, shape, type, data: bytes });
    return { name, shape, type };
  }

  scalar(value: number): Value {
    return this.constant(`scalar:${value}`, [], Float32Array.of(value), 'float32');
  }

  /** A vector of integers: shapes, axes, indices. */
  integers(values: readonly number[]): Value {
    return this.constant(
      `integers:${values.join(',')}`,
      [values.length],
      BigInt64Array.from(values.map(BigInt)),
      'int64',
    );
  }

  /** Adds a node with one output. */
  node(
    operator: string,
    inputs: readonly Value[],
    shape: readonly Dimension[],
    options: NodeOptions & { type?: ElementType } = {},
  ): Value {
    return this.nodeWithOutputs(operator, inputs, [{ shape, type: options.type ?? 'float32' }], options)[0]!;
  }

  nodeWithOutputs(
    operator: string,
    inputs: readonly Value[],
    outputs: readonly { shape: readonly Dimension[]; type: ElementType }[],
    { attributes = {}, domain = '' }: NodeOptions = {},
  ): Value[] {
    const values = outputs.map(({ shape, type }) => ({ name: `${operator}_${this.count++}`, shape, type }));
    this.nodes.push({
      operator,
      domain,
      inputs: inputs.map(({ name }) => name),
      outputs: values.map(({ name }) => name),
      attributes,
    });
    return values;
  }

  output(name: string, value: Value): void {
    this.nodes.push({ operator: 'Identity', domain: '', inputs: [value.name], outputs: [name], attributes: {} });
    this.outputs.push({ ...value, name });
  }

  /** Notes how to differentiate `output`, if any of its inputs leads back to a parameter; answers `output`. */
  record(output: Value, inputs: readonly Value[], backward: Backward): Value {
    if (this.recording && inputs.some((input) => this.needsGradient(input))) {
      this.differentiable.add(output.name);
      this.tape.push({ output, inputs, backward });
    }
    return output;
  }

  needsGradient(value: Value): boolean {
    return this.differentiable.has(value.name);
  }

  /** Runs `build` with nothing recorded: for gradients and updates, which nobody differentiates again. */
  withoutRecording<T>(build: () => T): T {
    this.recording = false;
    try {
      return build();
    } finally {
      this.recording = true;
    }
  }

  encode(): Uint8Array {
    return encodeModel(this);
  }

  private constant(key: string, shape: readonly number[], data: TensorData, type: ElementType): Value {
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const value = this.initializer(`constant_${this.constants.size}`, shape, data, type);
    this.constants.set(key, value);
    return value;
  }
}

/** The shape of a value whose dimensions are all known while the graph is built. */
export function staticShape(value: Value): number[] {
  return value.shape.map((size) => {
    if (typeof size === 'string') throw new Error(`${value.name} has the dynamic dimension ${size}.`);
    return size;
  });
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
