import sanitizeHtml from 'sanitize-html';
import { Html } from '../html.ts';

const svgTags =
  'svg g path rect circle ellipse line polyline polygon text tspan title desc defs clipPath linearGradient radialGradient stop marker'.split(
    ' ',
  );
const svgAttributes =
  'd x y x1 x2 y1 y2 cx cy r rx ry dx dy width height viewBox points transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit opacity font-family font-size font-weight font-style text-anchor dominant-baseline clip-path offset stop-color gradientUnits id preserveAspectRatio'.split(
    ' ',
  );
const htmlTags =
  'details summary p div span h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr th td caption strong em b i u s small sub sup code pre kbd br hr blockquote figure figcaption img a meter progress mark'.split(
    ' ',
  );
const htmlAttributes =
  'class style title role colspan rowspan scope align open value max min datetime lang dir aria-label aria-valuenow aria-valuemin aria-valuemax aria-roledescription aria-hidden aria-describedby'.split(
    ' ',
  );
/** Styles that load something or leave their place on the page. */
const harmfulStyle = /url\s*\(|expression\s*\(|@import|position\s*:\s*(fixed|sticky|absolute)|behavior\s*:/i;

/** Markup from a cell's output without scripts, event handlers, forms, frames, and anything that is loaded from elsewhere. */
export function sanitizeMarkup(markup: string): Html {
  const safe = sanitizeHtml(markup, {
    allowedTags: [...htmlTags, ...svgTags],
    allowedAttributes: { '*': [...htmlAttributes, ...svgAttributes], img: ['src', 'alt'], a: ['href'] },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowedSchemesAppliedToAttributes: ['href', 'src'],
    allowProtocolRelative: false,
    parseStyleAttributes: false,
    parser: { lowerCaseTags: false, lowerCaseAttributeNames: false },
    nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'SCRIPT', 'STYLE'],
    transformTags: { '*': (tagName, attribs) => ({ tagName, attribs: withoutHarmfulStyle(attribs) }) },
  });
  return new Html(safe);
}

function withoutHarmfulStyle({ style, ...others }: Record<string, string>): Record<string, string> {
  return style === undefined || harmfulStyle.test(style) ? others : { ...others, style };
}
