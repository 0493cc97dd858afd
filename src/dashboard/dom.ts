/**
 * The element with this id.
 * @throws Error if index.html has none, which is a bug
 */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element as T;
}

export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className !== '') element.className = className;
  return element;
}

interface PanelBox {
  readonly element: HTMLElement;
  /** Small text beside the title. */
  readonly note: HTMLElement;
}

/** A titled box; `kind` is its class, for the style sheet. */
export function createPanel(kind: string, title: string, ...content: readonly Node[]): PanelBox {
  const element = create('section', '', `panel ${kind}`);
  element.setAttribute('aria-label', title);
  const heading = create('h2', title);
  const note = create('small', '', 'note muted');
  heading.append(' ', note);
  element.append(heading, ...content);
  return { element, note };
}

/** `label` describes the canvas for screen readers. */
export function createCanvas(label: string): HTMLCanvasElement {
  const canvas = create('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
}

export function createMeter(label: string): HTMLMeterElement {
  const meter = create('meter');
  meter.max = 1;
  meter.setAttribute('aria-label', label);
  return meter;
}

/** Writes only a changed text, to save layout and so that a screen reader does not repeat it. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
