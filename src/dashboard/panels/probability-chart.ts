/** Class probabilities over the last minutes. A window without a verdict leaves a gap. */
import uPlot from 'uplot';
import { classColour, LINE_COLOUR, MUTED_COLOUR } from '../colours.ts';
import { create, createPanel } from '../dom.ts';
import { clockTime } from '../text.ts';

const KEEP = 300;
/** The shortest time span of the chart. */
const MIN_SPAN_S = 60;
/** Possible distances between two times on the axis. */
const STEPS_S = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 24 * 3600];
/** Width of HH:mm:ss with a margin. */
const TIME_PX = 80;

export class ProbabilityChart {
  readonly element: HTMLElement;
  readonly #plot: uPlot;
  readonly #rows: [number[], ...(number | null)[][]];

  constructor(labels: readonly string[]) {
    const parent = create('div', '', 'chart');
    this.element = createPanel('history', 'Probabilities over time', parent).element;
    this.#rows = [[], ...labels.map(() => [])];
    const axis = { stroke: MUTED_COLOUR, grid: { stroke: LINE_COLOUR }, ticks: { stroke: LINE_COLOUR } };
    this.#plot = new uPlot(
      {
        ...size(parent),
        scales: { x: { range: () => this.#span() }, y: { range: [0, 1] } },
        axes: [
          {
            ...axis,
            incrs: STEPS_S,
            space: TIME_PX,
            values: (_, times) => times.map((time) => clockTime(time * 1000)),
          },
          axis,
        ],
        legend: { live: false },
        cursor: { show: false },
        series: [{}, ...labels.map((label, i) => ({ label, stroke: classColour(i), width: 2 }))],
      },
      this.#rows,
      parent,
    );
    new ResizeObserver(() => this.#plot.setSize(size(parent))).observe(parent);
  }

  push(endUs: number, probs: readonly number[] | null): void {
    const [times, ...series] = this.#rows;
    times.push(endUs / 1e6);
    series.forEach((row, i) => {
      row.push(probs?.[i] ?? null);
    });
    if (times.length > KEEP) for (const row of this.#rows) row.shift();
    this.#plot.setData(this.#rows);
  }

  /** Unix seconds. */
  #span(): [from: number, to: number] {
    const [times] = this.#rows;
    const from = times[0] ?? 0;
    return [from, Math.max(times.at(-1) ?? 0, from + MIN_SPAN_S)];
  }
}

function size(parent: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, parent.clientWidth), height: 180 };
}
