import { describe, expect, it } from 'vitest';
import { startFolder } from '../../../extension/test-explorer/start-folder.ts';

const having =
  (...files: string[]) =>
  (file: string) =>
    files.includes(file);
const start = (exists: (file: string) => boolean, recorded?: string) =>
  startFolder('/w/nb/suites/a.yaml', { workspace: '/w', recorded, paths: ['data/test.csv'] }, exists);

describe('the folder that a suite starts in', () => {
  it('is the one that it was recorded from, while that is there', () => {
    expect(start(having('/w/nb'), '/w/nb')).toBe('/w/nb');
    expect(start(having(), '/w/nb')).toBe('/w');
  });

  it('is else the outermost one that has the data', () => {
    expect(start(having('/w/nb/data/test.csv', '/w/nb/suites/data/test.csv'))).toBe('/w/nb');
    expect(start(having('/w/data/test.csv', '/w/nb/data/test.csv'))).toBe('/w');
  });

  it('is else the workspace', () => {
    expect(start(having())).toBe('/w');
    expect(startFolder('/elsewhere/a.yaml', { workspace: '/w', paths: ['x'] }, having('/elsewhere/x'))).toBe('/w');
  });
});
