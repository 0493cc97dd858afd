"""Golden numbers of the optimisers, in float64: python3 test/golden/make_optimisers.py

Plain NumPy from PyTorch's documentation of AdamW and SGD, one parameter at a time. A step without a gradient changes
neither the parameter nor its moments. Writes optimisers.json beside this file.
"""

import json
from pathlib import Path

import numpy as np

SHAPES = {"matrix": (2, 3), "vector": (4,), "tiny": (2,)}
RATES = [0.0, 0.02, 0.05, 0.04, 0.01]
SKIPPED = {"vector": {0, 3}, "tiny": {2}}


def adamw(w, gradients, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = np.zeros_like(w), np.zeros_like(w), 0
    for g, rate in zip(gradients, RATES):
        if g is not None:
            t += 1
            w = w - rate * weight_decay * w
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g * g
            w = w - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield w


def sgd(w, gradients, momentum):
    velocity = np.zeros_like(w)
    for g, rate in zip(gradients, RATES):
        if g is not None:
            velocity = momentum * velocity + g
            w = w - rate * velocity
        yield w


rng = np.random.default_rng(1)
start, gradients, after = {}, {}, {"adamw": {}, "sgd": {}}
for name, shape in SHAPES.items():
    start[name] = rng.normal(size=shape).round(4)
    # Gradients about as small as epsilon show where it enters the formula.
    size = 1e-8 if name == "tiny" else 1
    drawn = [(rng.normal(size=shape) * size).round(12) for _ in RATES]
    gradients[name] = [None if step in SKIPPED.get(name, ()) else g for step, g in enumerate(drawn)]
    after["adamw"][name] = list(adamw(start[name], gradients[name], weight_decay=0.1))
    after["sgd"][name] = list(sgd(start[name], gradients[name], momentum=0.9))

golden = {"rates": RATES, "start": start, "gradients": gradients, "after": after}
target = Path(__file__).with_name("optimisers.json")
target.write_text(json.dumps(golden, default=np.ndarray.tolist, separators=(",", ":")) + "\n")
