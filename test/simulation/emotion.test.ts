import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SCHEDULE,
  EMOTIONS,
  type EmotionSegment,
  emotionSegments,
  formatStateMarker,
  parseStateMarker,
} from '../../src/simulation/emotion.ts';

function take(seed: number, count: number): EmotionSegment[] {
  const segments = emotionSegments(seed, DEFAULT_SCHEDULE);
  return Array.from({ length: count }, () => segments.next().value!);
}

describe('state markers', () => {
  it('are parsed as they were formatted', () => {
    for (const emotion of EMOTIONS) expect(parseStateMarker(formatStateMarker(emotion))).toBe(emotion);
    expect(formatStateMarker('positive')).toBe('state:positive');
  });

  it('are distinguished from all other markers', () => {
    for (const label of ['', 'positive', 'state:', 'state:angry', ' state:neutral', 'state:neutral ']) {
      expect(parseStateMarker(label)).toBeNull();
    }
  });
});

describe('the random schedule', () => {
  it('starts at 0, has states of 20 to 40 whole seconds, never repeats a state, and has each equally often', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const segments = take(seed, 60);
        expect(segments[0]!.startS).toBe(0);
        for (let i = 1; i < segments.length; i++) {
          const lasted = segments[i]!.startS - segments[i - 1]!.startS;
          expect(Number.isInteger(lasted) && lasted >= 20 && lasted <= 40).toBe(true);
          expect(segments[i]!.emotion).not.toBe(segments[i - 1]!.emotion);
          expect(segments[i]!.index).toBe(i);
        }
        for (const emotion of EMOTIONS) expect(segments.filter((s) => s.emotion === emotion)).toHaveLength(20);
      }),
      { numRuns: 30 },
    );
  });

  it('uses the whole range of durations and every order', () => {
    const segments = take(1, 600);
    const durations = segments.slice(1).map((s, i) => s.startS - segments[i]!.startS);
    expect(Math.min(...durations)).toBe(20);
    expect(Math.max(...durations)).toBe(40);
    expect(durations.reduce((a, b) => a + b) / durations.length).toBeCloseTo(30, 0);
    const pairs = new Set(segments.slice(1).map((s, i) => `${segments[i]!.emotion}>${s.emotion}`));
    expect(pairs.size).toBe(6);
  });

  it('is the same for the same seed and different for another', () => {
    expect(take(7, 30)).toEqual(take(7, 30));
    expect(take(7, 30)).not.toEqual(take(8, 30));
  });
});

describe('trials', () => {
  it('come in the given order, repeats included', () => {
    const emotions = ['positive', 'positive', 'negative'] as const;
    expect([...emotionSegments(1, { kind: 'trials', trialS: 8, emotions })]).toEqual([
      { index: 0, emotion: 'positive', startS: 0 },
      { index: 1, emotion: 'positive', startS: 8 },
      { index: 2, emotion: 'negative', startS: 16 },
    ]);
  });

  it('are refused without a whole number of seconds, and if there are none', () => {
    for (const trialS of [0, 1.5, -1, Number.NaN]) {
      const segments = emotionSegments(1, { kind: 'trials', trialS, emotions: ['neutral'] });
      expect(() => segments.next()).toThrow(/whole seconds/);
    }
    expect(() => emotionSegments(1, { kind: 'trials', trialS: 8, emotions: [] }).next()).toThrow(
      /at least one emotion/,
    );
  });
});
