"""Pickles of NumPy arrays (base64) and their values, for test/formats/arrays/pickle.test.ts. Each Python adds its own
pickles to pickles.json beside this file:

    python3 test/golden/make_pickles.py      NumPy's own arrays, protocols 2 to 4
    python2.7 test/golden/make_pickles.py    cPickle, protocols 1 and 2, as DEAP's files were written

Python 2 needs no NumPy: classes with the same names reduce like those of NumPy 1.16 (ndarray.__reduce__,
dtype.__reduce__), and a pickle contains only names and states.
"""

from __future__ import print_function

import base64
import io
import json
import os
import struct
import sys
import types

DATA = [1.5, -2.25, 1e-300, 1.0 / 3, float(2**40), -0.0]
LABELS = [1.0, 9.0, 5.0, 2.5]
PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pickles.json")


def python2():
    import cPickle

    core = types.ModuleType("numpy.core")
    module = types.ModuleType("numpy.core.multiarray")
    numpy = types.ModuleType("numpy")

    class dtype(object):
        def __reduce__(self):
            return dtype, ("f8", 0, 1), (3, "<", None, None, None, -1, -1, 0)

    class ndarray(object):
        def __init__(self, shape, values):
            self.shape, self.values = shape, values

        def __reduce__(self):
            raw = struct.pack("<%dd" % len(self.values), *self.values)
            return _reconstruct, (ndarray, (0,), "b"), (1, self.shape, FLOAT64, False, raw)

    def _reconstruct(*_):
        pass

    dtype.__module__ = ndarray.__module__ = "numpy"
    _reconstruct.__module__ = "numpy.core.multiarray"
    numpy.dtype, numpy.ndarray, numpy.core, core.multiarray, module._reconstruct = dtype, ndarray, core, module, _reconstruct
    sys.modules.update({"numpy": numpy, "numpy.core": core, "numpy.core.multiarray": module})
    FLOAT64 = dtype()
    value = {"labels": ndarray((1, 4), LABELS), "data": ndarray((1, 2, 3), DATA)}
    return {"python 2, protocol %d" % p: cPickle.dumps(value, p) for p in (1, 2)}


def python3():
    import pickle

    import numpy as np

    value = {"labels": np.array([LABELS]), "data": np.array(DATA).reshape(1, 2, 3)}
    made = {"python 3, protocol %d" % p: pickle.dumps(value, p) for p in (2, 3, 4)}
    kinds = {np.dtype(code).str: np.array([1, 2, 3], code) for code in ("f4", "f8", "i1", "u1", "i2", "i4", "i8")}
    made["kinds"] = pickle.dumps(kinds, 3)
    made["values"] = pickle.dumps(
        [None, True, False, 0, 7, 300, -5, 2**40, 0.5, "text \u00e9", b"bytes", (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)], 4
    )
    # Python writes a repeated object as a reference to its memo.
    shared = np.array([4.0])
    made["shared"] = pickle.dumps([shared, shared, {"again": shared}], 2)
    made["fortran"] = pickle.dumps(np.asfortranarray(np.ones((2, 2))), 3)
    made["big endian"] = pickle.dumps(np.ones(2, ">f8"), 3)
    made["objects"] = pickle.dumps(np.array([{}, []], dtype=object), 3)
    made["protocol 5"] = pickle.dumps(1, 5)
    made["scalar"] = pickle.dumps(np.float64(1.0), 3)
    made["protocol 0"] = pickle.dumps([1, 2], 0)

    class Evil:
        def __reduce__(self):
            return os.system, ("touch executed",)

    made["system"] = pickle.dumps(Evil(), 2)
    made["system in a dictionary"] = pickle.dumps({"data": value["data"], "x": Evil()}, 4)
    made["eval"] = b"\x80\x02c__builtin__\neval\nq\x00X\x03\x00\x00\x001+1q\x01\x85q\x02Rq\x03."
    return made


made = python2() if sys.version_info[0] == 2 else python3()
golden = json.load(io.open(PATH, encoding="utf8")) if os.path.exists(PATH) else {"data": DATA, "labels": LABELS, "pickles": {}}
golden["pickles"].update({name: base64.b64encode(raw).decode("ascii") for name, raw in made.items()})
text = json.dumps(golden, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
with open(PATH, "wb") as out:
    out.write(text.encode("ascii"))
