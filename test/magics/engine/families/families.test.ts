import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../../magics/engine/config.ts';
import { familyOf } from '../../../../magics/engine/families/index.ts';
import { elementCount } from '../../../../magics/engine/graph.ts';
import { tinyConfig } from '../tiny-model.ts';
import { releasedConfigs } from './released-configs.ts';

describe.each(releasedConfigs)('the config of $name', ({ json, expected, millions }) => {
  const config = parseModelConfig(json);

  it('is read with its sizes', () => {
    expect(config).toMatchObject(expected);
    expect(config.attention).toHaveLength(config.layers);
  });

  it(`gives a model of ${millions} million parameters`, () => {
    const parameters = familyOf(config.architecture)!.parameters(config);
    const count = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    expect(Math.round(count / 1e5) / 10).toBeCloseTo(millions, 1);
  });
});

describe('sliding windows', () => {
  const windowsOf = (json: Record<string, unknown>) => parseModelConfig(json).attention.map(({ window }) => window);
  const named = (name: string) => releasedConfigs.find((config) => config.name === name)!.json;
  const mistral = { ...tinyConfig, architectures: ['MistralForCausalLM'], max_position_embeddings: 8192 };
  const qwen = { ...tinyConfig, architectures: ['Qwen2ForCausalLM'], use_sliding_window: true, sliding_window: 8 };

  it('are on every layer of Mistral: 4096 where config.json is silent, none where it says null', () => {
    expect(windowsOf({ ...mistral, sliding_window: 16 })).toEqual([16, 16]);
    expect(windowsOf(mistral)).toEqual([4096, 4096]);
    expect(windowsOf({ ...mistral, sliding_window: null })).toEqual([undefined, undefined]);
  });

  it('are on layers of Qwen from max_window_layers on, if they are used', () => {
    expect(windowsOf({ ...qwen, max_window_layers: 1 })).toEqual([undefined, 8]);
    expect(windowsOf({ ...qwen, max_window_layers: 1, use_sliding_window: false })).toEqual([undefined, undefined]);
  });

  it('are on every other layer of Gemma 2, and on five of six of Gemma 3', () => {
    expect(windowsOf(named('gemma-2-2b-it')).slice(0, 4)).toEqual([4096, undefined, 4096, undefined]);
    const { layer_types: _, ...gemma3 } = named('gemma-3-270m');
    expect(windowsOf(gemma3)).toEqual(windowsOf(named('gemma-3-270m')));
    expect(windowsOf(gemma3).filter((window) => window === 512)).toHaveLength(15);
  });
});

describe('rotary scaling', () => {
  const frequenciesOf = (rope_scaling: object | undefined) =>
    parseModelConfig({ ...tinyConfig, hidden_size: 16, rope_scaling }).attention[0]!.rotary!;

  it('of the dynamic kind is none within the context', () => {
    expect(frequenciesOf({ type: 'dynamic', factor: 4 })).toEqual(frequenciesOf(undefined));
  });

  it('of the linear kind divides all frequencies', () => {
    const plain = frequenciesOf(undefined).frequencies;
    expect(frequenciesOf({ rope_type: 'linear', factor: 2 }).frequencies).toEqual(plain.map((x) => x / 2));
  });
});
