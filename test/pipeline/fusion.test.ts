import { describe, expect, it } from 'vitest';
import type { ModelDescription, PredictionEvent, Verdict } from '../../src/api/events.ts';
import { Fusion } from '../../src/pipeline/fusion.ts';
import { decision } from '../../src/pipeline/to-events.ts';
import type { Modality } from '../../src/samples.ts';
import { FAKE_MODEL } from '../support/fake-service.ts';

const EEG: ModelDescription = { ...FAKE_MODEL, id: 'eeg', modality: 'eeg', labels: ['low', 'mid', 'high'] };
const EYE: ModelDescription = { ...FAKE_MODEL, id: 'eye', modality: 'eye', labels: ['low', 'mid', 'high'] };

const ok = (label: string, probs: readonly number[]): Verdict => decision(EEG.labels, label, probs);
const stale: Verdict = { state: 'abstain', reasons: ['stale'], label: null, probs: null, probs_by_label: null };
const warmup: Verdict = { state: 'warmup', reasons: [], label: null, probs: null, probs_by_label: null };

function prediction(source: Modality, endS: number, data: Verdict, score = 1): PredictionEvent {
  const end_us = endS * 1e6;
  return {
    stream: 'prediction',
    t: {
      start_us: end_us - 4e6,
      end_us,
      emit_us: end_us + 1e4,
      mono_us: end_us - 1e3,
      clock_err_us: source === 'eeg' ? 100 : 300,
    },
    quality: { coverage: score, lost: source === 'eeg' ? 2 : 5, bad_channels: source === 'eeg' ? ['O2'] : [], score },
    source,
    profile: null,
    simulated: source === 'eye',
    data,
  };
}

describe('Fusion', () => {
  it('averages the probabilities', () => {
    const fusion = new Fusion([EEG, EYE]);
    fusion.push(prediction('eye', 9.8, ok('high', [0.1, 0.1, 0.8])));
    const together = fusion.push(prediction('eeg', 10, ok('low', [0.6, 0.3, 0.1])));
    const { data, fused, source, t, quality, simulated } = together!;
    expect(data).toMatchObject({ state: 'ok', reasons: [], label: 'high' });
    expect(data.probs!.map((p) => Number(p.toFixed(9)))).toEqual([0.35, 0.2, 0.45]);
    expect({ fused, source, simulated }).toEqual({ fused: ['eeg', 'eye'], source: 'fusion', simulated: true });
    expect(t).toEqual({ start_us: 5.8e6, end_us: 10e6, emit_us: 10.01e6, mono_us: 9.999e6, clock_err_us: 300 });
    expect(quality).toEqual({ coverage: 1, lost: 7, bad_channels: ['O2'], score: 1 });
  });

  it('weighs windows by their quality', () => {
    const fusion = new Fusion([EEG, EYE]);
    fusion.push(prediction('eye', 10, ok('high', [0, 0, 1]), 0.5));
    const { data } = fusion.push(prediction('eeg', 10, ok('low', [1, 0, 0])))!;
    expect(data.probs).toEqual([2 / 3, 0, 1 / 3]);
    expect(data.label).toBe('low');
  });

  it('emits once per hop, with the leading source, or with the other one while the leading one is silent', () => {
    const fusion = new Fusion([EEG, EYE]);
    const eye = (endS: number) => fusion.push(prediction('eye', endS, ok('mid', [0.2, 0.7, 0.1])));
    expect(eye(9.7)!.fused).toEqual(['eye']);
    expect(fusion.push(prediction('eeg', 10, ok('low', [0.8, 0.1, 0.1])))!.fused).toEqual(['eeg', 'eye']);
    expect(eye(10.7)).toBeNull();
    expect(fusion.push(prediction('eeg', 11, ok('low', [0.8, 0.1, 0.1])))!.fused).toEqual(['eeg', 'eye']);
    expect(eye(11.7)).toBeNull();
    expect(eye(12.7)!.fused).toEqual(['eeg', 'eye']);
    expect(eye(13.7)!.fused).toEqual(['eye']);
  });

  it('continues with one source while the other abstains, and reports which sources it fused', () => {
    const fusion = new Fusion([EEG, EYE]);
    fusion.push(prediction('eye', 10, ok('mid', [0.2, 0.7, 0.1])));
    const alone = fusion.push(prediction('eeg', 10.5, stale))!;
    expect(alone).toMatchObject({ fused: ['eye'], data: { state: 'ok', label: 'mid', probs: [0.2, 0.7, 0.1] } });
    expect(alone.t.end_us).toBe(10e6);
    expect(fusion.push(prediction('eeg', 11, ok('low', [0.8, 0.1, 0.1])))!.fused).toEqual(['eeg', 'eye']);
  });

  it.each(['eeg', 'eye'] as const)('leaves out an old prediction of %s', (old) => {
    const fusion = new Fusion([EEG, EYE]);
    const fresh = old === 'eeg' ? 'eye' : 'eeg';
    const push = (source: Modality, endS: number) =>
      fusion.push({
        ...prediction(source, endS, ok('low', [1, 0, 0])),
        t: { ...prediction(source, endS, stale).t, emit_us: 14e6 },
      });
    push(old, 10);
    expect(push(fresh, 12.5)?.fused ?? ['eeg', 'eye']).toEqual(['eeg', 'eye']);
    expect(push(fresh, 12.6)?.fused ?? [fresh]).toEqual([fresh]);
    // A prediction that an outage delayed is old, too.
    expect(push(old, 10.05)?.fused ?? [fresh]).toEqual([fresh]);
  });

  it('abstains with the reasons of its sources while none of them has a prediction', () => {
    const fusion = new Fusion([EEG, EYE]);
    const notWorn = fusion.push(prediction('eye', 4, { ...stale, reasons: ['not_worn'] }));
    expect(notWorn).toMatchObject({ fused: [], data: { state: 'abstain', reasons: ['not_worn'], label: null } });
    expect(fusion.push(prediction('eeg', 4, warmup))).toMatchObject({ fused: [], data: { state: 'abstain' } });
    expect(new Fusion([EEG, EYE]).push(prediction('eeg', 4, warmup))).toMatchObject({ fused: [], data: warmup });
  });

  it('refuses models with different classes or the same modality', () => {
    expect(() => new Fusion([EEG, { ...EYE, labels: ['low', 'high'] }])).toThrow(
      'models eeg (low, mid, high) and eye (low, high) have different lists of classes',
    );
    expect(() => new Fusion([EEG, { ...EYE, labels: ['high', 'mid', 'low'] }])).toThrow('list them in another order');
    expect(() => new Fusion([EEG, { ...EYE, modality: 'eeg' }])).toThrow('both of modality "eeg"');
  });
});
