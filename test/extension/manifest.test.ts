import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const { contributes } = manifest;
const sources = readdirSync('extension', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(path.join('extension', name), 'utf8'))
  .join('\n');

describe('the extension manifest', () => {
  it('names files that exist', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough: { steps: unknown[] }) => walkthrough.steps);
    const files = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map((container: { icon: string }) => container.icon),
      ...steps.map((step: { media: { markdown: string } }) => step.media.markdown),
    ];
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it.each(contributes.commands as { command: string }[])('has code for $command', ({ command }) => {
    const name = command.replace('llmops.', '');
    expect(sources.includes(`'${command}'`) || sources.includes(`command('${name}'`)).toBe(true);
  });

  it('reads every setting that it offers', () => {
    for (const setting of Object.keys(contributes.configuration.properties)) {
      expect(sources, setting).toContain(`'${setting.replace('llmops.', '')}'`);
    }
  });

  it('lets no command of a tree entry into the palette', () => {
    const ofEntries = contributes.menus['view/item/context'].map((item: { command: string }) => item.command);
    const hidden = contributes.menus.commandPalette.filter((item: { when: string }) => item.when === 'false');
    expect([...new Set(ofEntries)].sort()).toEqual(hidden.map((item: { command: string }) => item.command).sort());
  });
});
