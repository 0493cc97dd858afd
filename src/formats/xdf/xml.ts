/** The subset of XML in stream headers: elements and text. Attributes and comments are ignored. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  /** Without the text of its children, trimmed. */
  text: string;
}

const entities = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The root element; undefined where the document is not well formed. */
export function parseXml(xml: string): XmlElement | undefined {
  const document: XmlElement = { name: '', children: [], text: '' };
  const open = [document];
  let at = 0;
  while (at < xml.length) {
    const parent = open.at(-1)!;
    const start = xml.indexOf('<', at);
    parent.text += decode(xml.slice(at, start === -1 ? xml.length : start));
    if (start === -1) break;
    const [opening, closing] = xml.startsWith('<!--', start) ? ['<!--', '-->'] : ['<', '>'];
    const end = xml.indexOf(closing, start + opening.length);
    if (end === -1) return undefined;
    at = end + closing.length;
    if (xml[start + 1] === '?' || xml[start + 1] === '!') continue;
    const tag = xml.slice(start + 1, end).trim();
    if (tag.startsWith('/')) {
      if (open.length === 1 || parent.name !== tag.slice(1).trim()) return undefined;
      parent.text = parent.text.trim();
      open.pop();
      continue;
    }
    const element: XmlElement = { name: /^[^\s/]+/.exec(tag)?.[0] ?? '', children: [], text: '' };
    parent.children.push(element);
    if (!tag.endsWith('/')) open.push(element);
  }
  return open.length === 1 ? document.children[0] : undefined;
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([\da-f]{1,5})|(\w+));/gi, (whole, decimal, hex, name) =>
    name ? (entities.get(name) ?? whole) : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  );
}

export function child(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce((at, name) => at?.children.find((c) => c.name === name), element);
}

/** Text of the element at `path`; empty where there is no such element. */
export function textAt(element: XmlElement | undefined, ...path: string[]): string {
  return child(element, ...path)?.text ?? '';
}
