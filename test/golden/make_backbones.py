"""Golden outputs and gradients of the backbones in float64, in plain NumPy from the papers' formulas.

Weights and inputs come from a hash, so the test can compute them too. Weight k is the k-th of the backbone's parameters,
in the backbone's own shape. Gradients are central differences.

    python3 test/golden/make_backbones.py
"""
import json
from pathlib import Path

import numpy as np

BATCH = 3
CLASSES = 3
BN_EPSILON = 1e-5
STEP = 1e-6


def hashed(k, shape):
    """Pseudo-random numbers in [-0.5, 0.5), row-major."""
    i = np.arange(np.prod(shape), dtype=np.uint64)
    h = (i * np.uint64(7919) + np.uint64(k * 104729 + 1)) * np.uint64(2654435761) % np.uint64(2**32)
    h = (h ^ (h >> np.uint64(15))) * np.uint64(2246822519) % np.uint64(2**32)
    return (h ^ (h >> np.uint64(13))).astype(np.float64).reshape(shape) / 2**32 - 0.5


def inputs(width):
    return 4 * hashed(0, (BATCH, width))


def weights_of(shapes):
    return [hashed(k + 1, shape) for k, shape in enumerate(shapes)]


def rounded(x):
    return np.round(x, 7).tolist()


def outputs(run, weights):
    return dict(zip(("hidden", "embedding", "logits"), map(rounded, run(weights))))


def gradients(run, weights):
    """Gradients of sum(logits * hashed(99)) for the entries 0, n // 3 and n - 2 of each parameter."""
    loss = lambda: np.sum(run(weights)[2] * hashed(99, (BATCH, CLASSES)))
    rows = []
    for weight in weights:
        flat, row = weight.reshape(-1), []
        for entry in (0, flat.size // 3, max(flat.size - 2, 0)):
            kept = flat[entry]
            flat[entry] = kept + STEP
            above = loss()
            flat[entry] = kept - STEP
            row.append((above - loss()) / (2 * STEP))
            flat[entry] = kept
        rows.append(row)
    return rounded(rows)


def batch_norm(x, gamma, beta, mean, variance):
    return (x - mean) / np.sqrt(variance + BN_EPSILON) * gamma + beta


def dnn(width):
    shapes = [s for b in range(4) for s in ((width if b == 0 else 128, 128), (128,), (128,), (128,))]
    weights = weights_of(shapes + [(128, CLASSES), (CLASSES,)])

    def run(weights):
        x, after = inputs(width), []
        for b in range(4):
            weight, bias, gamma, beta = weights[4 * b:4 * b + 4]
            z = x @ weight + bias
            x = np.maximum(batch_norm(z, gamma, beta, z.mean(0), z.var(0)), 0)
            after.append(x)
        return after[1], x, x @ weights[-2] + weights[-1]

    return {"training": outputs(run, weights), "gradients": gradients(run, weights)}


def scaled_laplacian(adjacency):
    directed = np.maximum(adjacency, 0)
    np.fill_diagonal(directed, 0)
    a = directed + directed.T
    root = np.diag(1 / np.sqrt(a.sum(1) + 1e-10))
    laplacian = np.eye(len(a)) - root @ a @ root
    return 2 * laplacian / 2 - np.eye(len(a))


def dgcnn(nodes, depth):
    weights = weights_of(
        [(depth,), (depth,), (nodes, nodes), (2 * depth, 16), (nodes * 16, CLASSES), (CLASSES,)])
    k = len(weights)
    moving = hashed(k + 1, (depth,)), 1 + hashed(k + 2, (depth,))
    x = inputs(nodes * depth).reshape(BATCH, nodes, depth)

    def run(weights, statistics=(x.mean((0, 1)), x.var((0, 1)))):
        gamma, beta, adjacency, filters, head, head_bias = weights
        scaled = scaled_laplacian(adjacency)
        rows = []
        for sample in batch_norm(x, gamma, beta, *statistics):
            chebyshev = [sample, scaled @ sample]
            rows.append(sum(t @ filters[k * depth:(k + 1) * depth] for k, t in enumerate(chebyshev)).ravel())
        hidden = np.array(rows)
        embedding = np.maximum(hidden, 0)
        return hidden, embedding, embedding @ head + head_bias

    return {
        "scaledLaplacian": rounded(scaled_laplacian(weights[2])),
        "serving": outputs(lambda w: run(w, moving), weights),
        "training": outputs(run, weights),
        "gradients": gradients(run, weights),
    }


def rnn(sequence, weights):
    """[steps, in] -> [steps, d]"""
    into, again, into_bias, again_bias = weights
    h = np.zeros(again.shape[0])
    states = []
    for x in sequence:
        h = np.tanh(x @ into + into_bias + h @ again + again_bias)
        states.append(h)
    return np.array(states)


def bihdm(nodes, depth, width, out, left_h, left_v, right_h, right_v):
    steps = len(left_h)
    recurrent = lambda n_in: [(n_in, width), (width, width), (width,), (width,)]
    projector = [(6, steps), (6, 1, width), (width, out)]
    weights = weights_of(
        4 * recurrent(depth) + 2 * recurrent(width) + 2 * projector + [(out * 6, CLASSES), (CLASSES,)])

    def mixtures(states, mix, bias):
        """leaky(sum_n w[n, k] g_n) + b: [d, 6]"""
        total = sum(np.outer(g, mix.T[n]) for n, g in enumerate(states))
        return np.where(total > 0, total, 0.01 * total) + bias[:, 0].T

    def run(weights):
        lh, lv, rh, rv, pair_h, pair_v = (weights[4 * i:4 * i + 4] for i in range(6))
        (mix_h, bias_h, map_h), (mix_v, bias_v, map_v) = weights[24:27], weights[27:30]
        hidden, embedding = [], []
        for sample in inputs(nodes * depth).reshape(BATCH, nodes, depth):
            horizontal = rnn(rnn(sample[left_h], lh) - rnn(sample[right_h], rh), pair_h)
            vertical = rnn(rnn(sample[left_v], lv) - rnn(sample[right_v], rv), pair_v)
            in_h, in_v = mixtures(horizontal, mix_h, bias_h), mixtures(vertical, mix_v, bias_v)
            hidden.append(np.concatenate([in_h, in_v]).T.ravel())
            embedding.append((map_h.T @ in_h + map_v.T @ in_v).ravel())
        return np.array(hidden), np.array(embedding), np.array(embedding) @ weights[-2] + weights[-1]

    return {"training": outputs(run, weights), "gradients": gradients(run, weights)}


# Montage CZ FP2 F7 O2 FP1 F8 P3 O1 C3 C4: P3 has no partner, CZ is on the midline.
GOLDEN = {
    "dnn": dnn(7),
    "dgcnn": dgcnn(nodes=5, depth=2),
    "dgcnnEye": dgcnn(nodes=6, depth=1),
    "bihdm": bihdm(10, 2, 32, 16, left_h=[4, 2, 8, 7], left_v=[4, 2, 7, 8], right_h=[1, 5, 9, 3], right_v=[1, 5, 3, 9]),
    "bihdmEye": bihdm(1, 7, 16, 8, [0], [0], [0], [0]),
}
Path(__file__).with_name("backbones.json").write_text(json.dumps(GOLDEN) + "\n")
