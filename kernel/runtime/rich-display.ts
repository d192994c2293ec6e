import { mime } from '../../magics/context.ts';

/** Shows contents of one kind each: the interface of tslab's `display`, and methods of ours. */
export interface RichDisplay {
  javascript(text: string): void;
  html(text: string): void;
  markdown(text: string): void;
  latex(text: string): void;
  svg(text: string): void;
  png(bytes: Uint8Array): void;
  jpeg(bytes: Uint8Array): void;
  gif(bytes: Uint8Array): void;
  pdf(bytes: Uint8Array): void;
  text(text: string): void;
  raw(contentType: string, content: string | Uint8Array): void;
}

/** `show` gets bytes as base64. */
export function createRichDisplay(show: (contentType: string, data: string) => void): RichDisplay {
  const raw = (contentType: string, content: string | Uint8Array) =>
    show(contentType, typeof content === 'string' ? content : Buffer.from(content).toString('base64'));
  const as = (contentType: string) => (content: string | Uint8Array) => raw(contentType, content);
  return {
    raw,
    javascript: as('text/javascript'),
    html: as(mime.html),
    markdown: as(mime.markdown),
    latex: as('text/latex'),
    svg: as(mime.svg),
    png: as('image/png'),
    jpeg: as('image/jpeg'),
    gif: as('image/gif'),
    pdf: as('application/pdf'),
    text: as(mime.text),
  };
}
