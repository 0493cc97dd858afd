"""Writes formats.json: .npy files by NumPy (base64) and their values, for test/formats/arrays/npy.test.ts."""

import base64
import io
import json
import pathlib

import numpy as np

arrays = {
    "float32 matrix": np.array([[1.5, -2.25, 0.1], [np.inf, -0.0, 3e38]], np.float32),
    "float64 vector": np.array([np.pi, -1e-300, 0.1], np.float64),
    "int32 cube": np.arange(-4, 4, dtype=np.int32).reshape(2, 2, 2),
    "int64 scalar": np.array(2**53 + 1, np.int64),
    "empty": np.zeros((0, 310), np.float32),
    **{str(np.dtype(code)): np.array([np.iinfo(code).min, 7, np.iinfo(code).max], code) for code in "i1 u1 i2 u2 u4 u8".split()},
}


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return base64.b64encode(buffer.getvalue()).decode()


golden = {
    "good": [
        {"name": name, "shape": list(a.shape), "dtype": a.dtype.str, "values": [str(v) for v in a.ravel().tolist()], "npy": npy(a)}
        for name, a in arrays.items()
    ],
    "fortran": npy(np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))),
    "big_endian": npy(np.array([1.0], ">f4")),
}
path = pathlib.Path(__file__).with_name("formats.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
