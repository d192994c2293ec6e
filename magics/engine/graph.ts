import { dimensionFactors } from './dimensions.ts';
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

export type TensorData = Float32Array | Int8Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array;

/** Builds what one use of a value adds to its gradient: by itself, or onto what other uses have added up to. */
export type Contribution = (() => Value) | { onto(sum: Value | undefined): Value };

/** One contribution per input of an operator, built only for the inputs that need one. */
export type Backward = (gradient: Value) => readonly Contribution[];

/** How an output came about: from `inputs`, or from a part of the graph that is built again to be differentiated. */
export type TapeEntry =
  | { output: Value; inputs: readonly Value[]; backward: Backward }
  | { output: Value; inputs: readonly Value[]; rebuild: Rebuild };

/** Builds the same part of a graph each time, from other values of the same shapes. */
export type Rebuild = (inputs: readonly Value[]) => Value;

interface NodeOptions {
  attributes?: Readonly<Record<string, Attribute>>;
  /** '' for ONNX's own operators, 'com.microsoft' for ONNX Runtime's. */
  domain?: '' | 'com.microsoft';
}

/**
 * From so many nodes on, the shapes between them are written down. ONNX Runtime looks for a free buffer for each value among
 * all that it could not match by shape: 80 s for 20,000 nodes, 10 s with shapes. Each run then takes up to a twentieth
 * longer, as measured, which small graphs need not pay.
 */
const manyNodes = 6000;

/** Builds an ONNX graph node by node, and keeps the tape that `differentiate` plays backward. */
export class Graph {
  tape: TapeEntry[] = [];
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  private readonly intermediates: Value[] = [];
  private readonly constants = new Map<string, Value>();
  private readonly dimensions = new Map<Dimension, Value>();
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

  /** An initializer that is added when it is first asked for by its name. */
  shared(name: string, shape: readonly number[], data: TensorData, type: ElementType): Value {
    return this.derived(`initializer:${name}`, () => this.initializer(name, shape, data, type));
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

  /** A vector of sizes for `Reshape` and the like; named dimensions must have been defined. */
  sizes(shape: readonly Dimension[]): Value {
    if (shape.every((size) => typeof size === 'number')) return this.integers(shape);
    return this.derived(`sizes:${shape.join()}`, () => {
      const parts = shape.map((size) => this.dimension(size));
      return this.node('Concat', parts, [parts.length], { attributes: { axis: { int: 0 } }, type: 'int64' });
    });
  }

  /** Says where a named dimension's size is found while the graph runs: an int64 vector of one element. */
  defineDimension(name: string, value: Value): void {
    this.dimensions.set(name, value);
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

  /** Adds a node; outputs that are given a name become outputs of the graph. */
  nodeWithOutputs(
    operator: string,
    inputs: readonly Value[],
    outputs: readonly { shape: readonly Dimension[]; type: ElementType; name?: string }[],
    { attributes = {}, domain = '' }: NodeOptions = {},
  ): Value[] {
    const values = outputs.map(({ shape, type, name }) => ({
      name: name ?? `${operator}_${this.count++}`,
      shape,
      type,
    }));
    this.outputs.push(...values.filter((_, i) => outputs[i]!.name !== undefined));
    this.intermediates.push(...values.filter(({ type }, i) => outputs[i]!.name === undefined && type === 'float32'));
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

  /**
   * build(inputs), of which only `inputs` are kept for the gradients: the rest is computed again when they are
   * (Chen et al. 2016). `build` must give the same each time.
   */
  recompute(inputs: readonly Value[], build: Rebuild): Value {
    const tape = this.tape;
    this.tape = [];
    const output = build(inputs);
    this.tape = tape;
    if (this.recording && this.needsGradient(output)) this.tape.push({ output, inputs, rebuild: build });
    return output;
  }

  /** build(inputs) recorded on a tape of its own, on which inputs count as parameters where the `originals` need a gradient. */
  recordApart(
    inputs: readonly Value[],
    originals: readonly Value[],
    build: Rebuild,
  ): { output: Value; tape: readonly TapeEntry[] } {
    const { tape, recording } = this;
    this.tape = [];
    this.recording = true;
    for (const [i, { name }] of inputs.entries()) if (this.needsGradient(originals[i]!)) this.differentiable.add(name);
    const output = build(inputs);
    const own = this.tape;
    this.tape = tape;
    this.recording = recording;
    return { output, tape: own };
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
    return encodeModel({ ...this, intermediates: this.nodes.length > manyNodes ? this.intermediates : [] });
  }

  private dimension(size: Dimension): Value {
    if (typeof size === 'number') return this.integers([size]);
    const known = this.dimensions.get(size);
    if (known !== undefined) return known;
    const { factor, names } = dimensionFactors(size);
    if (names.length === 1 && factor === 1) throw new Error(`The dimension ${size} has not been defined.`);
    return [...names.map((name) => this.dimension(name)), ...(factor === 1 ? [] : [this.integers([factor])])].reduce(
      (a, b) => this.node('Mul', [a, b], [1], { type: 'int64' }),
    );
  }

  private derived(key: string, make: () => Value): Value {
    const value = this.constants.get(key) ?? make();
    this.constants.set(key, value);
    return value;
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
