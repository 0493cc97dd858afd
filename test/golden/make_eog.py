"""Golden numbers of the EOG student and its fusion teacher, in float64: python3 test/golden/make_eog.py

The networks in NumPy from their definition: the convolution is computed window by window, queries, keys and values head
by head. Weights and windows are sines of their index, so they need not be stored. The second-order objective is evaluated
from its definition; its inner gradient and its derivatives are central differences. Writes eog.json.
"""

import json
from pathlib import Path

import numpy as np

KERNEL, STRIDE, FILTERS, WIDTH, BLOCKS, HEADS, KEY, HIDDEN, SAMPLES = 8, 7, 5, 6, 3, 2, 3, 7, 32
TOKENS = (SAMPLES - KERNEL) // STRIDE + 1
EEG, EOG, CLASSES = 3, 2, 2
BN_EPS, LN_EPS = 1e-5, 1e-6
TEMPERATURE, ANSWERS, FEATURE, ETA, GAMMA = 4, 0.1, 1, 0.5, 1
INNER, OUTER = 1e-5, 1e-5


def wave(shape, phase, size=0.3):
    return size * np.sin(1.7 * np.arange(np.prod(shape)) + 0.9 * phase + 0.5).reshape(shape)


def shapes(channels):
    """Shapes of the parameters in order; a string marks a scale, whose values are near 1."""
    for count in channels:
        yield from [(KERNEL, FILTERS), "1", (FILTERS,), (count * FILTERS, WIDTH), (WIDTH,), (TOKENS, WIDTH)]
        for _ in range(BLOCKS):
            wide = HEADS * KEY
            yield from [(WIDTH, wide), (wide,), (WIDTH, wide), (WIDTH, wide), (wide,), (wide, WIDTH), (WIDTH,)]
            yield from ["w", (WIDTH,), (WIDTH, HIDDEN), (HIDDEN,), (HIDDEN, WIDTH), (WIDTH,), "w", (WIDTH,)]
    for _ in range(BLOCKS - 1):
        yield from [(2 * len(channels) * WIDTH, HIDDEN), "h", (HIDDEN,), (HIDDEN, WIDTH), "w", (WIDTH,)]
    yield from [(WIDTH, CLASSES), (CLASSES,)]


def parameters(channels, role):
    scales = {"1": (FILTERS,), "w": (WIDTH,), "h": (HIDDEN,)}
    return [
        1 + wave(scales[shape], k + 100 * role) if isinstance(shape, str) else wave(shape, k + 100 * role)
        for k, shape in enumerate(shapes(channels))
    ]


def statistics(channels, role):
    widths = [FILTERS] * len(channels) + [HIDDEN, WIDTH] * (BLOCKS - 1)
    return [
        (wave((width,), 2 * k + 100 * role, 0.2), 1 + wave((width,), 2 * k + 1 + 100 * role, 0.5))
        for k, width in enumerate(widths)
    ]


def windows(count, channels, seed):
    w, c, s = np.meshgrid(np.arange(count), np.arange(channels), np.arange(SAMPLES), indexing="ij")
    return np.sin(0.37 * s * (c + 1) + 1.3 * w + seed) + 0.5 * np.cos(0.05 * s * s + w * (c + 1) + 2 * seed)


def labels(count):
    return np.arange(count) % 2


def norm(x, gamma, beta, moving):
    mean, variance = moving if moving else (x.mean(0), x.var(0))
    return (x - mean) / np.sqrt(variance + BN_EPS) * gamma + beta


def layer_norm(x, gamma, beta):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + LN_EPS) * gamma + beta


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def block(x, p):
    wq, bq, wk, wv, bv, wo, bo, g1, b1, w1, c1, w2, c2, g2, b2 = p
    heads = []
    for h in range(HEADS):
        own = slice(h * KEY, (h + 1) * KEY)
        query, key, value = x @ wq[:, own] + bq[own], x @ wk[:, own], x @ wv[:, own] + bv[own]
        heads.append(softmax(query @ key.transpose(0, 2, 1) / np.sqrt(KEY)) @ value)
    x = layer_norm(x + np.concatenate(heads, -1) @ wo + bo, g1, b1)
    return layer_norm(x + np.maximum(x @ w1 + c1, 0) @ w2 + c2, g2, b2)


