import { type Html, html } from '../html.ts';
import type { Lineage, LineageNode } from './lineage.ts';

const box = { width: 146, height: 52, gapX: 22, gapY: 14 };
const maxCharacters = { name: 18, note: 24 };

interface Place {
  x: number;
  y: number;
}

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
  return html`<svg class="lineage" role="img" aria-label="What was made from what: ${description}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="min-width:min(${width}px,46rem)"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs><g class="edges">${edges}</g>${nodes}</svg>`;
}

function drawNode({ kind, title, subtitle }: LineageNode, { x, y }: Place): Html {
  const name = shorten(title, maxCharacters.name);
  const note = shorten(subtitle, maxCharacters.note);
  return html`<g class="node ${kind}" transform="translate(${x},${y})"><title>${kind} ${title}: ${subtitle}</title><rect width="${box.width}" height="${box.height}" rx="6"/><text x="10" y="15" class="note">${kind}</text><text x="10" y="29">${name}</text><text x="10" y="43" class="note">${note}</text></g>`;
}

function shorten(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}

/** Rows within a column follow the mean row of what they were made from, so that lines cross little; columns are centred. */
function placeNodes(lineage: Lineage): Map<string, Place> {
  const columns = assignColumns(lineage);
  const count = Math.max(0, ...columns.values()) + 1;
  const members = Array.from({ length: count }, (_, i) => lineage.nodes.filter((node) => columns.get(node.id) === i));
  const step = box.height + box.gapY;
  const height = Math.max(...members.map((nodes) => nodes.length)) * step;
  const places = new Map<string, Place>();
  members.forEach((nodes, column) => {
    const top = 1 + (height - nodes.length * step) / 2;
    const ordered = nodes
      .map((node) => ({ node, wanted: meanInputRow(node, lineage, places) }))
      .sort((a, b) => a.wanted - b.wanted);
    ordered.forEach(({ node }, row) => {
      places.set(node.id, { x: 1 + column * (box.width + box.gapX), y: top + row * step });
    });
  });
  return places;
}

function meanInputRow(node: LineageNode, { edges }: Lineage, places: ReadonlyMap<string, Place>): number {
  const rows = edges.filter((edge) => edge.to === node.id).map((edge) => places.get(edge.from)?.y ?? 0);
  return rows.reduce((sum, y) => sum + y, 0) / Math.max(1, rows.length);
}

/** The longest way from an input; what nothing leads to stands right before its first use. */
function assignColumns({ nodes, edges }: Lineage): Map<string, number> {
  const columns = new Map(nodes.map((node) => [node.id, 0]));
  for (let pass = 0; pass < nodes.length; pass++) {
    for (const { from, to } of edges) {
      columns.set(to, Math.max(columns.get(to)!, Math.min(columns.get(from)! + 1, nodes.length)));
    }
  }
  for (const { id } of nodes) {
    const uses = edges.filter((edge) => edge.from === id).map((edge) => columns.get(edge.to)!);
    if (uses.length > 0 && !edges.some((edge) => edge.to === id)) columns.set(id, Math.min(...uses) - 1);
  }
  return columns;
}
