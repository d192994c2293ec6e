/** What a cell asks about a name. */
export interface HelpQuestion {
  readonly name: string;
  readonly source: boolean;
}

/** The name in a cell like `name?`, which asks what the name is, or `a.b??`, which asks for its source too. */
export function helpQuestion(code: string): HelpQuestion | undefined {
  const [, name, marks] = /^\s*([A-Za-z_$][\w$]*(?:\.[\w$]+)*)(\?{1,2})\s*$/.exec(code) ?? [];
  return name === undefined ? undefined : { name, source: marks === '??' };
}

/** What is known of the name, as Markdown and as plain text. */
export function helpText(name: string, markdown: string | null): Record<string, unknown> {
  const isUnknown = markdown === null || withoutFences(markdown).trim() === 'any';
  if (isUnknown) return { 'text/plain': `Nothing is known of "${name}".` };
  return { 'text/markdown': markdown, 'text/plain': withoutFences(markdown) };
}

/** Markdown without the marks of its code blocks. */
export function withoutFences(markdown: string): string {
  return markdown.replace(/^```\w*\n?/gm, '');
}
