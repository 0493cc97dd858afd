/** EEG of an XDF file (Lab Streaming Layer): one numeric stream. */
import type { Channel } from '../../samples.ts';
import type { SourceFile } from '../source-file.ts';
import { microvoltsPer } from '../units.ts';
import { chooseEeg } from '../xdf/choose.ts';
import { readXdfSignal } from '../xdf/signal.ts';
import { channelsOf, type XdfStream } from '../xdf/stream.ts';
import { textAt } from '../xdf/xml.ts';
import { givenUnit, unitName, unitNotices } from './amplitude.ts';
import type { EegOptions, ParsedEeg } from './parsed.ts';

/** Throws what `readXdfSignal` throws. */
export function readXdf(file: SourceFile, options: EegOptions): ParsedEeg {
  const { stream, data, rateHz, gaps, markers, startUnixUs, simulated, notices } = readXdfSignal(
    file,
    options,
    chooseEeg,
  );
  const { channels, factors, unstated, kept } = describeChannels(stream, options, notices);
  const scaled = kept.map((c, i) => (factors[i] === 1 ? data[c]! : data[c]!.map((value) => value * factors[i]!)));
  notices.push(
    ...unitNotices(
      options.unit,
      scaled.filter((_, i) => unstated[i]),
    ),
  );
  return {
    format: 'XDF',
    deviceId: stream.name || 'xdf',
    channels,
    sampleRateHz: rateHz,
    data: scaled,
    gaps,
    markers,
    startUnixUs,
    notices,
    simulated,
  };
}

/** Labels and units of `desc/channels`. If any channels are of type EEG, only these are kept. */
function describeChannels(stream: XdfStream, { unit }: EegOptions, notices: string[]) {
  const full = channelsOf(stream);
  if (full.length === 0)
    notices.push(
      `stream "${stream.name}" does not name its channels: they are numbered from 1, in ${unitName(unit)}; --montage names them`,
    );
  const all = Array.from({ length: stream.channelCount }, (_, c) => c);
  const eeg = all.filter((c) => /^eeg$/i.test(textAt(full[c], 'type')));
  const kept = eeg.length > 0 ? eeg : all;
  const name = (c: number) => textAt(full[c], 'label') || `${c + 1}`;
  if (kept.length < all.length) {
    notices.push(
      `left out, as not of type EEG: ${all
        .filter((c) => !kept.includes(c))
        .map(name)
        .join(', ')}`,
    );
  }
  const factors = kept.map((c) => microvoltsPer(textAt(full[c], 'unit')));
  const unknown = kept.filter((_, i) => full.length > 0 && factors[i] === undefined);
  if (unknown.length > 0)
    notices.push(`unit is not a voltage, taken as ${unitName(unit)}: ${unknown.map(name).join(', ')}`);
  const channels = kept.map((c): Channel => ({ label: name(c), unit: 'uV' }));
  const unstated = factors.map((factor) => factor === undefined);
  const uvPerUnit = givenUnit(unit);
  return { channels, factors: factors.map((factor) => factor ?? uvPerUnit), unstated, kept };
}
