/** Class probabilities over the last minutes; windows without a verdict leave a hole, never a guess. */
import uPlot from 'uplot';
import { classColour, LINE_COLOUR, MUTED_COLOUR } from '../colours.ts';
import { create, createPanel } from '../dom.ts';

const KEEP = 300;

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
        scales: { y: { range: [0, 1] } },
        axes: [axis, axis],
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
}

function size(parent: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, parent.clientWidth), height: 180 };
}
