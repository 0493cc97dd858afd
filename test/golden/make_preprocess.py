"""Golden feature rows of the whole preprocessing path, by SciPy alone.

Follows the documented signal path: Kaiser FIR to 200 Hz (pass 75 / stop 125 Hz, 80 dB), Butterworth high-pass 0.3 Hz
and low-pass 75 Hz (where the rate is high enough) of order 4 from the steady state of the first sample, windows of 4 s,
differential entropy. The filter taps are designed here from the documented numbers. The input is a short formula, so the
test can compute it too.

    python3 test/golden/make_preprocess.py
"""
import json
from pathlib import Path

import numpy as np
from scipy import signal

from resampling import resample, run_seeded

BANDS = [("delta", 1, 3), ("theta", 4, 7), ("alpha", 8, 13), ("beta", 14, 30), ("gamma", 31, 50)]
BCMI_BANDS = [("delta", 1, 4), ("theta", 4, 8), ("alpha", 8, 14), ("beta", 14, 31), ("gamma", 31, 50)]
RATES = (2048, 1000, 250, 160, 125)
CHANNELS = 3
SECONDS = 13


def synthetic(rate):
    """Offsets of tens of millivolts, rhythms in every band and hash noise; float32, as from a driver."""
    n = np.arange(SECONDS * rate)
    t = n / rate
    rows = []
    for c in range(CHANNELS):
        x = (c - 1) * 30000.0 + 40 * np.sin(2 * np.pi * 0.1 * t + c)
        for k, (_, lo, hi) in enumerate(BANDS):
            hz = lo + (hi - lo) * (0.3 + 0.2 * c)
            x = x + (12 - 2 * k) * np.sin(2 * np.pi * hz * t + 0.7 * k + c)
        hashed = ((n * 7919 + c * 104729) * 2654435761 % 2**32) / 2**32
        rows.append(x + 20 * (hashed - 0.5))
    return np.array(rows).astype(np.float32).astype(np.float64)


def filtered(x, rate):
    x = run_seeded(signal.butter(4, 0.3, "highpass", fs=200, output="sos"), x)
    if 0.4 * rate < 75:
        return x
    return run_seeded(signal.butter(4, 75, "lowpass", fs=200, output="sos"), x)


def windows(x, hop):
    return [x[:, k : k + 800] for k in range(0, x.shape[1] - 799, hop)]


def de_fft(x):
    taper = signal.get_window("hann", 800)
    spectrum = np.abs(np.fft.rfft((x - x.mean(axis=1, keepdims=True)) * taper)) ** 2
    f = np.fft.rfftfreq(800, 1 / 200)
    power = [2 * spectrum[:, (f >= lo) & (f < hi)].sum(axis=1) / (800 * (taper**2).sum()) for _, lo, hi in BANDS]
    return 0.5 * np.log(2 * np.pi * np.e * np.array(power).T).ravel()


def de_bcmi(x):
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1, 801) / 801)
    spectrum = np.abs(np.fft.rfft(x * taper)) ** 2
    f = np.fft.rfftfreq(800, 1 / 200)
    return np.log2([100 * spectrum[:, (f >= lo) & (f < hi)].mean(axis=1) for _, lo, hi in BCMI_BANDS]).T.ravel()


def de_filterbank(x, hop):
    rows = []
    for _, lo, hi in BANDS:
        band = run_seeded(signal.butter(4, [lo, hi], "bandpass", fs=200, output="sos"), x)
        rows.append([w.var(axis=1) for w in windows(band, hop)])
    return [0.5 * np.log(2 * np.pi * np.e * row).ravel() for row in np.array(rows).transpose(1, 2, 0)]


cases = []
for rate in RATES:
    x = filtered(resample(synthetic(rate), rate, 200), rate)
    rows = {"fft": map(de_fft, windows(x, 200)), "bcmi": map(de_bcmi, windows(x, 200)), "filterbank": de_filterbank(x, 200)}
    # Ten digits: float32 features are compared within 1e-6.
    cases.append({"sample_rate_hz": rate} | {method: [row.round(10).tolist() for row in made] for method, made in rows.items()})

target = Path(__file__).with_name("preprocess-de.json")
target.write_text(json.dumps({"seconds": SECONDS, "cases": cases}))
print(target.name, target.stat().st_size)
