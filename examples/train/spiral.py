# SPDX-License-Identifier: MIT
"""Trains two networks on the spiral of the demo: one predicts epsilon on the variance preserving path, its twin the flow on
the straight path. Labels name another class for two points in five, and none for one in five.

    python3 examples/train/spiral.py
"""
import math

import torch
from torch import nn
from torch.nn import functional

import common

classes, nothing = 3, 3


def points(count):
    """Points of the spiral and their true classes, from the inside outwards."""
    share = torch.rand(count, dtype=torch.float64)
    first, turns, length = 0.45 * math.pi, 4 * math.pi, 2.6
    angle = first + turns * share ** 0.75
    radius = length * angle / (first + turns)
    x = torch.stack([radius * angle.cos(), radius * angle.sin()], 1) + 0.035 * torch.randn(count, 2, dtype=torch.float64)
    return x.float(), (3 * share).long()


def labelled(count):
    x, label = points(count)
    label = torch.where(torch.rand(count) < 0.4, (label + torch.randint(1, 3, (count,))) % classes, label)
    return x, torch.where(torch.rand(count) < 0.2, nothing, label)


class Network(nn.Module):
    """(x [n, 2], time [n], class [n]) -> prediction [n, 2]."""

    def __init__(self, width=128):
        super().__init__()
        self.enter = nn.Linear(2 + 16, width)
        self.name = nn.Parameter(0.1 * torch.randn(classes + 1, width))
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(3))
        self.leave = nn.Linear(width, 2)

    def forward(self, x, time, label):
        angles = time[:, None] * math.pi * 2.0 ** torch.arange(8)
        h = self.enter(torch.cat([x, angles.sin(), angles.cos()], 1)) + self.name[label]
        for layer in self.hidden:
            h = h + layer(functional.silu(h))
        return self.leave(functional.silu(h))


def vp(time):
    """alpha and sigma of Song et al. 2021, beta from 0.1 to 20."""
    log_alpha = -0.25 * time ** 2 * 19.9 - 0.5 * time * 0.1
    return torch.exp(log_alpha), torch.sqrt(-torch.expm1(2 * log_alpha))


def straight(time):
    return 1 - time, time


def train(path, target):
    model = Network()

    def loss_of(step):
        x, label = labelled(512)
        time, noise = 0.001 + 0.999 * torch.rand(512), torch.randn(512, 2)
        alpha, sigma = (f[:, None] for f in path(time))
        return functional.mse_loss(model(alpha * x + sigma * noise, time, label), target(x, noise))

    common.fit(model, loss_of, 10000, 3e-3, say=2500)
    return model


@torch.no_grad()
def guided(model, x, time, label, scale):
    at = time.float().expand(len(x))
    without = model(x, at, torch.full_like(label, nothing))
    return without + scale * (model(x, at, label) - without)


def ddim(model, x, label, times, scale):
    """DDIM by its plain formula."""
    for s, t in zip(times[:-1], times[1:]):
        (a, b), (a_t, b_t) = vp(s), vp(t)
        noise = guided(model, x, s, label, scale)
        x = (a_t / a).float() * (x - b.float() * noise) + b_t.float() * noise
    return x


def euler(model, x, label, times, scale):
    for s, t in zip(times[:-1], times[1:]):
        x = x + (t - s).float() * guided(model, x, s, label, scale)
    return x


def main():
    torch.manual_seed(1)
    times = torch.linspace(1, 0, 33, dtype=torch.float64)
    for name, path, target, solve in (("spiral", vp, lambda x, noise: noise, ddim),
                                      ("spiral_flow", straight, lambda x, noise: noise - x, euler)):
        model = train(path, target)
        common.write_safetensors(common.data / f"{name}.safetensors", {k: p for k, p in model.named_parameters()})
        x, time, label = torch.randn(64, 2), torch.rand(64), torch.randint(classes + 1, (64,))
        start, wanted = torch.randn(64, 2), torch.randint(classes, (64,))
        with torch.no_grad():
            common.write_safetensors(common.data / f"{name}_test.safetensors", {
                "x": x, "time": time, "label": label.float(), "prediction": model(x, time, label), "start": start,
                "wanted": wanted.float(), "sample": solve(model, start, wanted, times, 2.0)})


if __name__ == "__main__":
    main()
