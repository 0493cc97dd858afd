"""Golden numbers for gaze by SciPy 1.17 and NumPy 2.4: python3 test/golden/make_gaze.py"""

import json
from pathlib import Path

import numpy as np
from scipy.signal import savgol_coeffs

rng = np.random.default_rng(11)


def slopes():
    """First derivative of the parabola fitted to 2m + 1 samples, as weights of x[+1] - x[-1], x[+2] - x[-2], ..."""
    for half, rate in ((1, 60), (2, 200), (3, 300), (5, 500), (13, 1250)):
        weights = savgol_coeffs(2 * half + 1, 2, deriv=1, delta=1 / rate, use="dot")
        yield {"half": half, "rate_hz": rate, "weights": weights[half + 1 :].tolist()}


def angles():
    """Angle at the eye between two points on a screen, from their positions in space and the arc cosine."""
    screen_px, screen_mm, distance = np.array([1024, 768]), np.array([380, 300]), 670
    for _ in range(20):
        px = rng.uniform([0, 0], screen_px, (2, 2))
        points = np.column_stack([(px - screen_px / 2) * screen_mm / screen_px, [distance, distance]])
        unit = points / np.linalg.norm(points, axis=1, keepdims=True)
        axes = np.degrees(np.arctan2(points[:, :2], distance))
        yield {"px": px.tolist(), "deg": axes.tolist(), "angle_deg": float(np.degrees(np.arccos(unit[0] @ unit[1])))}


golden = {"slopes": list(slopes()), "angles": list(angles())}
Path(__file__).with_name("gaze.json").write_text(json.dumps(golden) + "\n")
