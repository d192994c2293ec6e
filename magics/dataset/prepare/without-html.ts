import sanitizeHtml from 'sanitize-html';

/** Elements whose names tell markup from text that merely has "<" and ">" in it. */
const elements =
  'a|abbr|article|aside|b|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|meta|nav|noscript|object|ol|option|p|pre|q|s|script|section|select|small|span|strike|strong|style|sub|sup|table|tbody|td|textarea|tfoot|th|thead|title|tr|u|ul|video';
const markup = new RegExp(
  `<(?:/?(?:${elements})(?:\\s[^<>]*)?/?>|!--|!doctype)|&(?:#\\d+|#x[\\da-f]+|[a-z]{2,8});`,
  'i',
);
const breaks = /<(?:br|\/p|\/div|\/li|\/tr|\/h[1-6])\b[^<>]*>/gi;

/** The text that a browser would show: no tags, comments, scripts or styles; entities decoded. Text without markup is left as it is. */
export function withoutHtml(text: string): string {
  if (!markup.test(text)) return text;
  const plain = sanitizeHtml(text.replaceAll(breaks, '\n$&'), {
    allowedTags: [],
    allowedAttributes: {},
    nonTextTags: ['script', 'style', 'textarea', 'noscript', 'title'],
  });
  return plain
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();
}
