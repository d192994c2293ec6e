import type { Graph } from '../graph.ts';
import type { OnnxNode } from '../onnx.ts';

/** Turns each sum of activations whose next use is an RMSNorm into ONNX Runtime's operator that does both in one pass. */
export function fuseSkippedNorms(graph: Graph): void {
  const { nodes } = graph;
  const places = new Map(nodes.flatMap((node, place) => node.outputs.map((output) => [output, place])));
  const replaced = new Set<OnnxNode>();
  for (const [place, node] of nodes.entries()) {
    if (node.operator !== 'SimplifiedLayerNormalization') continue;
    const [x, scale] = node.inputs as [string, string];
    const sum = nodes[places.get(x) ?? -1];
    if (sum?.operator !== 'Add' || !sum.inputs.every((input) => places.has(input))) continue;
    if (nodes.slice(places.get(x)! + 1, place).some(({ inputs }) => inputs.includes(x))) continue;
    nodes[place] = {
      operator: 'SkipSimplifiedLayerNormalization',
      domain: 'com.microsoft',
      inputs: [...sum.inputs, scale],
      outputs: [node.outputs[0]!, '', '', x],
      attributes: { epsilon: node.attributes.epsilon! },
    };
    replaced.add(sum);
  }
  nodes.splice(0, nodes.length, ...nodes.filter((node) => !replaced.has(node)));
}
