import { expect, it } from 'vitest';
import { openEegRecording } from '../../../src/formats/open-recording.ts';
import { decide } from '../../../src/preprocess/decide.ts';
import { eogPreprocessConfigSchema } from '../../../src/preprocess/eog/config.ts';
import { createEogPreprocessor } from '../../../src/preprocess/eog/preprocessor.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { allWindows } from '../../support/preprocessing.ts';

/** FP1 and FP2 are above the eyes, so that they record blinks as EOG inputs do. */
const AS_EOG = ['vEOG', 'hEOG', 'C3', 'C4', 'P7', 'P8', 'O1', 'O2'];

async function windowsOf(file: string) {
  const recording = await openEegRecording(testData('eeg-openbci-cyton', file), { montage: AS_EOG });
  const preprocessor = createEogPreprocessor(eogPreprocessConfigSchema.parse({ hop_s: 4 }), recording.info);
  return allWindows(preprocessor, [...recording.blocks()]);
}

describeWithData('eeg-openbci-cyton', 'a Cyton recording with blinks and closed eyes, as EOG', () => {
  it('shows blinks above the range of closed eyes, on electrode offsets of 62 mV', async () => {
    const windows = await windowsOf('OpenBCI_GUI-v6-blinks-jawClench-alpha.txt');
    expect(windows.map((window) => decide(window).state)).toEqual([
      ...Array(3).fill('warmup'),
      ...Array(19).fill('ok'),
    ]);
    const range = (w: number) => {
      const vertical = windows[w]!.values.subarray(512);
      return Math.max(...vertical) - Math.min(...vertical);
    };
    for (const blinking of [3, 4, 19]) expect(range(blinking), `window ${blinking}`).toBeGreaterThan(400);
    for (const closed of [6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 18]) {
      expect(range(closed), `window ${closed}`).toBeLessThan(150);
    }
  });

  it('has bit-identical windows from both text layouts', async () => {
    const [v6, v4] = await Promise.all(
      ['OpenBCI_GUI-v6-blinks-jawClench-alpha.txt', 'OpenBCI-sampleData-1-blinks-jawClench-alpha.v4.txt'].map(
        windowsOf,
      ),
    );
    expect(v4).toStrictEqual(v6);
  });
});
