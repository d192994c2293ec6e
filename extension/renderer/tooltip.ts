/** Shows a mark's values beside the pointer. Text only: nothing in the data can become markup. */
export interface Tooltip {
  /** Vega's tooltip handler: `value` is the mark's tooltip, or null to hide it. */
  handler(view: unknown, event: MouseEvent, item: unknown, value: unknown): void;
  hide(): void;
}

const distance = 12;

export function createTooltip(): Tooltip {
  const box = document.createElement('div');
  box.className = 'llmops-tooltip';
  box.setAttribute('role', 'tooltip');
  const hide = () => box.remove();
  return {
    hide,
    handler: (_view, event, _item, value) => {
      if (value === null || value === undefined || value === '') return hide();
      box.replaceChildren(...tooltipRows(value).map(toElement));
      document.body.append(box);
      place(box, event);
    },
  };
}

/** The lines of a tooltip: pairs for an object, one line for anything else. */
export function tooltipRows(value: unknown): { name?: string; text: string }[] {
  if (typeof value !== 'object' || value === null) return [{ text: String(value) }];
  return Object.entries(value).map(([name, field]) => ({
    name,
    text: typeof field === 'string' ? field : JSON.stringify(field),
  }));
}

function toElement({ name, text }: { name?: string; text: string }): HTMLElement {
  const row = document.createElement('div');
  if (name !== undefined) {
    const label = document.createElement('span');
    label.className = 'llmops-tooltip-name';
    label.textContent = name;
    row.append(label);
  }
  row.append(text);
  return row;
}

/** Beside the pointer, turned inwards at the edges of the window. */
function place(box: HTMLElement, event: MouseEvent): void {
  const { width, height } = box.getBoundingClientRect();
  const right = event.clientX + distance + width > window.innerWidth;
  const below = event.clientY + distance + height > window.innerHeight;
  box.style.left = `${Math.max(0, event.clientX + (right ? -distance - width : distance))}px`;
  box.style.top = `${Math.max(0, event.clientY + (below ? -distance - height : distance))}px`;
}
