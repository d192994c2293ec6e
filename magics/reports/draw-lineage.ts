import { type Html, html } from '../html.ts';
import type { Lineage, LineageNode } from './lineage.ts';

const box = { width: 190, height: 46, gapX: 46, gapY: 14 };
const maxCharacters = 26;

/** Draws the lineage as inline SVG, in columns from inputs to results; colours come from the page's style. */
export function drawLineage(lineage: Lineage): Html {
  const places = placeNodes(lineage);
  const width = Math.max(...[...places.values()].map((place) => place.x)) + box.width + 2;
  const height = Math.max(...[...places.values()].map((place) => place.y)) + box.height + 2;
  const edges = lineage.edges.map(({ from, to }) => {
    const [a, b] = [places.get(from)!, places.get(to)!];
    const [x1, y1, x2, y2] = [a.x + box.width, a.y + box.height / 2, b.x, b.y + box.height / 2];
    const bend = Math.max(20, (x2 - x1) / 2);
    return html`<path d="M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}" marker-end="url(#arrow)"/>`;
  });
  const nodes = lineage.nodes.map((node) => drawNode(node, places.get(node.id)!));
  const description = lineage.edges.map(({ from, to }) => `${from} to ${to}`).join(', ');
  return html`<svg class="lineage" role="img" aria-label="What was made from what: ${description}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs><g class="edges">${edges}</g>${nodes}</svg>`;
}

function drawNode({ kind, title, subtitle }: LineageNode, { x, y }: { x: number; y: number }): Html {
  return html`<g class="node ${kind}" transform="translate(${x},${y})"><title>${kind} ${title}: ${subtitle}</title><rect width="${box.width}" height="${box.height}" rx="6"/><text x="12" y="20" class="name">${shorten(title)}</text><text x="12" y="36" class="note">${shorten(`${kind} · ${subtitle}`)}</text></g>`;
}

function shorten(text: string): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text;
}

/** Column: the longest way from an input; row: the mean row of what it was made from, so that lines cross little. */
function placeNodes({ nodes, edges }: Lineage): Map<string, { x: number; y: number }> {
  const columns = new Map(nodes.map((node) => [node.id, 0]));
  for (let pass = 0; pass < nodes.length; pass++) {
    for (const { from, to } of edges) {
      const column = Math.min(columns.get(from)! + 1, nodes.length);
      if (column > columns.get(to)!) columns.set(to, column);
    }
  }
  const places = new Map<string, { x: number; y: number }>();
  for (let column = 0; column <= Math.max(0, ...columns.values()); column++) {
    const here = nodes.filter((node) => columns.get(node.id) === column);
    const wanted = (node: LineageNode) => {
      const rows = edges.filter((edge) => edge.to === node.id).map((edge) => places.get(edge.from)?.y ?? 0);
      return rows.reduce((sum, y) => sum + y, 0) / Math.max(1, rows.length);
    };
    here
      .sort((a, b) => wanted(a) - wanted(b))
      .forEach((node, row) => {
        places.set(node.id, { x: 1 + column * (box.width + box.gapX), y: 1 + row * (box.height + box.gapY) });
      });
  }
  return places;
}
