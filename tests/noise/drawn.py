#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the normals of other programs that the tests of noise/ compare with: drawn.py NAME > drawn/NAME.hpp

torch_cpu needs torch 2.15 on a processor with AVX2; torch_cpu_plain the same with ATEN_CPU_CAPABILITY=default;
numpy_legacy and numpy_pcg64 need numpy; jax_threefry needs jax; torch_cuda needs CUDA's compiler. A case is a seed, the sizes that are drawn one after
the other, and some of the normals, by their place in all that is drawn: no test needs any of them.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy

SIZES = [[n] for n in (1, 2, 3, 15, 16, 17, 31, 32, 33, 4096, 65536, 65537)] + [list(range(1, 41)), [3, 20, 1, 2, 16, 5]]


def places(n):
    if n <= 48:
        return list(range(n))
    return sorted({i * n // 32 for i in range(32)} | set(range(n - 17, n)))


def bits(values):
    kind, width = {"float32": (numpy.uint32, 8), "float64": (numpy.uint64, 16)}[str(values.dtype)]
    return [f"0x{b:0{width}x}" for b in values.view(kind)]


def case(seed, sizes, values):
    at = places(len(values))
    assert len(values) == sum(sizes)
    rows = ", ".join(f"{{{i}, {b}}}" for i, b in zip(at, bits(values[at])))
    return f"    {{{seed}u, {{{', '.join(map(str, sizes))}}}, {{{rows}}}}},"


def array(name, element, cases):
    return [f"inline const std::vector<drawn<{element}>> {name} = {{", *cases, "};"]


def torch_cpu(plain=False):
    import torch
    assert torch.__version__.startswith("2.15."), torch.__version__
    assert (torch.backends.cpu.get_cpu_capability() == "DEFAULT") == plain
    torch.set_num_threads(1)

    def draw(seed, sizes, dtype):
        generator = torch.Generator().manual_seed(seed)
        return case(seed, sizes, torch.cat([torch.randn(n, generator=generator, dtype=dtype) for n in sizes]).numpy())

    seeds = [0, 42, 2**32 - 1, 2**40 + 7]
    name = "torch_cpu_plain" if plain else "torch_cpu"
    text = array(name, "float", [draw(s, n, torch.float32) for i, n in enumerate(SIZES) for s in (42, seeds[i % 4])])
    if not plain:
        text += array(name + "_double", "double", [draw(seeds[i % 4], n, torch.float64) for i, n in enumerate(SIZES)])
    return text


def numpy_of(name, generator, normals):
    def draw(seed, sizes):
        g = generator(seed)
        return case(seed, sizes, numpy.concatenate([normals(g, n) for n in sizes]))
    seeds = [0, 42, 2**32 - 1, 7]
    return array(name, "double", [draw(seeds[i % 4], n) for i, n in enumerate(SIZES)])


def jax_threefry():
    import jax
    assert jax.__version__.startswith("0.10."), jax.__version__
    text = []
    for partitionable in (True, False):
        jax.config.update("jax_threefry_partitionable", partitionable)

        def draw(seed, sizes):
            key, drawn = jax.random.key(seed), []
            for n in sizes:
                key, now = jax.random.split(key)
                drawn.append(numpy.asarray(jax.random.normal(now, (n,))))
            return case(seed, sizes, numpy.concatenate(drawn))
        seeds = [0, 42, 2**32 - 1, 7]
        text += array("jax_threefry" + ("" if partitionable else "_in_halves"), "float",
                      [draw(seeds[i % 4], n) for i, n in enumerate(SIZES)])
    return text


def torch_cuda():
    """cuRAND's own functions on the host, in torch's loop: no device is needed."""
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "curand"
        subprocess.run(["nvcc", "-std=c++17", "-o", program, pathlib.Path(__file__).with_name("curand.cu")], check=True)

        def draw(seed, threads, sizes):
            said = subprocess.run(list(map(str, [program, seed, threads, *sizes])), check=True, capture_output=True)
            return case(seed, sizes, numpy.frombuffer(said.stdout, numpy.float32))
        seeds, text = [0, 42, 2**32 - 1, 2**40 + 7], []
        for name, threads in (("boundless", 2**40), ("t4", 40 * 1024), ("small", 512)):
            text += array(f"torch_cuda_{name}", "float", [draw(seeds[i % 4], threads, n) for i, n in enumerate(SIZES)])
    return text


makers = {
    "torch_cpu": torch_cpu,
    "torch_cpu_plain": lambda: torch_cpu(plain=True),
    "numpy_legacy": lambda: numpy_of("numpy_legacy", numpy.random.RandomState, lambda g, n: g.randn(n)),
    "numpy_pcg64": lambda: numpy_of("numpy_pcg64", numpy.random.default_rng, lambda g, n: g.standard_normal(n)),
    "jax_threefry": jax_threefry,
    "torch_cuda": torch_cuda,
}
print("// SPDX-License-Identifier: MIT\n#pragma once\n\n// clang-format off\n"
      f"// Written by tests/noise/drawn.py {sys.argv[1]}.\n\n#include \"../drawn.hpp\"\n\nnamespace test {{\n")
print("\n".join(makers[sys.argv[1]]()))
print("\n}  // namespace test\n// clang-format on")
