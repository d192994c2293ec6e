import type { MimeBundle } from '../context.ts';
import { block, html } from '../html.ts';
import type { Prompt } from './prompt.ts';

/** A prompt on screen: name, version and inputs on the first line, then its source. */
export function promptBundle(prompt: Prompt, headline = promptHeadline(prompt)): MimeBundle {
  const source = html`<pre style="white-space:pre-wrap">${prompt.source.trimEnd()}</pre>`;
  return block(headline, [source], [prompt.source.trimEnd()]);
}

/** `cron@v1.0.0: input text (string); committed 4f2a9c1` */
export function promptHeadline(prompt: Prompt): string {
  const reference = prompt.version === undefined ? prompt.name : `${prompt.name}@${prompt.version}`;
  const inputs = prompt.inputs.map((i) => `${i.name}${i.required ? '' : '?'} (${i.type})`).join(', ');
  const committed = prompt.commit === undefined ? '' : `; committed ${prompt.commit.slice(0, 7)}`;
  return `${reference}: ${inputs === '' ? 'no inputs' : `inputs ${inputs}`}${committed}`;
}
