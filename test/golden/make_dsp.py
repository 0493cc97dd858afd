"""Golden numbers for test/dsp by SciPy 1.17 and NumPy 2.4: python3 test/golden/make_dsp.py"""

import json
from pathlib import Path

import numpy as np
from numpy.polynomial.legendre import legval
from scipy import signal

HERE = Path(__file__).parent
rng = np.random.default_rng(7)


def write(name, value):
    (HERE / f"dsp-{name}.json").write_text(json.dumps(value) + "\n")


def response(sos, rate):
    freqs = np.concatenate([np.geomspace(0.01, rate / 4, 40), np.linspace(rate / 4, 0.499 * rate, 10)])
    _, h = signal.freqz_sos(sos, worN=freqs, fs=rate)
    return {"freq_hz": freqs.tolist(), "re": h.real.tolist(), "im": h.imag.tolist()}


def filters():
    cases = []

    def add(kind, order, edges, rate, sos):
        cases.append({"kind": kind, "order": order, "edges_hz": edges, "rate_hz": rate, **response(sos, rate)})

    for rate in (128, 200, 250, 1000):
        for order, cut in ((2, 45), (4, 45), (4, 60), (6, 10)):
            add("lowpass", order, [cut], rate, signal.butter(order, cut, "lowpass", fs=rate, output="sos"))
        for order, cut in ((2, 0.1), (4, 0.3), (4, 1), (6, 5)):
            add("highpass", order, [cut], rate, signal.butter(order, cut, "highpass", fs=rate, output="sos"))
    add("lowpass", 4, [75], 200, signal.butter(4, 75, "lowpass", fs=200, output="sos"))
    bands = ([1, 3], [4, 7], [8, 13], [14, 30], [31, 50], [1, 4], [14, 31], [0.1, 45])
    for order, edges in [(4, b) for b in bands] + [(1, [8, 13]), (2, [1, 4]), (3, [8, 13]), (5, [31, 49]), (3, [0.5, 60])]:
        add("bandpass", order, edges, 200, signal.butter(order, edges, "bandpass", fs=200, output="sos"))
    for freq, q, rate in ((50, 30, 200), (60, 30, 200), (50, 10, 1000)):
        b, a = signal.iirnotch(freq, q, fs=rate)
        add("notch", q, [freq], rate, signal.tf2sos(b, a))
    write("filters", cases)

    x = 180000 + 20 * rng.standard_normal(400)
    sos = np.concatenate([
        signal.butter(4, 0.3, "highpass", fs=200, output="sos"),
        signal.butter(4, 75, "lowpass", fs=200, output="sos"),
    ])
    seeded, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])
    unseeded = signal.sosfilt(signal.butter(4, [8, 13], "bandpass", fs=200, output="sos"), x - 180000)
    write("sosfilt", {"x": x.tolist(), "seeded": seeded.tolist(), "alpha_unseeded": unseeded.tolist()})


def resampler():
    """y[g] = sum over n of h(n - g M / L) x[n] in one dense product; h is SciPy's firwin, each phase scaled to gain 1."""
    cases = []
    for rate, up, down in ((1000, 1, 5), (2048, 25, 256), (512, 25, 64), (500, 2, 5), (256, 25, 32), (250, 4, 5), (160, 5, 4),
                           (128, 25, 16), (125, 8, 5)):
        low, high = (75, 125) if rate > 200 else (0.4 * rate, 0.6 * rate)
        attenuation = 81
        length_s = (attenuation - 7.95) / (2.285 * 2 * np.pi * (high - low))
        half = int(np.ceil(length_s / 2 * rate * up))
        window = ("kaiser", 0.1102 * (attenuation - 8.7))
        h = signal.firwin(2 * half + 1, (low + high) / 2, fs=rate * up, window=window)
        for phase in range(up):
            h[phase::up] /= h[phase::up].sum()
        x = rng.standard_normal(rate // 4).astype(np.float32).astype(float)
        edge = half // up + 1
        padded = np.concatenate([np.full(edge, x[0]), x, np.full(edge, x[-1])])
        y = []
        for g in range(-(-len(x) * up // down)):
            at = np.arange(len(padded)) * up - (edge * up + g * down) + half
            inside = (at >= 0) & (at <= 2 * half)
            y.append(float(h[at[inside]] @ padded[inside]))
        cases.append({"rate_hz": rate, "x": [float(f"{v:.9g}") for v in x], "y": y})
    write("resampler", cases)


def spectra():
    ffts = []
    for n in (1, 2, 3, 5, 7, 8, 11, 30, 45, 77, 100, 101, 256, 800):
        x = np.round(rng.standard_normal(n), 6)
        ffts.append({"x": x.tolist(), "powers": (np.abs(np.fft.rfft(x)) ** 2).tolist()})
    write("fft", ffts)

    n, rate = 800, 200
    t = np.arange(n) / rate
    freqs = np.arange(n // 2 + 1) * rate / n
    paper = [[1, 3], [4, 7], [8, 13], [14, 30], [31, 50]]
    seed = [[1, 4], [4, 8], [8, 14], [14, 31], [31, 50]]
    windows = []
    for k in range(3):
        x = np.round(rng.standard_normal(n) * 10 + 30 * np.sin(2 * np.pi * (9 + k) * t) + 1000 * k, 3)
        w = signal.get_window("hann", n, fftbins=True)
        power = np.abs(np.fft.rfft((x - x.mean()) * w)) ** 2
        sigma2 = [2 * power[(lo <= freqs) & (freqs < hi)].sum() / (n * (w**2).sum()) for lo, hi in paper]
        taper = np.hanning(n + 2)[1:-1]
        power = np.abs(np.fft.rfft(x * taper)) ** 2
        mean = [power[(lo <= freqs) & (freqs < hi)].mean() for lo, hi in seed]
        windows.append({
            "x": x.tolist(),
            "fft": (0.5 * np.log(2 * np.pi * np.e * np.array(sigma2))).tolist(),
            "bcmi": np.log2(100 * np.array(mean)).tolist(),
        })
    write("de", {"paper_bands_hz": paper, "seed_bands_hz": seed, "windows": windows})


def spline():
    """Perrin et al. 1989, equations 2 and 3, m = 4, 50 terms, 1e-5 on the diagonal."""

    def g(cosine):
        n = np.arange(1, 51)
        return legval(cosine, [0, *((2 * n + 1) / (n * (n + 1.0)) ** 4 / (4 * np.pi))])

    cases = []
    for good, bad in ((7, 1), (40, 3)):
        v = rng.standard_normal((good + bad, 3))
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        a, b = v[:good], v[good:]
        system = np.ones((good + 1, good + 1))
        system[:good, :good] = g(a @ a.T) + 1e-5 * np.eye(good)
        system[good, good] = 0
        weights = np.hstack([g(b @ a.T), np.ones((bad, 1))]) @ np.linalg.inv(system)[:, :good]
        cases.append({"good": a.tolist(), "bad": b.tolist(), "weights": weights.tolist()})
    write("spline", cases)


filters()
resampler()
spectra()
spline()
