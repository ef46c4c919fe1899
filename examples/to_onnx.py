#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the update of a plan as a graph of ONNX, and what the plan computes with as its inputs.

    to_onnx.py PLAN.json UPDATE.onnx COEFFICIENTS.npz

PLAN.json is what plan::to_json wrote. The graph is the same for all plans of a shape: so many operands, normals and
results of an update. How many buffers and branches there are, and how many elements, is known when it is run. It has the inputs

    memory          [buffers, elements]   the buffers of the run, x being the first; zeros where nothing was written
    outputs         [branches, elements]  what the network says at the call
    normals         [normals, elements]   those of the update
    operands        [inputs]              of memory and behind it outputs, which are read
    input_weights   [rows, inputs]
    normal_weights  [rows, normals]
    earlier_weights [rows, rows]          of results before each
    bounds          [rows]                results are clamped to [-bound, bound]
    places          [buffers]             of memory and behind it the results, what each buffer becomes

and the output `next`, memory after the update. In COEFFICIENTS.npz each of these but the first three has one more axis
in front: the update before the first call from noise, that from a given x, and those of the calls. Beside them are
`reads`, the buffer that each call reads, its `level` (time, alpha, sigma, label), and `drawn`, stream and id of the
normals of each update, -1 for none. Needs numpy and PyPI's onnx.
"""
import json
import sys

import numpy as np

WORDS = ("input", "normal", "earlier")


def updates_of(plan):
    """Those of a plan that has no numbers which are known while sampling, no given tensors and no learned deviations."""
    found = [plan["draw"], plan["enter"], *(c["then"] for c in plan["calls"])]
    if any(c["measures"] for c in plan["calls"]) or plan["tables"] or plan["givens"]:
        raise ValueError("the plan has numbers that are known only while sampling, or tensors that it is given")
    if any("learned" in z for u in found for z in u["normals"]):
        raise ValueError("the plan has learned deviations")
    return found


def shape_of(plan):
    """Operands, normals and results of the largest update, at least one of each."""
    return tuple(max(1, *(len(u[part]) for u in updates_of(plan))) for part in ("inputs", "normals", "rows"))


def coefficients(plan, shape=None):
    """What the graph of a shape, that of the plan itself or a larger one, is given for each update."""
    inputs, normals, rows = shape or shape_of(plan)
    updates, buffers = updates_of(plan), plan["buffers"]
    all = {
        "operands": np.zeros((len(updates), inputs), np.int64),
        "input_weights": np.zeros((len(updates), rows, inputs), np.float32),
        "normal_weights": np.zeros((len(updates), rows, normals), np.float32),
        "earlier_weights": np.zeros((len(updates), rows, rows), np.float32),
        "bounds": np.full((len(updates), rows), np.finfo(np.float32).max),
        "places": np.tile(np.arange(buffers), (len(updates), 1)),
        "drawn": np.full((len(updates), normals, 2), -1, np.int64),
    }
    for n, u in enumerate(updates):
        for k, operand in enumerate(u["inputs"]):
            all["operands"][n, k] = operand["index"] + (buffers if operand["where"] == "output" else 0)
        for q, z in enumerate(u["normals"]):
            all["drawn"][n, q] = z["stream"], z["id"]
        for j, row in enumerate(u["rows"]):
            for word in WORDS:
                weights = row[word if word == "earlier" else word + "s"]
                all[word + "_weights"][n, j, :len(weights)] = weights
            all["bounds"][n, j] = min(row.get("clamp", np.inf), np.finfo(np.float32).max)
            all["places"][n, row["buffer"]] = buffers + j
    all["reads"] = np.array([c["input"] for c in plan["calls"]])
    all["level"] = np.array([[c["at"][name] for name in ("time", "alpha", "sigma", "label")] for c in plan["calls"]])
    return all


def graph(shape):
    """The update of all plans of a shape."""
    from onnx import TensorProto, checker, helper

    inputs, normals, rows = shape
    number, index = TensorProto.FLOAT, TensorProto.INT64
    given = [("memory", number, ["buffers", "elements"]), ("outputs", number, ["branches", "elements"]),
             ("normals", number, [normals, "elements"]), ("operands", index, [inputs]),
             ("input_weights", number, [rows, inputs]), ("normal_weights", number, [rows, normals]),
             ("earlier_weights", number, [rows, rows]), ("bounds", number, [rows]), ("places", index, ["buffers"])]
    constants = [helper.make_tensor(f"at{j}", index, [1], [j]) for j in range(rows)]
    nodes = [helper.make_node("Concat", ["memory", "outputs"], ["all"], axis=0),
             helper.make_node("Gather", ["all", "operands"], ["read"], axis=0),
             helper.make_node("MatMul", ["input_weights", "read"], ["of_inputs"]),
             helper.make_node("MatMul", ["normal_weights", "normals"], ["of_normals"]),
             helper.make_node("Add", ["of_inputs", "of_normals"], ["sums"])]
    for j in range(rows):
        nodes.append(helper.make_node("Gather", ["sums", f"at{j}"], [f"sum{j}"], axis=0))
        whole = f"sum{j}"
        for i in range(j):
            nodes += [helper.make_node("Gather", ["earlier_weights", f"at{j}"], [f"of{j}_{i}"], axis=0),
                      helper.make_node("Gather", [f"of{j}_{i}", f"at{i}"], [f"weight{j}_{i}"], axis=1),
                      helper.make_node("Mul", [f"weight{j}_{i}", f"row{i}"], [f"product{j}_{i}"]),
                      helper.make_node("Add", [whole, f"product{j}_{i}"], [f"sum{j}_{i}"])]
            whole = f"sum{j}_{i}"
        nodes += [helper.make_node("Gather", ["bounds", f"at{j}"], [f"most{j}"]),
                  helper.make_node("Neg", [f"most{j}"], [f"least{j}"]),
                  helper.make_node("Min", [whole, f"most{j}"], [f"below{j}"]),
                  helper.make_node("Max", [f"below{j}", f"least{j}"], [f"row{j}"])]
    nodes += [helper.make_node("Concat", ["memory", *(f"row{j}" for j in range(rows))], ["written"], axis=0),
              helper.make_node("Gather", ["written", "places"], ["next"], axis=0)]
    made = helper.make_model(
        helper.make_graph(nodes, f"update_{inputs}_{normals}_{rows}", [helper.make_tensor_value_info(*g) for g in given],
                          [helper.make_tensor_value_info("next", number, ["buffers", "elements"])], constants),
        opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="fokker")
    checker.check_model(made, full_check=True)
    return made


def run(evaluate, plan, network, draw, elements, shape=None):
    """A sample from noise: evaluate(inputs) is the graph, network(branch, x, level) a prediction, draw(stream, id) the
    normals of all elements."""
    all = coefficients(plan, shape)
    memory = np.zeros((plan["buffers"], elements), np.float32)
    outputs = np.zeros((plan["branches"], elements), np.float32)

    def update(n, memory):
        drawn = [draw(*z) if z[0] >= 0 else np.zeros(elements, np.float32) for z in all["drawn"][n].tolist()]
        names = ("operands", "input_weights", "normal_weights", "earlier_weights", "bounds", "places")
        return evaluate({"memory": memory, "outputs": outputs, "normals": np.stack(drawn), **{name: all[name][n] for name in names}})

    memory = update(0, memory)
    for i, reads in enumerate(all["reads"]):
        for b in range(plan["branches"]):
            outputs[b] = network(b, memory[reads], all["level"][i])
        memory = update(i + 2, memory)
    return memory[0]


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    import onnx

    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    onnx.save(graph(shape_of(plan)), sys.argv[2])
    np.savez(sys.argv[3], **coefficients(plan))
