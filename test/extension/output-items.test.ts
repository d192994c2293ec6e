import { describe, expect, it } from 'vitest';
import { bundleItems, errorItem, progressOf } from '../../extension/output-items.ts';

const textOf = (data: Uint8Array) => Buffer.from(data).toString();

describe('output items', () => {
  it('keep text, encode JSON and decode pictures', () => {
    const items = bundleItems({
      'text/html': ['<p>', 'one</p>'],
      'application/vnd.vegalite.v5+json': { mark: 'bar' },
      'application/json': 'text',
      'image/png': Buffer.from([1, 2, 3]).toString('base64'),
      'image/svg+xml': '<svg/>',
    });
    expect(items.map(({ mime, data }) => [mime, mime === 'image/png' ? [...data] : textOf(data)])).toEqual([
      ['text/html', '<p>one</p>'],
      ['application/vnd.vegalite.v5+json', '{"mark":"bar"}'],
      ['application/json', '"text"'],
      ['image/png', [1, 2, 3]],
      ['image/svg+xml', '<svg/>'],
    ]);
  });

  it('leave a suite’s report to the Test Explorer', () => {
    const bundle = { 'text/plain': '1 of 1 passed', 'application/vnd.llmops.suite+json': { evaluations: ['e1'] } };
    expect(bundleItems(bundle).map((item) => item.mime)).toEqual(['text/plain']);
  });

  it('leave progress to the status bar', () => {
    const bundle = { 'text/plain': 'half', 'application/vnd.llmops.progress+json': { text: '50%', fraction: 0.5 } };
    expect(bundleItems(bundle).map((item) => item.mime)).toEqual(['text/plain']);
    expect(progressOf(bundle)).toEqual({ text: '50%', fraction: 0.5 });
    expect(progressOf({ 'text/plain': 'half' })).toBeUndefined();
  });

  it('show a user error by its message, without its class', () => {
    const item = errorItem({ name: 'UserError', message: 'No such data set.', traceback: ['> %eval x'], user: true });
    const { stack } = JSON.parse(textOf(item.data));
    expect(stack).toContain('No such data set.');
    expect(stack).toContain('> %eval x');
    expect(stack).not.toContain('UserError');
  });

  it('show an unexpected error with its class, and its message only once', () => {
    const item = errorItem({ name: 'TypeError', message: 'x is not a function', traceback: [] });
    expect(JSON.parse(textOf(item.data)).stack).toContain('TypeError: x is not a function');
    const told = errorItem({ name: 'TypeError', message: 'x is odd', traceback: ['TypeError: x is odd', '  at 1'] });
    expect(JSON.parse(textOf(told.data)).stack).toBe('TypeError: x is odd\n  at 1');
  });

  it('has frames that VS Code makes links of', () => {
    const traceback = ['    at third, cell 3, line 2', '    at cell 4, line 1', '    at fail, /home/me/lib.ts, line 7'];
    const { stack } = JSON.parse(textOf(errorItem({ name: 'TypeError', message: 'odd', traceback }).data));
    expect(stack.split('\n').slice(1)).toEqual([
      '    at third',
      '    Cell In[3], line 2',
      '    Cell In[4], line 1',
      '    at fail, /home/me/lib.ts:7:1',
    ]);
  });
});
