# SPDX-License-Identifier: MIT
"""The steps of steps.cu in PyTorch, eager and compiled, and by a Triton kernel, against a copy in the same turns: lines
like those of steps.cu, in float. With its output as argument, the fastest peer of each step beside it."""
import csv
import statistics
import sys

import torch
import triton
import triton.language as tl

turns = 15
columns = "what,elements,type,microseconds,bytes,of the copy"


@triton.jit
def ddim_kernel(x, e, size, a, b, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    tl.store(x + i, a * tl.load(x + i, inside) + b * tl.load(e + i, inside), inside)


@triton.jit
def guided_kernel(x, d, e0, e1, size, g, ax, ae, bx, bd, bn, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    c, u = tl.load(e0 + i, inside), tl.load(e1 + i, inside)
    here = tl.load(x + i, inside)
    data = ax * here + ae * (u + g * (c - u))
    tl.store(x + i, bx * here + bn * data + bd * tl.load(d + i, inside), inside)
    tl.store(d + i, data, inside)


@triton.jit
def unipc_kernel(x, e, d1, d2, d3, size, ax, ae, c1, c2, c3, c0, p2, p3, p0, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    one, two, three = tl.load(d1 + i, inside), tl.load(d2 + i, inside), tl.load(d3 + i, inside)
    data = ax * tl.load(x + i, inside) + ae * tl.load(e + i, inside)
    tl.store(x + i, data, inside)
    tl.store(e + i, c1 * one + c2 * two + c3 * three + c0 * data, inside)
    tl.store(d1 + i, p2 * one + p3 * two + c3 * three + p0 * data, inside)


@triton.jit
def ddpm_kernel(x, e, seed, size, a, b, s, block: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * block + tl.arange(0, block)
    inside = i < size
    z = tl.randn(seed, i.to(tl.int32))
    tl.store(x + i, a * tl.load(x + i, inside) + b * tl.load(e + i, inside) + s * z, inside)


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


def microseconds(work, repeats):
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    for _ in range(repeats):
        work()
    end.record()
    end.synchronize()
    return 1000 * begin.elapsed_time(end) / repeats


def measure():
    """Rows of `columns`: the copy's, and those of each peer and step."""
    for size in (1 << 24, 1 << 28):
        x, d, e0, e1, f, to = (torch.zeros(size, device="cuda") for _ in range(6))
        grid = (triton.cdiv(size, 1024),)
        # A step's name: its function, what it reads, what it reads and writes in all, and the kernel.
        steps = {
            "ddim": (ddim, (x, e0), 3, lambda: ddim_kernel[grid](x, e0, size, 0.9, 0.2, block=1024)),
            "dpmpp_2m, guided": (guided, (x, d, e0, e1), 6, lambda: guided_kernel[grid](
                x, d, e0, e1, size, 7.5, 1.1, -0.3, 0.8, -0.1, 0.3, block=1024)),
            "unipc<3>, corrected": (unipc, (x, e0, d, e1, f), 8, lambda: unipc_kernel[grid](
                x, e0, d, e1, f, size, 1.4, -0.9, 0.1, -0.1, 0.7, 0.3, 0.2, -0.5, 0.8, block=1024)),
            "ddpm, noise inside": (ddpm, (x, e0), 3, lambda: ddpm_kernel[grid](
                x, e0, 1, size, 0.9, 0.2, 0.1, block=1024)),
        }
        runs = {}
        for name, (function, reads, streams, kernel) in steps.items():
            compiled = torch.compile(function, dynamic=False)
            runs["PyTorch", name] = streams, lambda function=function, reads=reads: function(*reads)
            runs["torch.compile", name] = streams, lambda compiled=compiled, reads=reads: compiled(*reads)
            runs["Triton", name] = streams, kernel
        repeats = 5 if size > 1 << 26 else 50
        times, copies = {key: [] for key in runs}, []
        for turn in range(turns + 2):  # the first two warm up
            copy = microseconds(lambda: to.copy_(x), repeats)
            copies.append(copy)
            for key, (streams, work) in runs.items():
                time = microseconds(work, repeats)
                times[key].append((time, streams / time / (2 / copy)))
        yield ["PyTorch's copy", size, "float", f"{statistics.median(copies[2:]):.2f}", 8 * size, 1]
        for (peer, name), found in times.items():
            time, ratio = (statistics.median(column) for column in zip(*found[2:]))
            yield [f"{peer}: {name}", size, "float", f"{time:.2f}", 4 * runs[peer, name][0] * size, f"{ratio:.3f}"]


def compared(ours, peers):
    """Of each step that peers have: step, elements, ours of the copy, the fastest peer, its of the copy, ours to its."""
    for row in ours:
        same = [(float(p[5]), p[0].split(": ")[0]) for p in peers
                if p[0].endswith(f": {row[0]}") and str(p[1]) == row[1] and p[2] == row[2]]
        if same:
            best, peer = max(same)
            yield [row[0], row[1], row[5], peer, f"{best:.3f}", f"{float(row[5]) / best:.3f}"]


def main():
    out = csv.writer(sys.stdout, lineterminator="\n")
    print(columns, flush=True)
    rows = []
    for row in measure():
        rows.append(row)
        out.writerow(row)
        sys.stdout.flush()
    if len(sys.argv) > 1:
        with open(sys.argv[1], newline="", encoding="utf-8") as file:
            ours = list(csv.reader(file))[1:]
        print("\nstep,elements,fokker of the copy,fastest peer,of the copy,fokker to it")
        out.writerows(compared(ours, rows))


if __name__ == "__main__":
    main()
