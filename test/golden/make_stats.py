"""Golden figures and statistics, in float64: python3 test/golden/make_stats.py

Figures of a prediction in plain NumPy from the definitions; t and q by SciPy; p from t by mpmath with 50 digits, because
SciPy 1.17 has errors of up to 3e-9 for tiny t. Writes stats.json beside this file.
"""

import json
from pathlib import Path

import mpmath
import numpy as np
from scipy import stats


def figures(labels, predicted, classes):
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    recalls = [np.mean(predicted[labels == c] == c) for c in np.unique(labels)]
    f1s = []
    for c in np.union1d(labels, predicted):
        right = np.sum((labels == c) & (predicted == c))
        wrong = np.sum((labels != c) & (predicted == c))
        missed = np.sum((labels == c) & (predicted != c))
        f1s.append(2 * right / (2 * right + wrong + missed))
    return {
        "classes": classes,
        "labels": labels.tolist(),
        "predicted": predicted.tolist(),
        "accuracy": float(np.mean(labels == predicted)),
        "balanced_accuracy": float(np.mean(recalls)),
        "macro_f1": float(np.mean(f1s)),
    }


def predictions(seed, rows, classes, accuracy):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, rows)
    guesses = rng.integers(0, classes, rows)
    return figures(labels, np.where(rng.uniform(size=rows) < accuracy, labels, guesses), classes)


def t_test(about, a, b):
    result = stats.ttest_rel(a, b)
    t, df = mpmath.mpf(float(result.statistic)), int(result.df)
    with mpmath.workdps(50):
        p = float(mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, df / (df + t * t), regularized=True))
    np.testing.assert_allclose(result.pvalue, p, rtol=1e-8)
    return {"about": about, "a": list(map(float, a)), "b": list(map(float, b)), "t": float(t), "p": p, "df": df}


def t_tests():
    rng = np.random.default_rng(1)
    for subjects in (2, 3, 5, 15, 16, 45, 200):
        a = rng.uniform(0.5, 0.9, subjects)
        yield t_test(f"{subjects} subjects", a, a + rng.normal(-0.02, 0.05, subjects))
    for about, shift, spread in (("tiny t", 1e-7, 0.1), ("large t", 0.3, 1e-2), ("huge t", 0.5, 1e-7)):
        for subjects in (2, 12, 101):
            noise = rng.normal(size=subjects)
            a = rng.uniform(0.2, 0.4, subjects)
            yield t_test(f"{about}, {subjects} subjects", a + shift + spread * (noise - noise.mean()), a)
    # Where the two formulas of the incomplete beta function meet: x = (a + 1) / (a + b + 2).
    for df in (1, 4, 15):
        x = (df / 2 + 1) / (df / 2 + 2.5)
        t = np.sqrt(df * (1 - x) / x)
        z = np.linspace(-1, 1, df + 1)
        for factor in (1 - 1e-6, 1 + 1e-6):
            d = z / z.std(ddof=1) + factor * t / np.sqrt(df + 1)
            yield t_test(f"at the change of sides, {df} degrees of freedom", d, np.zeros(df + 1))


def discovery(p):
    return {"p": list(map(float, p)), "q": stats.false_discovery_control(p).tolist()}


rng = np.random.default_rng(2)
golden = {
    "figures": [
        figures([0, 0, 1, 1], [0, 0, 0, 1], 2),
        figures([0, 0, 0, 2], [0, 1, 0, 2], 4) | {"about": "class 1 only predicted, class 3 nowhere"},
        figures([0, 0, 1], [0, 0, 0], 3) | {"about": "class 1 never predicted, class 2 nowhere"},
        predictions(3, 60, 3, 0.6),
        predictions(4, 200, 5, 0.3),
    ],
    "paired_t_tests": list(t_tests()),
    "false_discovery": [
        discovery([0.01, 0.04, 0.03, 0.005]),
        discovery([0.5]),
        discovery([1.0, 0.9, 0.8]),
        discovery([0.02, 0.02, 0.02, 0.9]),
        discovery([0.0, 1e-12, 1.0]),
        discovery(rng.uniform(size=63) ** 3),
    ],
}
Path(__file__).with_name("stats.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
