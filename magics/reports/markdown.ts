import MarkdownIt from 'markdown-it';
import { Html } from '../html.ts';

const markdown = new MarkdownIt({ html: false });

/** Markdown as markup; raw HTML in it is shown as text, links that could run code are left out. */
export function renderMarkdown(source: string): Html {
  return new Html(markdown.render(source));
}
