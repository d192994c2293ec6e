import { describe, expect, it } from 'vitest';
import { readHubEnvironment } from '../../../../magics/engine/hub/environment.ts';
import { parseHubReference } from '../../../../magics/engine/hub/reference.ts';

describe('parseHubReference', () => {
  it('reads owner/name, a revision, and data sets behind hf://', () => {
    expect(parseHubReference('HuggingFaceTB/SmolLM2-135M')).toEqual({
      kind: 'model',
      repository: 'HuggingFaceTB/SmolLM2-135M',
      revision: 'main',
      isExplicit: false,
    });
    expect(parseHubReference('hf://org/model.v1@refs/pr/2')).toMatchObject({
      repository: 'org/model.v1',
      revision: 'refs/pr/2',
      isExplicit: true,
    });
    expect(parseHubReference('hf://datasets/org/rows@v2')).toMatchObject({ kind: 'dataset', repository: 'org/rows' });
  });

  it('takes nothing else for a repository: names, versions, paths, addresses', () => {
    const others = [
      'triage',
      'triage@v1.0.0',
      './a/b',
      '../a/b',
      'a/b/c',
      '/a/b',
      'http://a/b',
      'a/..',
      'a/b@../c',
      'a/b--c',
    ];
    for (const text of others) expect(parseHubReference(text), text).toBeUndefined();
  });
});

describe('readHubEnvironment', () => {
  it("follows Hugging Face's variables", () => {
    const variables = {
      HF_HOME: '/data/hf',
      HF_ENDPOINT: 'https://mirror.example/',
      HF_TOKEN: ' hf_a\n',
      HF_HUB_OFFLINE: 'yes',
    };
    expect(readHubEnvironment(variables)).toEqual({
      endpoint: 'https://mirror.example',
      cacheFolder: '/data/hf/hub',
      token: 'hf_a',
      isOffline: true,
    });
    expect(readHubEnvironment({ HF_HUB_CACHE: '/cache', HF_HOME: '/none' })).toEqual({
      endpoint: 'https://huggingface.co',
      cacheFolder: '/cache',
      token: undefined,
      isOffline: false,
    });
    expect(readHubEnvironment({ HF_TOKEN: 'hf_a', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token).toBeUndefined();
  });
});
