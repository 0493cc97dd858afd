"""Golden windows of the EOG preprocessing path, by SciPy alone.

Follows the documented signal path: Kaiser FIR to 128 Hz (pass 48 / stop 80 Hz, or 0.4 / 0.6 of a rate below 128 Hz,
80 dB; no filter at 128 Hz), Butterworth high-pass 0.1 Hz of order 2 and low-pass 45 Hz of order 4 from the steady state
of the first sample, windows of 4 s. The input is a short formula, so the test can compute it too.

    python3 test/golden/make_eog_windows.py
"""
import json
import math
from pathlib import Path

import numpy as np
from scipy import signal

from resampling import resample, run_seeded

GRID = 128
RATES = (1000, 256, 250, 128, 125)
SECONDS = 13
# Every third of a window's 1024 values is kept.
EVERY = 3


def synthetic(rate):
    """Electrode offsets, gaze steps smoothed by tanh, a blink, a tone and hash noise; float32, as from a driver."""
    n = np.arange(SECONDS * rate)
    t = n / rate
    rows = []
    for c in range(2):
        x = (c - 0.5) * 60000.0 + 15 * t
        for k in range(1, 12):
            x = x + (150 - 70 * c) * math.sin(7 * k * k + c) * (1 + np.tanh((t - 1.1 * k) / 0.02)) / 2
        x = x + (15 + 205 * c) * np.exp(-(((t - 6.3) / 0.08) ** 2)) + 5 * np.sin(2 * np.pi * 11 * t + c)
        hashed = ((n * 7919 + c * 104729) * 2654435761 % 2**32) / 2**32
        rows.append(x + 6 * (hashed - 0.5))
    return np.array(rows).astype(np.float32).astype(np.float64)


def filtered(x):
    x = run_seeded(signal.butter(2, 0.1, "highpass", fs=GRID, output="sos"), x)
    return run_seeded(signal.butter(4, 45, "lowpass", fs=GRID, output="sos"), x)


cases = []
for rate in RATES:
    x = filtered(resample(synthetic(rate), rate, GRID))
    windows = [x[:, k : k + 512].ravel()[::EVERY] for k in range(0, x.shape[1] - 511, 512)]
    # Four digits: float32 samples of hundreds of uV are compared within 1e-3 uV.
    cases.append({"sample_rate_hz": rate, "windows": [w.round(4).tolist() for w in windows]})

target = Path(__file__).with_name("eog-windows.json")
target.write_text(json.dumps({"seconds": SECONDS, "every": EVERY, "cases": cases}) + "\n")
print(target.name, target.stat().st_size)
