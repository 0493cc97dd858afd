/** The element with this id; the page is ours, so a missing one is a bug. */
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

/** A picture needs words for those who do not see it. */
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

/** Leaves a text that is the same alone: it costs no layout, and a screen reader does not read it again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
