"""Golden eye-movement features from events and pupils, by NumPy 2.4: python3 test/golden/make_eye_features.py

Written from the definitions: each row is computed from the whole recording, without state between rows.
"""

import json
from pathlib import Path

import numpy as np

RATE, SECONDS, WINDOW_S, HOP_S, TRAILING_S, PUPIL_HZ, MARGIN_MS = 25, 36, 4, 2, 30, 10, 50
BANDS = ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 1))
rng = np.random.default_rng(4)


def pupils():
    """Two unequal pupils that vary slowly, with blinks of both and losses of one: [2, samples]; NaN: not seen."""
    t = np.arange(RATE * SECONDS) / RATE
    slow = sum(a * np.sin(2 * np.pi * f * t + p) for a, f, p in rng.uniform([0.02, 0.03, 0], [0.15, 1.4, 6], (8, 3)))
    both = np.array([3.4, 3.1])[:, None] + slow + rng.normal(0, 0.02, (2, t.size))
    for at in rng.integers(0, t.size - 12, 9):
        both[:, at : at + rng.integers(2, 9)] = np.nan
    both[0, 300:340] = np.nan
    # The second pupil is lost in the whole window from 20 to 24 s, and both are lost at the start.
    both[1, 500:600] = np.nan
    both[:, :3] = np.nan
    return both.round(3).astype(np.float32)


def scanpath():
    """Consecutive fixations, saccades and blinks, in samples. The fixations get longer, so that their extremes change."""
    at, kinds = 0, ("fixation", "saccade")
    while at < RATE * SECONDS:
        kind = "blink" if rng.random() < 0.1 else kinds[0]
        end = at + int(rng.integers(*{"fixation": (3, 6 + at // 70), "saccade": (1, 4), "blink": (2, 10)}[kind]))
        kinds = kinds[::-1] if kind != "blink" else kinds
        size = {"fixation": rng.uniform(0.1, 0.5 + at / 1e3, 2), "saccade": rng.uniform(0.5, 15, 1), "blink": []}[kind]
        # From 8 to 14 s there are only saccades.
        if not (kind == "fixation" and 8 * RATE <= at < 14 * RATE):
            yield {"type": kind, "start": at, "end": end, "deg": np.round(size, 3).tolist()}
        at = end


def de(x, start_s, end_s):
    """DE of the bands of one pupil over [start_s, end_s) of the recording."""
    lost = np.flatnonzero(np.isnan(x))
    samples = np.arange(x.size)
    clean = [n for n in samples if not lost.size or np.abs(lost - n).min() > int(np.ceil(MARGIN_MS * RATE / 1000))]
    tenths = np.arange(round(start_s * PUPIL_HZ), round(end_s * PUPIL_HZ))
    place = np.floor(np.array(clean) * PUPIL_HZ / RATE + 1e-9)
    values = x[clean].astype(float)
    known = [j for j in tenths if (place == j).any()]
    trace = np.interp(tenths, known, [values[place == j].mean() for j in known])
    taper = np.hanning(trace.size + 1)[:-1]
    n = TRAILING_S * PUPIL_HZ
    power = np.abs(np.fft.rfft((trace - trace.mean()) * taper, n)) ** 2 / (n * (taper**2).sum())
    power[1:] *= 2
    hz = np.fft.rfftfreq(n, 1 / PUPIL_HZ)
    sums = [power[(hz >= lo - 1e-9) & (hz < hi - 1e-9)].sum() for lo, hi in BANDS]
    return [0.5 * np.log(2 * np.pi * np.e * s) for s in sums]


def mean_std(values):
    return (np.mean(values), np.std(values)) if len(values) else (0.0, 0.0)


def row(both, events, start_s):
    end_s = start_s + WINDOW_S
    trailing_s = max(0, end_s - TRAILING_S)

    def of(kind, from_s):
        return [e for e in events if e["type"] == kind and from_s * RATE < e["end"] <= end_s * RATE]

    def ms(chosen):
        return [(e["end"] - e["start"]) * 1000 / RATE for e in chosen]

    window = both[:, start_s * RATE : end_s * RATE].astype(float)
    seen = [eye[~np.isnan(eye)] for eye in window]
    # An eye that is not seen at all gets the pupil of the other eye.
    seen = [own if own.size else other for own, other in zip(seen, seen[::-1])]
    fixations, saccades, blinks = (of(kind, start_s) for kind in ("fixation", "saccade", "blink"))
    x, y = mean_std([e["deg"][0] for e in fixations]), mean_std([e["deg"][1] for e in fixations])
    saccade_ms, degrees = mean_std(ms(saccades)), mean_std([e["deg"][0] for e in saccades])
    first = [*map(np.mean, seen), *map(np.std, seen), *de(both[0], trailing_s, end_s), *de(both[1], trailing_s, end_s)]
    first += [x[0], y[0], x[1], y[1], *mean_std(ms(fixations)), *mean_std(ms(blinks))]
    first += [saccade_ms[0], degrees[0], saccade_ms[1], degrees[1]]

    fixations, saccades, blinks = (of(kind, trailing_s) for kind in ("fixation", "saccade", "blink"))
    seconds = end_s - trailing_s
    sizes = [sum(e["deg"]) for e in fixations]
    waits = [(b["start"] - a["end"]) * 1000 / RATE for a, b in zip(saccades, saccades[1:])]
    first += [len(blinks) / seconds, len(fixations) / seconds, max(ms(fixations), default=0), sum(sizes)]
    first += [max(sizes, default=0), len(saccades) / seconds, mean_std(ms(saccades))[0]]
    return first + [mean_std([e["deg"][0] for e in saccades])[0], mean_std(waits)[0]]


both, events = pupils(), list(scanpath())
rows = [row(both, events, start) for start in range(0, SECONDS - WINDOW_S + 1, HOP_S)]
golden = {
    "rate_hz": RATE,
    "window_s": WINDOW_S,
    "hop_s": HOP_S,
    "margin_ms": MARGIN_MS,
    "pupils": [[None if np.isnan(v) else round(float(v), 3) for v in eye] for eye in both],
    "events": events,
    "rows": [[float(f"{value:.9g}") for value in values] for values in rows],
}
Path(__file__).with_name("eye-features.json").write_text(json.dumps(golden) + "\n")
