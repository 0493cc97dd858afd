/** Lists the server's notices and refusals, the newest first. The newest is also shown in the header for a while. */
import { byId, create } from './dom.ts';
import { clockTime } from './text.ts';

const KEEP = 5;
const NEWEST_MS = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function showNotice(message: string): void {
  const list = byId('notices');
  list.prepend(create('li', `${clockTime(Date.now())} ${message}`));
  while (list.children.length > KEEP) list.lastElementChild?.remove();
  showNewest(message);
}

/** A newer notice replaces an older one. */
function showNewest(message: string): void {
  const newest = byId('notice');
  newest.textContent = newest.title = message;
  clearTimeout(timer);
  timer = setTimeout(() => {
    newest.textContent = newest.title = '';
  }, NEWEST_MS);
}
