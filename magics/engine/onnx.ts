import protobuf from 'protobufjs';

/** Element types of tensors that our graphs use, with ONNX's `TensorProto.DataType` numbers. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
} as const;

export type ElementType = keyof typeof elementTypes;

/** A number, or the name of a dimension that is known only when the graph runs. */
export type Dimension = number | string;

export type Attribute = { int: number } | { float: number } | { text: string } | { ints: readonly number[] };

/** Bytes `offset .. offset + length` of the file `location`, relative to the session's folder of external data. */
export interface ExternalData {
  location: string;
  offset: number;
  length: number;
}

export interface OnnxNode {
  operator: string;
  domain: string;
  /** An empty name is an optional input or output that is left out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxTensor {
  name: string;
  shape: readonly number[];
  type: ElementType;
  data: Uint8Array | ExternalData;
}

export interface OnnxValue {
  name: string;
  shape: readonly Dimension[];
  type: ElementType;
}

export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  initializers: readonly OnnxTensor[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  /** Values between inputs and outputs whose shapes are written down. */
  intermediates: readonly OnnxValue[];
}

/** The serialized ONNX model of a graph: operator set 18, with ONNX Runtime's own operators in `com.microsoft`. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const message = {
    irVersion: 8,
    producerName: 'llmops-notebook',
    opsetImport: [
      { domain: '', version: 18 },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'model',
      node: graph.nodes.map(nodeMessage),
      initializer: graph.initializers.map(tensorMessage),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
      valueInfo: graph.intermediates.map(valueMessage),
    },
  };
  return ModelProto.encode(message).finish();
}

function nodeMessage(node: OnnxNode): object {
  return {
    opType: node.operator,
    domain: node.domain,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes).map(attributeMessage),
  };
}

function attributeMessage([name, value]: [string, Attribute]): object {
  if ('float' in value) return { name, f: value.float, type: 1 };
  if ('int' in value) return { name, i: value.int, type: 2 };
  if ('text' in value) return { name, s: new TextEncoder().encode(value.text), type: 3 };
  return { name, ints: value.ints, type: 7 };
}

function tensorMessage({ name, shape, type, data }: OnnxTensor): object {
  const header = { name, dims: shape, dataType: elementTypes[type] };
  if (data instanceof Uint8Array) return { ...header, rawData: data };
  const externalData = Object.entries(data).map(([key, value]) => ({ key, value: String(value) }));
  return { ...header, dataLocation: 1, externalData };
}

function valueMessage({ name, shape, type }: OnnxValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

type Field = [number: number, type: string, rule?: 'repeated'];

/** The messages and field numbers of the ONNX specification (onnx.proto) that our graphs need. */
const messages: Record<string, Record<string, Field>> = {
  ModelProto: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    graph: [7, 'GraphProto'],
    opsetImport: [8, 'OperatorSetIdProto', 'repeated'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto', 'repeated'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
    valueInfo: [13, 'ValueInfoProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    opType: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    domain: [7, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    ints: [8, 'int64', 'repeated'],
    type: [20, 'int32'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    externalData: [13, 'StringStringEntryProto', 'repeated'],
    dataLocation: [14, 'int32'],
  },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'] },
  TypeProto: { tensorType: [1, 'TensorTypeProto'] },
  TensorTypeProto: { elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [1, 'DimensionProto', 'repeated'] },
  DimensionProto: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
};

const ModelProto = describeMessages().lookupType('ModelProto');

function describeMessages(): protobuf.Root {
  const root = new protobuf.Root();
  for (const [name, fields] of Object.entries(messages)) {
    const type = new protobuf.Type(name);
    for (const [field, [number, fieldType, rule]] of Object.entries(fields))
      type.add(new protobuf.Field(field, number, fieldType, rule));
    root.add(type);
  }
  return root;
}
