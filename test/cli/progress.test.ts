import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { createProgress, type ProgressOptions, timeLeft } from '../../src/cli/progress.ts';

/** What a person sees of a work whose time the test tells. */
function watched(options: Omit<ProgressOptions, 'now'>) {
  const lines: string[] = [];
  const overwritten: string[] = [];
  let time = 5000;
  const output = {
    note: (line: string) => void lines.push(line),
    progress: (line: string) => void overwritten.push(line),
  };
  const progress = createProgress(output, { ...options, now: () => time });
  const later = (seconds: number, units: number, sentence: string) => {
    time += 1000 * seconds;
    progress.advance(units, sentence);
  };
  return { progress, later, lines, overwritten };
}

describe('progress on a terminal', () => {
  it('writes over one line, with the share done and the time left', () => {
    const { later, lines, overwritten } = watched({ total: 10, terminal: true });
    later(10, 1, 'epoch 1');
    later(10, 1, 'epoch 2');
    later(60, 3, 'epoch 5');
    later(0, 5, 'epoch 10');
    expect(overwritten).toEqual([
      'epoch 1 (10 %, about 2 min left)',
      'epoch 2 (20 %, about 1 min left)',
      'epoch 5 (50 %, about 1 min left)',
      'epoch 10 (100 %)',
    ]);
    expect(lines).toEqual([]);
  });

  it('leaves the end of a phase standing', () => {
    const { later, progress, lines } = watched({ total: 2, terminal: true });
    later(1, 1, 'epoch 1');
    progress.endPhase('seed 2022: 71 %');
    expect(lines).toEqual(['seed 2022: 71 %']);
  });

  it('does not take the work of an earlier run for its own pace', () => {
    const { later, overwritten } = watched({ total: 100, done: 90, terminal: true });
    later(30, 1, 'epoch 91');
    expect(overwritten).toEqual(['epoch 91 (91 %, about 5 min left)']);
  });

  it('does not take skipped work for done', () => {
    const { later, progress, overwritten } = watched({ total: 100, terminal: true });
    later(30, 1, 'epoch 1');
    progress.skip(49);
    later(30, 1, 'epoch 51');
    expect(overwritten.at(-1)).toBe('epoch 51 (51 %, about 25 min left)');
  });

  it('counts from when the work began, where it is told later', () => {
    const { later, progress, overwritten } = watched({ total: 1, done: 0.5, start: 0, terminal: true });
    later(0, 0.1, 'epoch 6');
    expect(overwritten).toEqual(['epoch 6 (60 %, about 20 s left)']);
    expect(progress.secondsLeft()).toBeCloseTo(20, 9);
  });

  it('reaches the end in shares that binary numbers do not have', () => {
    const { later, progress, overwritten } = watched({ total: 1, terminal: true });
    for (let tenth = 1; tenth <= 10; tenth++) later(1, 0.1, `${tenth}`);
    expect(overwritten.slice(6)).toEqual([
      '7 (70 %, about 5 s left)',
      '8 (80 %, about 5 s left)',
      '9 (90 %, about 5 s left)',
      '10 (100 %)',
    ]);
    expect(progress.secondsLeft()).toBe(0);
  });

  it('knows no time left before anything is done, nor more than all of it', () => {
    const { later, progress, overwritten } = watched({ total: 3, terminal: true });
    later(1, 0, 'starting');
    expect(progress.secondsLeft()).toBeNull();
    later(1, 5, 'done');
    expect(overwritten).toEqual(['starting (0 %)', 'done (100 %)']);
  });
});

describe('progress elsewhere', () => {
  it('tells the first step, then at most one line in ten seconds, and the end of a phase', () => {
    const { later, progress, lines, overwritten } = watched({ total: 100, terminal: false });
    for (let epoch = 1; epoch <= 7; epoch++) later(4, 1, `epoch ${epoch}`);
    progress.endPhase('the teacher is trained');
    later(4, 1, 'epoch 8');
    later(8, 1, 'epoch 9');
    expect(lines).toEqual([
      'epoch 1 (1 %, about 7 min left)',
      'epoch 4 (4 %, about 6 min left)',
      'epoch 7 (7 %, about 6 min left)',
      'the teacher is trained',
      'epoch 9 (9 %, about 7 min left)',
    ]);
    expect(overwritten).toEqual([]);
  });
});

describe('timeLeft', () => {
  it.each([
    [0, 'about 5 s left'],
    [12.1, 'about 15 s left'],
    [55, 'about 55 s left'],
    [55.1, 'about 1 min left'],
    [89, 'about 1 min left'],
    [179, 'about 3 min left'],
    [59.4 * 60, 'about 59 min left'],
    [59.6 * 60, 'about 1 h left'],
    [78 * 60, 'about 1 h 20 min left'],
    [25 * 3600, 'about 25 h left'],
  ])('%d s: %s', (seconds, text) => {
    expect(timeLeft(seconds)).toBe(text);
  });
});

describe('the line that is written over', () => {
  const CLEAR = '\r\x1b[K';

  /** What stderr and stdout get in turn, as on a terminal or not. */
  function terminal(isTTY: boolean): string[] {
    const written: string[] = [];
    const { isTTY: before } = process.stderr;
    process.stderr.isTTY = isTTY;
    for (const stream of [process.stderr, process.stdout]) {
      const spy = vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
      onTestFinished(() => spy.mockRestore());
    }
    onTestFinished(() => {
      process.stderr.isTTY = before;
    });
    return written;
  }

  it('gives way to whatever else is said', () => {
    const written = terminal(true);
    const output = createOutput(false);
    output.progress('epoch 1');
    output.progress('epoch 2');
    output.note('the teacher is trained');
    output.progress('epoch 3');
    output.detail({ event: 'for machines only' });
    output.event({ event: 'result' }, 'done');
    output.note('good-bye');
    expect(written).toEqual([
      `${CLEAR}epoch 1`,
      `${CLEAR}epoch 2`,
      CLEAR,
      'the teacher is trained\n',
      `${CLEAR}epoch 3`,
      CLEAR,
      'done\n',
      'good-bye\n',
    ]);
  });

  it('is not written where nothing can be written over', () => {
    const written = terminal(false);
    const output = createOutput(true);
    output.progress('epoch 1');
    output.detail({ event: 'epoch' });
    output.event({ event: 'result' }, 'done');
    expect(written).toEqual(['{"event":"epoch"}\n', '{"event":"result"}\n']);
  });
});
