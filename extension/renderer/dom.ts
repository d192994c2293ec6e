/** An element with a class and a text; never markup. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}

/** A button that says to everybody what it does. */
export function button(text: string, label: string, onClick: () => void): HTMLButtonElement {
  const element = create('button', '', text);
  element.type = 'button';
  element.title = label;
  element.setAttribute('aria-label', label);
  element.addEventListener('click', onClick);
  return element;
}
