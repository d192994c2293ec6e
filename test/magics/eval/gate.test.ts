import { describe, expect, it } from 'vitest';
import { failedGates, gateFailed, parseGates } from '../../../magics/eval/gate.ts';

const names = ['exact_match', 'perplexity', 'bleu'];
const figures = { exact_match: { value: 0.9 }, perplexity: { value: 2 }, bleu: { value: null } };

describe('gates', () => {
  it('read comparisons and percentages', () => {
    expect(parseGates('exact_match >= 90%, perplexity<3', names)).toEqual([
      { metric: 'exact_match', operator: '>=', threshold: 0.9 },
      { metric: 'perplexity', operator: '<', threshold: 3 },
    ]);
  });

  it('pass at the threshold, fail beyond it, and fail when undetermined', () => {
    expect(failedGates(parseGates('exact_match>=0.9,perplexity<=2', names), figures)).toEqual([]);
    const failed = failedGates(parseGates('exact_match>0.9,perplexity<2,bleu>=0', names), figures);
    expect(failed.map((gate) => gate.metric)).toEqual(['exact_match', 'perplexity', 'bleu']);
    expect(gateFailed('m@v1.0.0', failed, figures, 'abcdef0123').message).toBe(
      'm@v1.0.0 fails its gate: exact_match is 0.9, the gate asks for > 0.9; perplexity is 2, the gate asks for < 2; bleu is undetermined, the gate asks for >= 0. The evaluation is recorded in commit abcdef0; see its worst examples above.',
    );
  });

  it('refuse what is no gate and metrics that are not computed', () => {
    expect(() => parseGates('exact_match=0.9', names)).toThrow('"exact_match=0.9" is not a gate');
    expect(() => parseGates('exactmatch>=0.9', names)).toThrow('Did you mean "exact_match"?');
  });
});
