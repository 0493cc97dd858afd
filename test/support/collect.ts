import type { SignalGenerator } from '../../src/simulation/generator.ts';

/** Signal and markers of consecutive chunks, concatenated. */
export function collect(generator: SignalGenerator, lengths: readonly number[]) {
  const total = lengths.reduce((a, b) => a + b, 0);
  const data = new Float32Array(generator.labels.length * total);
  const markers: { label: string; offset: number }[] = [];
  let at = 0;
  for (const length of lengths) {
    const chunk = generator.next(length);
    for (let c = 0; c < generator.labels.length; c++) {
      data.set(chunk.data.subarray(c * length, (c + 1) * length), c * total + at);
    }
    markers.push(...chunk.markers.map((marker) => ({ ...marker, offset: at + marker.offset })));
    at += length;
  }
  return { data, markers };
}
