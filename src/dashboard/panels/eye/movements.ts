/** Counts the eye movements of the last 30 s, describes the latest of each kind, and draws those of the last 10 s. */
import type { ClientEvent } from '../../../client/index.ts';
import { EVENT_COLOURS, LINE_COLOUR, MUTED_COLOUR } from '../../colours.ts';
import { create, createCanvas, createPanel, setText } from '../../dom.ts';
import type { StreamTime } from '../../stream-time.ts';
import { Surface } from '../../surface.ts';
import { throttled } from '../../throttle.ts';

type GazeEvent = ClientEvent<'gaze'>;
type Kind = GazeEvent['data']['type'];

const COUNTED_S = 30;
const STRIP_S = 10;
/** No rate is shown for less time than this. */
const MIN_RATE_S = 5;
const LABEL_PX = 64;
const PERIOD_MS = 40;

interface Row {
  readonly kind: Kind;
  readonly name: string;
  /** Row of the strip. */
  readonly lane: number;
  /** The unit of time of the rate, in seconds, and its name. */
  readonly per: readonly [seconds: number, unit: string];
}
const ROWS: readonly Row[] = [
  { kind: 'fixation', name: 'fixations', lane: 0, per: [1, 's'] },
  { kind: 'saccade', name: 'saccades', lane: 1, per: [1, 's'] },
  { kind: 'blink', name: 'blinks', lane: 2, per: [60, 'min'] },
  { kind: 'track_loss', name: 'track losses', lane: 2, per: [60, 'min'] },
];
const LANES = ['fixations', 'saccades', 'blinks, loss'];

export class EyeMovementsPanel {
  readonly element: HTMLElement;
  readonly #time: StreamTime;
  readonly #surface: Surface;
  readonly #requestDraw = throttled(PERIOD_MS, () => this.#draw());
  readonly #cells: ReadonlyMap<Kind, { count: HTMLElement; rate: HTMLElement; last: HTMLElement }>;
  /** The events of the last 30 s, in the order of arrival. */
  #events: GazeEvent[] = [];
  #firstUs = Number.NaN;

  constructor(time: StreamTime) {
    this.#time = time;
    const table = create('table', '', 'counts');
    const head = create('tr');
    for (const title of ['', `last ${COUNTED_S} s`, 'rate', 'last one']) {
      const cell = create(title === '' ? 'td' : 'th', title);
      if (title !== '') cell.setAttribute('scope', 'col');
      head.append(cell);
    }
    table.append(head);
    this.#cells = new Map(
      ROWS.map(({ kind, name }) => {
        const row = create('tr');
        row.dataset['kind'] = kind;
        const heading = create('th', name);
        heading.setAttribute('scope', 'row');
        heading.style.setProperty('--colour', EVENT_COLOURS[kind]);
        const cells = { count: create('td', '0'), rate: create('td', '–'), last: create('td', '–') };
        row.append(heading, cells.count, cells.rate, cells.last);
        table.append(row);
        return [kind, cells];
      }),
    );
    const strip = createCanvas(`Fixations, saccades, blinks and track losses of the last ${STRIP_S} seconds`);
    const { element, note } = createPanel('eye-events', 'Eye movements', table, strip);
    note.textContent = `counted over the last ${COUNTED_S} s, drawn over the last ${STRIP_S} s`;
    this.element = element;
    this.#surface = new Surface(strip, () => this.#draw());
  }

  /** The counts start at the first frame. */
  begin(us: number): void {
    if (Number.isNaN(this.#firstUs)) this.#firstUs = us;
    this.#requestDraw();
  }

  event(event: GazeEvent): void {
    this.begin(event.t.start_us);
    this.#events.push(event);
    this.#cells.get(event.data.type)!.last.textContent = describe(event.data);
    this.tick();
  }

  tick(): void {
    if (!this.#time.isKnown) return;
    const nowUs = this.#time.nowUs();
    const sinceUs = nowUs - COUNTED_S * 1e6;
    this.#events = this.#events.filter(({ t }) => t.end_us > sinceUs);
    const countedS = Math.min(COUNTED_S, (nowUs - this.#firstUs) / 1e6);
    for (const { kind, per } of ROWS) {
      const count = this.#events.filter(({ data }) => data.type === kind).length;
      const { count: cell, rate } = this.#cells.get(kind)!;
      setText(cell, String(count));
      const text = `${((count / countedS) * per[0]).toFixed(1)} / ${per[1]}`;
      setText(rate, countedS < MIN_RATE_S ? '–' : text);
    }
    this.#requestDraw();
  }

  #draw(): void {
    const { context, width, height } = this.#surface;
    const lane = height / LANES.length;
    this.#surface.clear();
    context.font = '11px system-ui';
    context.textBaseline = 'middle';
    context.fillStyle = MUTED_COLOUR;
    context.strokeStyle = LINE_COLOUR;
    context.beginPath();
    LANES.forEach((label, i) => {
      context.fillText(label, 0, (i + 0.5) * lane);
      const y = Math.round((i + 1) * lane) - 0.5;
      context.moveTo(LABEL_PX, y);
      context.lineTo(width, y);
    });
    context.stroke();
    if (!this.#time.isKnown) return;
    const fromUs = this.#time.nowUs() - STRIP_S * 1e6;
    const pxPerUs = (width - LABEL_PX) / (STRIP_S * 1e6);
    for (const { t, data } of this.#events) {
      if (t.end_us < fromUs) continue;
      const x = LABEL_PX + Math.max(0, (t.start_us - fromUs) * pxPerUs);
      const end = LABEL_PX + (t.end_us - fromUs) * pxPerUs;
      context.fillStyle = EVENT_COLOURS[data.type];
      const { lane: i } = ROWS.find(({ kind }) => kind === data.type)!;
      context.fillRect(x, i * lane + 3, Math.max(1.5, end - x), lane - 6);
    }
  }
}

function describe(data: GazeEvent['data']): string {
  const { duration_ms } = data;
  const duration = duration_ms < 1000 ? `${duration_ms.toFixed(0)} ms` : `${(duration_ms / 1000).toFixed(1)} s`;
  if (data.type !== 'saccade') return duration;
  const peak = data.peak_deg_s === null ? '' : `, ${data.peak_deg_s.toFixed(0)} °/s`;
  return `${duration}, ${data.amplitude_deg.toFixed(1)}°${peak}`;
}
