/** What the server has told everybody, the newest first. */
import type { NoticeMessage } from '../client/index.ts';
import { byId, create } from './dom.ts';

const KEEP = 5;

export function showNotice({ message }: NoticeMessage): void {
  const list = byId('notices');
  list.prepend(create('li', `${new Date().toLocaleTimeString()} ${message}`));
  while (list.children.length > KEEP) list.lastElementChild?.remove();
}
