#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the plans of onnx.json by the graph that examples/to_onnx.py writes, in the reference evaluator of PyPI's onnx.

    onnx_update.py onnx.json            compares the results with the stored ones
    onnx_update.py onnx.json --write    stores them

tests/interop/plan_json.cpp runs the same plans with the same network and noise. One graph runs all of them.
"""
import json
import pathlib
import sys

import numpy as np
from onnx.reference import ReferenceEvaluator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "examples"))
import to_onnx

ELEMENTS = 7


def network(branch, x, level):
    return np.float32(0.5) * x + np.float32(0.25 * (branch + 1) * level[1])


def draw(stream, id):
    return np.array([(3 * stream + 7 * id + 5 * e) % 11 - 5 for e in range(ELEMENTS)], np.float32) / np.float32(4)


path = pathlib.Path(sys.argv[1])
stored = json.loads(path.read_text())
shape = tuple(max(each) for each in zip(*(to_onnx.shape_of(case["plan"]) for case in stored)))
evaluator = ReferenceEvaluator(to_onnx.graph(shape))
worst = 0
for case in stored:
    result = to_onnx.run(lambda inputs: evaluator.run(None, inputs)[0], case["plan"], network, draw, ELEMENTS, shape)
    if "--write" in sys.argv:
        case["result"] = [float(v) for v in result]
    # Sums are in another order than here: some roundings of float, which the steps may make larger.
    worst = max(worst, np.abs(result - case["result"]).max() / np.abs(result).max())
if "--write" in sys.argv:
    path.write_text("[" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in stored) + "]\n")
print(f"{len(stored)} plans, by {worst:.2g} at most")
sys.exit(worst > 1e-5)
