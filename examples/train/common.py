# SPDX-License-Identifier: MIT
"""What the trainers share: options, files, the schedule of learning, averaged weights."""
import argparse
import gzip
import json
import math
import pathlib
import struct

import numpy
import torch

data = pathlib.Path(__file__).resolve().parent.parent / "data"
names = {torch.float32: "F32", torch.float16: "F16"}


def write_safetensors(path, tensors):
    """Tensors by name, one after the other, behind a header of JSON."""
    header, parts, offset = {}, [], 0
    for name, tensor in tensors.items():
        part = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(part)]}
        parts.append(part)
        offset += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def read_safetensors(path):
    """What write_safetensors wrote, as floats."""
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    kinds = {"F32": numpy.float32, "F16": numpy.float16}
    return {name: torch.from_numpy(numpy.frombuffer(raw[8 + size:][slice(*t["data_offsets"])], kinds[t["dtype"]]).reshape(t["shape"])
                                   .astype(numpy.float32)) for name, t in json.loads(raw[8:8 + size]).items()}


def load(model, name):
    """Sets the weights that a script has written."""
    with torch.no_grad():
        for key, value in read_safetensors(data / f"{name}.safetensors").items():
            model.get_parameter(key).copy_(value)
    return model


def write_onnx(model, name, call, output):
    """The graph of a model by ONNX, its inputs named as those of a call; a batch of any size. Its weights stay in the file of
    safetensors, which lies beside it and was written before: they are half there, and cast."""
    import onnx
    from onnx import helper

    path, weights = data / f"{name}.onnx", data / f"{name}.safetensors"
    batch = {k: {0: "n"} for k in [*call, output]}
    torch.onnx.export(model.eval(), tuple(call.values()), path, dynamo=False, do_constant_folding=False, opset_version=17,
                      input_names=[*call], output_names=[output], dynamic_axes=batch)
    graph, raw = onnx.load(path), weights.read_bytes()
    begin = 8 + struct.unpack("<Q", raw[:8])[0]
    header, casts = json.loads(raw[8:begin]), []
    for tensor in graph.graph.initializer:
        whole, entry = tensor.name, header[tensor.name]
        first, last = entry["data_offsets"]
        tensor.Clear()
        tensor.name, tensor.data_type = f"{whole}.half", onnx.TensorProto.FLOAT16
        tensor.dims.extend(entry["shape"])
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", weights.name), ("offset", begin + first), ("length", last - first)):
            tensor.external_data.add(key=key, value=str(value))
        casts.append(helper.make_node("Cast", [tensor.name], [whole], to=onnx.TensorProto.FLOAT))
    nodes = casts + list(graph.graph.node)
    for node in nodes:
        node.ClearField("doc_string")
        node.ClearField("name")
    graph.graph.ClearField("node")
    graph.graph.node.extend(nodes)
    path.write_bytes(graph.SerializeToString())
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


def read_idx(path):
    """The bytes of a gzipped IDX file, in its shape."""
    raw = gzip.open(path).read()
    shape = struct.unpack(f">{raw[3]}I", raw[4:4 + 4 * raw[3]])
    return torch.from_numpy(numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * raw[3]).reshape(shape).copy())


def fashion(folder, part):
    """Images of Fashion-MNIST in [-1, 1] as rows, and their labels."""
    images = read_idx(folder / f"{part}-images-idx3-ubyte.gz").reshape(-1, 784).float() / 127.5 - 1
    return images, read_idx(folder / f"{part}-labels-idx1-ubyte.gz").long()


def start(steps):
    """What the trainers on Fashion-MNIST begin with: their options and the seed. Returns the number of steps, then the images
    and labels to train on, and those to test with."""
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    options.add_argument("--steps", type=int, default=steps)
    options = options.parse_args()
    torch.manual_seed(1)
    return options.steps, fashion(options.data, "train"), fashion(options.data, "t10k")


def fit(model, loss_of, steps, rate, warmup=100, decay=0.999, say=200, matrices=(), matrix_rate=0.0):
    """Adam with a warm-up and a half cosine, and Muon (Jordan et al. 2024) for `matrices` of the model; leaves the exponential
    average of the weights in the model."""
    print(f"{sum(p.numel() for p in model.parameters())} weights")
    others = [p for p in model.parameters() if not any(p is m for m in matrices)]
    optimisers = [torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.99), weight_decay=0.01)]
    if matrices:
        optimisers.append(torch.optim.Muon(matrices, lr=matrix_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"))
    groups = [(group, group["lr"]) for optimiser in optimisers for group in optimiser.param_groups]
    average = [p.detach().clone() for p in model.parameters()]
    running = 0.0
    for step in range(steps):
        share = min(1, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group, of_group in groups:
            group["lr"] = of_group * share
        loss = loss_of(step)
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        keep = min(decay, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, p in zip(average, model.parameters()):
                a.lerp_(p, 1 - keep)
        running += loss.item()
        if (step + 1) % say == 0:
            print(f"step {step + 1} of {steps}: loss {running / say:.4f}", flush=True)
            running = 0.0
    with torch.no_grad():
        for a, p in zip(average, model.parameters()):
            p.copy_(a)


def halved(model):
    """Rounds the weights to half, in place, and returns them as such: what is written is what is used."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.half().float())
    return {name: p.half() for name, p in model.named_parameters()}