def network(inputs, params, moving=None):
    params, moving = list(params), list(moving or [])

    def take(count):
        return [params.pop(0) for _ in range(count)]

    def statistic():
        return moving.pop(0) if moving else None

    depths = [[] for _ in range(BLOCKS)]
    for x in inputs:
        kernels, gamma, beta, across, bias, places = take(6)
        count, channels, _ = x.shape
        filtered = np.stack([x[:, :, t * STRIDE : t * STRIDE + KERNEL] @ kernels for t in range(TOKENS)], 1)
        rows = np.maximum(norm(filtered.reshape(-1, FILTERS), gamma, beta, statistic()), 0)
        tokens = rows.reshape(count, TOKENS, channels * FILTERS) @ across + bias + places
        for depth in range(BLOCKS):
            tokens = block(tokens, take(15))
            depths[depth].append(tokens)
    gated = 0
    for depth in range(BLOCKS - 1):
        first, g1, b1, second, g2, b2 = take(6)
        shallow, deep = depths[depth], depths[depth + 1]
        both = np.concatenate(shallow + deep, -1).reshape(-1, 2 * len(inputs) * WIDTH)
        hidden = np.maximum(norm(both @ first, g1, b1, statistic()), 0)
        z = norm(hidden @ second, g2, b2, statistic())
        gated = gated + sum(deep) + sum(shallow) * (z / (1 + np.abs(z))).reshape(shallow[0].shape)
    feature = gated.mean(1)
    weight, bias = take(2)
    return feature, feature @ weight + bias


def cross_entropy(z, y):
    return -np.log(softmax(z))[np.arange(len(y)), y].mean()


def lesson(student, teacher, y):
    p, q = softmax(teacher[1] / TEMPERATURE), softmax(student[1] / TEMPERATURE)
    divergence = (p * (np.log(p) - np.log(q))).sum(1).mean() * TEMPERATURE**2
    return cross_entropy(student[1], y) + ANSWERS * divergence + FEATURE * ((student[0] - teacher[0]) ** 2).mean()


A, Q = 5, 6
A_EEG, A_EOG, A_Y = windows(A, EEG, 1), windows(A, EOG, 2), labels(A)
Q_EEG, Q_EOG, Q_Y = windows(Q, EEG, 3), windows(Q, EOG, 4), labels(Q)
TEACHER, STUDENT = parameters([EEG, EOG], 0), parameters([EOG], 1)


def rehearsed(teacher, student):
    told = network([A_EEG, A_EOG], teacher)
    moved = []
    for k, weight in enumerate(student):
        gradient = np.zeros(weight.size)
        for i in range(weight.size):
            values = []
            for sign in (1, -1):
                changed = weight.copy().reshape(-1)
                changed[i] += sign * INNER
                trial = student[:k] + [changed.reshape(weight.shape)] + student[k + 1 :]
                values.append(lesson(network([A_EOG], trial), told, A_Y))
            gradient[i] = (values[0] - values[1]) / (2 * INNER)
        moved.append(weight - ETA * gradient.reshape(weight.shape))
    return moved


def objective(teacher):
    own = cross_entropy(network([Q_EEG, Q_EOG], teacher)[1], Q_Y)
    return own + GAMMA * cross_entropy(network([Q_EOG], rehearsed(teacher, STUDENT))[1], Q_Y)


def along(phase):
    def at(sign):
        return objective([w + sign * OUTER * wave(w.shape, k + phase, 1) for k, w in enumerate(TEACHER)])

    return (at(1) - at(-1)) / (2 * OUTER)


def answer(result):
    return {"feature": result[0].tolist(), "logits": result[1].tolist()}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else float(f"{value:.9g}")


before = cross_entropy(network([Q_EOG], STUDENT)[1], Q_Y)
after = cross_entropy(network([Q_EOG], rehearsed(TEACHER, STUDENT))[1], Q_Y)
golden = {
    "teacher": {
        "serving": answer(network([A_EEG, A_EOG], TEACHER, statistics([EEG, EOG], 0))),
        "batch": answer(network([A_EEG, A_EOG], TEACHER)),
    },
    "student": {
        "serving": answer(network([A_EOG], STUDENT, statistics([EOG], 1))),
        "batch": answer(network([A_EOG], STUDENT)),
    },
    "lesson": lesson(network([A_EOG], STUDENT), network([A_EEG, A_EOG], TEACHER), A_Y),
    "before": before,
    "after": after,
    "objective": objective(TEACHER),
    "slopes": {str(phase): along(phase) for phase in (11, 23, 37)},
}
Path(__file__).with_name("eog.json").write_text(json.dumps(plain(golden), separators=(",", ":")) + "\n")
