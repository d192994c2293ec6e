import type { ActivationFunction } from 'vscode-notebook-renderer';
import { cellText, isMissing, type Sorting, type TableRow } from '../../magics/charts/table-order.ts';
import type { TableResource } from '../../magics/charts/table-resource.ts';
import { button, create } from './dom.ts';
import { type AskKernel, createKernelQuestions, createTableReader } from './table-reader.ts';
import { describePage, nextSorting, sortRows, toCsv } from './table-rows.ts';
import { tableStyle } from './table-style.ts';

const pageRows = 20;

/** Draws tables: pages, sorting by a click on a column's name, export. Text only: nothing in the data can become markup. */
export const activate: ActivationFunction = (context) => {
  const ask = createKernelQuestions(context);
  return { renderOutputItem: (item, element) => showTable(element, item.json() as TableResource, ask) };
};

function showTable(element: HTMLElement, table: TableResource, ask: AskKernel | undefined): void {
  const { fields } = table.schema;
  const isNumeric = new Set(fields.map(({ name }) => name).filter((name) => hasNumbers(table, name)));
  const reader = createTableReader(table, ask);
  const content = create('div', 'llmops-table');
  const head = create('tr');
  const body = create('tbody');
  const place = create('span', 'llmops-table-place');
  place.setAttribute('aria-live', 'polite');
  let sorting: Sorting | undefined;
  let page = 0;
  let drawings = 0;

  const lastPage = () => Math.max(0, Math.ceil(reader.available / pageRows) - 1);
  const back = button('‹', 'Previous page', () => turnTo(page - 1));
  const forward = button('›', 'Next page', () => turnTo(page + 1));
  const save = button('CSV', 'Save the rows of the notebook as CSV', () => download(table, sorting));

  function turnTo(wanted: number): void {
    page = Math.min(lastPage(), Math.max(0, wanted));
    void draw();
  }

  async function draw(): Promise<void> {
    const drawing = ++drawings;
    const read = reader.read({ first: page * pageRows, count: pageRows, sorting });
    if (read instanceof Promise) place.textContent = 'waiting for the kernel …';
    const rows = read instanceof Promise ? await read : read;
    // The user has gone on in the meantime.
    if (drawing !== drawings) return;
    // The kernel has gone, and the page with it.
    if (page > lastPage()) turnTo(lastPage());
    else show(rows);
  }

  function show(rows: readonly TableRow[]): void {
    body.replaceChildren(
      ...rows.map((row) => {
        const line = create('tr');
        line.append(...fields.map(({ name }) => cellOf(row[name], isNumeric.has(name))));
        return line;
      }),
    );
    place.textContent = describePage(page * pageRows, rows.length, reader.available, table.rowCount, reader.isCut);
    back.disabled = page === 0;
    forward.disabled = page === lastPage();
    for (const [i, { name }] of fields.entries()) markSorting(head.children[i]!, name, sorting);
  }

  head.append(
    ...fields.map(({ name, type }) => {
      const header = create('th', isNumeric.has(name) ? 'llmops-number' : '');
      header.scope = 'col';
      const sort = button(name, `Sort by ${name}`, () => {
        sorting = nextSorting(name, sorting);
        turnTo(0);
      });
      header.append(sort, create('small', '', type));
      return header;
    }),
  );
  const grid = create('table');
  const header = create('thead');
  header.append(head);
  grid.append(header, body);
  const scroller = create('div', 'llmops-table-scroller');
  scroller.append(grid);
  const bar = create('div', 'llmops-table-bar');
  bar.append(...(lastPage() > 0 ? [back, forward] : []), place, save);
  if (table.title !== undefined) content.append(create('strong', '', table.title));
  content.append(scroller, bar);
  void draw();
  element.replaceChildren(tableStyle(), content);
}

function hasNumbers(table: TableResource, name: string): boolean {
  return table.data.some((row) => typeof row[name] === 'number');
}

/** A long text is cut; a click shows all of it. */
function cellOf(value: unknown, numeric: boolean): HTMLTableCellElement {
  const cell = create('td', numeric ? 'llmops-number' : '');
  if (isMissing(value)) {
    cell.append(create('em', '', 'missing'));
    return cell;
  }
  const text = cellText(value);
  const holder = create('div', 'llmops-table-text', text);
  if (text.length > 80) {
    holder.title = 'Click to show all of it';
    holder.addEventListener('click', () => holder.classList.toggle('llmops-open'));
  }
  cell.append(holder);
  return cell;
}

function markSorting(header: Element, name: string, sorting: Sorting | undefined): void {
  const direction = sorting?.column === name ? (sorting.descending ? 'descending' : 'ascending') : 'none';
  header.setAttribute('aria-sort', direction);
}

/** VS Code asks where to save it. */
function download(table: TableResource, sorting: Sorting | undefined): void {
  const names = table.schema.fields.map(({ name }) => name);
  const link = create('a');
  link.href = URL.createObjectURL(new Blob([toCsv(names, sortRows(table.data, sorting))], { type: 'text/csv' }));
  link.download = 'table.csv';
  document.body.append(link);
  link.click();
  link.remove();
}
