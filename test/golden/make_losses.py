"""Golden numbers of the contrastive losses, in float64: python3 test/golden/make_losses.py

Plain NumPy from the formulas, term by term over gathered negatives. Gradients are central differences, for which gated
rows, Z, the weights and the sets are constant. Writes losses.json beside this file.
"""

import json
from pathlib import Path

import numpy as np

N, BATCH, K, WIDTH, CLASSES = 16, 8, 6, 4, 3
TAU, EPS, STEP = 0.07, 1e-7, 1e-6
B = K / N
LEARNED = ("fs", "ft", "ws", "wt")


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def inputs(rng, student_right, teacher_right):
    """Logits whose argmax is the label where `student_right` or `teacher_right` is true, otherwise another class."""
    labels = rng.integers(0, CLASSES, BATCH)

    def logits(right):
        z = rng.normal(size=(BATCH, CLASSES))
        top = np.where(right, labels, (labels + 1) % CLASSES)
        z[np.arange(BATCH), top] = z.max(1) + rng.uniform(0.1, 2, BATCH)
        return z

    idx = rng.permutation(N)[:BATCH]
    values = {
        "fs": rng.normal(size=(BATCH, 5)), "ft": rng.normal(size=(BATCH, 3)),
        "ws": rng.normal(size=(WIDTH, 5)), "bs": rng.normal(size=WIDTH),
        "wt": rng.normal(size=(WIDTH, 3)), "bt": rng.normal(size=WIDTH),
        "mem1": unit(rng.normal(size=(N, WIDTH))), "mem2": unit(rng.normal(size=(N, WIDTH))),
        "student_logits": logits(student_right), "teacher_logits": logits(teacher_right),
    }
    values = {name: value.round(5) for name, value in values.items()}
    values["labels"] = labels
    values["idx"] = idx
    values["contrast_idx"] = np.column_stack([idx, rng.integers(0, N, (BATCH, K))])
    return values


def embeddings(x):
    return unit(x["fs"] @ x["ws"].T + x["bs"]), unit(x["ft"] @ x["wt"].T + x["bt"])


def scores(u, bank, x):
    """exp(u . M[j] / tau), [B, K + 1]"""
    return np.exp(np.einsum("bd,bkd->bk", u, bank[x["contrast_idx"]]) / TAU)


def bound(x):
    return np.log(x[:, 0] / (x[:, 0] + B + EPS)) + np.log(B / (x[:, 1:] + B + EPS)).sum(1)


def case(name, about, form, seed, student_right, teacher_right, sets=True, weighted=True):
    x = inputs(np.random.default_rng(seed), np.array(student_right, bool), np.array(teacher_right, bool))
    s_right = x["student_logits"].argmax(1) == x["labels"]
    t_right = x["teacher_logits"].argmax(1) == x["labels"]
    any_right = (s_right | t_right).any()
    learns_s = any_right & ~(s_right & ~t_right) if sets else np.ones(BATCH, bool)
    learns_t = any_right & ~(t_right & ~s_right) if sets else np.ones(BATCH, bool)
    right = t_right if sets else np.ones(BATCH, bool)
    p = softmax(x["teacher_logits"])
    certainty = 1 + np.exp((p * np.log(p + 1e-5)).sum(1))
    w = BATCH * certainty / certainty.sum() if weighted else np.ones(BATCH)
    u0, v0 = embeddings(x)
    z1 = N * scores(u0, x["mem2"], x).mean()
    z2 = N * scores(v0, x["mem1"], x).mean()

    def loss(x):
        u, v = embeddings(x)
        u = np.where(learns_s[:, None], u, u0)
        v = np.where(learns_t[:, None], v, v0)
        if form == "ratio":
            mass = w * np.exp((u * v).sum(1) / TAU)
            return -np.log(mass[right].sum() / mass.sum()) if right.any() and not right.all() else 0.0
        total = 0.0
        for side in (scores(u, x["mem2"], x) / z1, scores(v, x["mem1"], x) / z2):
            if form == "crd":
                total -= bound(side).mean()
            else:
                total += (w * np.where(right, -bound(side), np.log((side[:, 0] + B) / B))).sum() / w.sum()
        return total

    def gradient(name):
        grad = np.zeros_like(x[name])
        for at in np.ndindex(grad.shape):
            moved = [{**x, name: x[name].copy()} for _ in range(2)]
            moved[0][name][at] += STEP
            moved[1][name][at] -= STEP
            grad[at] = (loss(moved[0]) - loss(moved[1])) / (2 * STEP)
        return grad

    momentum = 0.5 if form == "crd" else 0.05
    expected = {"loss": loss(x), "grad": {name: gradient(name) for name in LEARNED}}
    if form != "ratio":
        after = {"mem1": x["mem1"].copy(), "mem2": x["mem2"].copy()}
        for bank, fresh in (("mem1", u0), ("mem2", v0)):
            after[bank][x["idx"]] = unit(momentum * x[bank][x["idx"]] + (1 - momentum) * fresh)
        expected |= {"mem1_after": after["mem1"], "mem2_after": after["mem2"], "Z1": z1, "Z2": z2}
    return {"name": name, "about": about, "params": {"momentum": momentum}, "inputs": x, "expected": expected}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return [plain(row) for row in value] if value.ndim > 1 else [float(f"{number:.9g}") for number in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


ONES, ZEROS = [1] * BATCH, [0] * BATCH
MIXED = ([1, 1, 0, 0, 1, 0, 0, 1], [1, 0, 1, 0, 1, 1, 0, 0])
CASES = [
    case("stable", "students and teachers right and wrong in every combination", "stable", 1, *MIXED),
    case("stable/teacher-right", "N is empty", "stable", 2, MIXED[0], ONES),
    case("stable/teacher-wrong", "P is empty", "stable", 3, MIXED[0], ZEROS),
    case("stable/without-sets", "no gating, every sample in P", "stable", 4, *MIXED, sets=False),
    case("stable/without-weights", "W = 1", "stable", 5, *MIXED, weighted=False),
    case("ratio", "as stable", "ratio", 6, *MIXED),
    case("ratio/teacher-right", "N is empty: 0", "ratio", 7, MIXED[0], ONES),
    case("ratio/teacher-wrong", "P is empty: 0", "ratio", 8, MIXED[0], ZEROS),
    case("crd", "no sets, no weights, momentum 0.5", "crd", 9, *MIXED, sets=False, weighted=False),
]
target = Path(__file__).with_name("losses.json")
target.write_text(json.dumps({"cases": [plain(each) for each in CASES]}, separators=(",", ":")) + "\n")
