#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the normals of other programs that the tests of noise/ compare with: drawn.py NAME > drawn/NAME.hpp

torch_cpu needs torch 2.15 on a processor with AVX2; torch_cpu_plain the same with ATEN_CPU_CAPABILITY=default;
numpy_legacy and numpy_pcg64 need numpy; jax_threefry needs jax; torch_cuda needs CUDA's compiler; profiles needs torch
2.15. A case is a seed, the sizes that are drawn one after
the other, and some of the normals, by their place in all that is drawn: no test needs any of them.

The programs of `profiles` are not run: what they draw in which order is written down here once more, from their sources
of 2024 to 2026, with torch's own generator for the CPU and the numbers of a GPU by numpy.
"""
import itertools
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


def philox(counter, seed):
    """The words of Philox4x32-10; a counter is four arrays."""
    c, key = [numpy.asarray(part, numpy.uint64) for part in counter], [seed & 0xffffffff, seed >> 32]
    for _ in range(10):
        p, q = c[0] * numpy.uint64(0xd2511f53), c[2] * numpy.uint64(0xcd9e8d57)
        low, high = numpy.uint64(0xffffffff), numpy.uint64(32)
        c = [q >> high ^ c[1] ^ numpy.uint64(key[0]), q & low, p >> high ^ c[3] ^ numpy.uint64(key[1]), p & low]
        key = [(key[0] + 0x9e3779b9) & 0xffffffff, (key[1] + 0xbb67ae85) & 0xffffffff]
    return c


class OnGpu:
    """A generator of torch on a device of so many threads; with one for each element it is A1111's NV."""

    def __init__(self, seed, threads=2**40):
        self.seed, self.threads, self.drawn = seed, threads, 0

    def __call__(self, n):
        threads = min((n + 255) // 256 * 256, self.threads)
        element = numpy.arange(n)
        thread, turn = element % threads, element // threads
        words = philox([self.drawn + turn // 4, 0 * thread, thread, 0 * thread], self.seed)
        self.drawn += (n - 1) // (4 * threads) + 1
        pair = turn % 4 // 2
        u, v = (numpy.where(pair == 0, words[i], words[i + 2]).astype(numpy.float32).astype(float) / 2**32 + 2.0**-33 for i in (0, 1))
        radius, angle = numpy.sqrt(-2 * numpy.log(u.astype(numpy.float32).astype(float))), 2 * numpy.pi * v
        return (radius * numpy.where(turn % 2 == 0, numpy.sin(angle), numpy.cos(angle))).astype(numpy.float32)


def programs(seed):
    """What makes the tensors of n normals of a program, by its name: the start, and then those of the steps without end."""
    import torch
    assert torch.__version__.startswith("2.15."), torch.__version__
    torch.set_num_threads(1)

    def on_cpu(seed):
        generator = torch.Generator().manual_seed(seed)
        return lambda n: torch.randn(n, generator=generator).numpy()

    def small(seed):
        return OnGpu(seed, 512)

    def one(start, steps=None):
        """One generator for the batch, which goes on with the steps where they have none of their own."""
        return lambda n: itertools.chain([start(n)], ((steps or start)(n) for _ in itertools.count()))

    def each(starts, steps=None):
        """A generator for each of two pictures."""
        def both(generators):
            return lambda n: numpy.concatenate([g(n // 2) for g in generators])
        return one(both(starts), both(steps) if steps else None)

    def pair(make, seed):
        return [make(seed), make(seed + 1)]

    return {
        "diffusers_cpu": lambda: one(on_cpu(seed)),
        "diffusers_cpu_list": lambda: each([on_cpu(7), on_cpu(3)]),
        "diffusers_cuda": lambda: one(small(seed)),
        "diffusers_cuda_list": lambda: each([small(7), small(3)]),
        "comfyui": lambda: one(on_cpu(seed), on_cpu(seed + 1)),
        "comfyui_gpu": lambda: one(on_cpu(seed), small(seed)),
        "a1111_nv": lambda: each(pair(OnGpu, seed)),
        "a1111_gpu": lambda: each(pair(small, seed)),
        "a1111_cpu": lambda: each(pair(on_cpu, seed)),
        "a1111_ensd": lambda: each(pair(OnGpu, seed), pair(OnGpu, seed + 31337)),
        "a1111_ensd_1": lambda: each(pair(on_cpu, seed), pair(on_cpu, seed + 1)),
        "stable_diffusion_cpp": lambda: each(pair(OnGpu, seed)),
        "stable_diffusion_cpp_cpu": lambda: each(pair(on_cpu, seed)),
        "stable_diffusion_cpp_both": lambda: each(pair(on_cpu, seed), pair(OnGpu, seed)),
    }


def profiles():
    seed = 2**32 - 2

    def three(make, n):
        return case(seed, [n] * 3, numpy.concatenate(list(itertools.islice(make()(n), 3))))
    return sum((array(name, "float", [three(make, n) for n in (10, 40, 1100)]) for name, make in programs(seed).items()), [])


makers = {
    "torch_cpu": torch_cpu,
    "torch_cpu_plain": lambda: torch_cpu(plain=True),
    "numpy_legacy": lambda: numpy_of("numpy_legacy", numpy.random.RandomState, lambda g, n: g.randn(n)),
    "numpy_pcg64": lambda: numpy_of("numpy_pcg64", numpy.random.default_rng, lambda g, n: g.standard_normal(n)),
    "jax_threefry": jax_threefry,
    "torch_cuda": torch_cuda,
    "profiles": profiles,
}


if __name__ == "__main__":
    print("// SPDX-License-Identifier: MIT\n#pragma once\n\n// clang-format off\n"
          f"// Written by tests/noise/drawn.py {sys.argv[1]}.\n\n#include \"../drawn.hpp\"\n\nnamespace test {{\n")
    print("\n".join(makers[sys.argv[1]]()))
    print("\n}  // namespace test\n// clang-format on")
