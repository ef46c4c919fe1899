# SPDX-License-Identifier: MIT
"""The same steps in PyTorch, eager and compiled, and by a Triton kernel, against a copy in the same turns: lines like
those of steps.cu. Run by run.sh, which sets them side by side."""
import statistics

import torch
import triton
import triton.language as tl

turns = 15


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


def main():
    for size in (1 << 24, 1 << 28):
        x, d, e0, e1, to = (torch.zeros(size, device="cuda") for _ in range(5))
        grid = (triton.cdiv(size, 1024),)
        steps = {("PyTorch", "ddim"): lambda: ddim(x, e0), ("PyTorch", "dpmpp_2m, guided"): lambda: guided(x, d, e0, e1),
                 ("PyTorch", "ddpm, noise inside"): lambda: ddpm(x, e0)}
        for (_, name), step in list(steps.items()):
            function = {"ddim": ddim, "dpmpp_2m, guided": guided, "ddpm, noise inside": ddpm}[name]
            compiled = torch.compile(function)
            operands = (x, d, e0, e1) if function is guided else (x, e0)
            steps["torch.compile", name] = lambda compiled=compiled, operands=operands: compiled(*operands)
        steps["Triton", "ddim"] = lambda: ddim_kernel[grid](x, e0, size, 0.9, 0.2, block=1024)
        steps["Triton", "dpmpp_2m, guided"] = lambda: guided_kernel[grid](
            x, d, e0, e1, size, 7.5, 1.1, -0.3, 0.8, -0.1, 0.3, block=1024)
        steps["Triton", "ddpm, noise inside"] = lambda: ddpm_kernel[grid](x, e0, 1, size, 0.9, 0.2, 0.1, block=1024)
        streams = {"ddim": 3, "dpmpp_2m, guided": 6, "ddpm, noise inside": 3}
        repeats = 5 if size > 1 << 26 else 50
        times = {key: [] for key in steps}
        copies = []
        for turn in range(turns + 2):
            copy = microseconds(lambda: to.copy_(x), repeats)
            if turn >= 2:
                copies.append(copy)
            for key, step in steps.items():
                time = microseconds(step, repeats)
                if turn >= 2:
                    times[key].append((time, streams[key[1]] / time / (2 / copy)))
        print(f"PyTorch's copy,{size},float,{statistics.median(copies):.2f},{8 * size},1")
        for (peer, name), found in times.items():
            time, ratio = (statistics.median(column) for column in zip(*found))
            print(f'"{peer}: {name}",{size},float,{time:.2f},{4 * streams[name] * size},{ratio:.3f}')


main()
