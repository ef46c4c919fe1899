# SPDX-License-Identifier: MIT
"""The steps of steps.cu in PyTorch, eager and compiled, and by a Triton kernel, each against a copy of as many bytes in
the same turns: lines like those of steps.cu, without their head, in float. `try` does all of it once, with few elements.
A peer that fails, as one without a compiler for what it writes, is left out, and said so. Ends with 1 then."""
import csv
import statistics
import sys

import torch
import triton
import triton.language as tl

brief = sys.argv[1:] == ["try"]
turns, warm_up = (1, 0) if brief else (15, 2)
sizes = (1 << 10,) if brief else (1 << 26, 1 << 28)


@triton.jit
def ddim_kernel(x, e, to, size, a, b, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    tl.store(to + i, a * tl.load(x + i, inside) + b * tl.load(e + i, inside), inside)


@triton.jit
def guided_kernel(x, d, e0, e1, to, data_to, size, g, ax, ae, bx, bd, bn, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    c, u = tl.load(e0 + i, inside), tl.load(e1 + i, inside)
    here = tl.load(x + i, inside)
    data = ax * here + ae * (u + g * (c - u))
    tl.store(to + i, bx * here + bn * data + bd * tl.load(d + i, inside), inside)
    tl.store(data_to + i, data, inside)


@triton.jit
def unipc_kernel(x, e, d1, d2, d3, to, corrected, predicted, size, ax, ae, c1, c2, c3, c0, p2, p3, p0, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    one, two, three = tl.load(d1 + i, inside), tl.load(d2 + i, inside), tl.load(d3 + i, inside)
    data = ax * tl.load(x + i, inside) + ae * tl.load(e + i, inside)
    tl.store(to + i, data, inside)
    tl.store(corrected + i, c1 * one + c2 * two + c3 * three + c0 * data, inside)
    tl.store(predicted + i, p2 * one + p3 * two + c3 * three + p0 * data, inside)


@triton.jit
def ddpm_kernel(x, e, to, seed, size, a, b, s, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    z = tl.randn(seed, i.to(tl.int32))
    tl.store(to + i, a * tl.load(x + i, inside) + b * tl.load(e + i, inside) + s * z, inside)


def ddim(x, e):
    return 0.9 * x + 0.2 * e


def guided(x, d, e0, e1):
    data = 1.1 * x - 0.3 * (e1 + 7.5 * (e0 - e1))
    return 0.8 * x + 0.3 * data - 0.1 * d, data


def unipc(x, e, d1, d2, d3):
    data = 1.4 * x - 0.9 * e
    return (data, 0.1 * d1 - 0.1 * d2 + 0.7 * d3 + 0.3 * data,
            0.2 * d1 - 0.5 * d2 + 0.7 * d3 + 0.8 * data)


def ddpm(x, e):
    return 0.9 * x + 0.2 * e + 0.1 * torch.randn_like(x)


# By the name of a step: its function, how many tensors it reads and writes, the kernel and the kernel's numbers.
steps = {
    "ddim": (ddim, 2, 1, ddim_kernel, (0.9, 0.2)),
    "dpmpp_2m, guided": (guided, 4, 2, guided_kernel, (7.5, 1.1, -0.3, 0.8, -0.1, 0.3)),
    "unipc<3>, corrected": (unipc, 5, 3, unipc_kernel, (1.4, -0.9, 0.1, -0.1, 0.7, 0.3, 0.2, -0.5, 0.8)),
    "ddpm, noise inside": (ddpm, 2, 1, ddpm_kernel, (0.9, 0.2, 0.1)),
}


def microseconds(work, repeats):
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    for _ in range(repeats):
        work()
    end.record()
    end.synchronize()
    return 1000 * begin.elapsed_time(end) / repeats


def measured(size):
    """Rows like those of steps.cu."""
    card = torch.cuda.get_device_name()
    memory = torch.randn(8 * size, device="cuda")
    repeats = 1 if brief else 10 if size > 1 << 26 else 40
    for name, (function, reads, writes, kernel, numbers) in steps.items():
        tensors = list(memory.view(8, size)[:reads + writes])
        given, moved = tensors[:reads], (reads + writes) * size
        half = memory[:moved // 2], memory[moved // 2:moved]
        compiled = torch.compile(function, dynamic=False)
        seed = (1,) if kernel is ddpm_kernel else ()

        def by_kernel():
            kernel[(triton.cdiv(size, 1024),)](*tensors, *seed, size, *numbers, block=1024)

        runs = {"PyTorch": lambda: function(*given), "torch.compile": lambda: compiled(*given), "Triton": by_kernel}
        for peer, work in runs.items():
            found = []
            try:
                for _ in range(turns + warm_up):
                    copy = microseconds(lambda: half[1].copy_(half[0]), repeats)
                    time = microseconds(work, repeats)
                    found.append((time, copy / time))
            except Exception as problem:
                left_out.append(peer)
                print(f"left out: {peer} of {name}: {(str(problem).splitlines() or [type(problem).__name__])[0]}", file=sys.stderr)
                continue
            time, ratio = (statistics.median(column) for column in zip(*found[warm_up:]))
            yield [card, peer, name, size, 1, "float", f"{time:.2f}", 4 * moved, f"{ratio:.3f}"]


left_out = []
out = csv.writer(sys.stdout, lineterminator="\n")
for elements in sizes:
    for row in measured(elements):
        out.writerow(row)
        sys.stdout.flush()
sys.exit(1 if left_out else 0)
