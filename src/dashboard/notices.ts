/** What the server has told everybody, and what it has refused to this page; the newest first. */
import { byId, create } from './dom.ts';

const KEEP = 5;

export function showNotice(message: string): void {
  const list = byId('notices');
  list.prepend(create('li', `${new Date().toLocaleTimeString()} ${message}`));
  while (list.children.length > KEEP) list.lastElementChild?.remove();
}
