# SPDX-License-Identifier: MIT
"""Trains a network of two levels on the spiral of the demo: told where a point is and where it goes, it says the average
velocity on the way there. Its teacher is the flow network of spiral.py, along whose paths any two stops are a lesson.

    python3 examples/train/spiral_map.py
"""
import math

import torch
from torch import nn
from torch.nn import functional

import common
import spiral

stops = 49  # of a path, from noise to data


class Network(nn.Module):
    """(x [n, 2], time [n], the time to go to [n], class [n]) -> average velocity [n, 2]."""

    def __init__(self, width=128):
        super().__init__()
        self.enter = nn.Linear(2 + 2 * 16, width)
        self.name = nn.Parameter(0.1 * torch.randn(spiral.classes + 1, width))
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(3))
        self.leave = nn.Linear(width, 2)

    def forward(self, x, time, to, label):
        angles = [t[:, None] * math.pi * 2.0 ** torch.arange(8) for t in (time, to)]
        h = self.enter(torch.cat([x] + [f(a) for a in angles for f in (torch.sin, torch.cos)], 1)) + self.name[label]
        for layer in self.hidden:
            h = h + layer(functional.silu(h))
        return self.leave(functional.silu(h))


@torch.no_grad()
def paths(teacher, count):
    """Points on paths of the flow and their times [stops, n], by Heun's method between stops that each path has for itself,
    and the classes that the flow was told."""
    label = torch.randint(spiral.classes + 1, (count,))
    inner = (torch.arange(stops - 2, 0, -1)[:, None] - torch.rand(stops - 2, count)) / (stops - 2)
    times = torch.cat([torch.ones(1, count), inner, torch.zeros(1, count)])
    points = [torch.randn(count, 2)]
    for s, t in zip(times[:-1], times[1:]):
        x, h = points[-1], (t - s)[:, None]
        first = teacher(x, s, label)
        points.append(x + h / 2 * (first + teacher(x + h * first, t, label)))
    return torch.stack(points), times, label


def train(teacher, steps=8000):
    model = Network()
    points, times, label = paths(teacher, 2 ** 16)

    def loss_of(step):
        path = torch.randint(len(label), (1024,))
        # Half of the ways end at data, a quarter begin at noise.
        first = torch.where(torch.rand(1024) < 0.25, 0, torch.randint(stops - 1, (1024,)))
        last = first + 1 + (torch.rand(1024) * (stops - 1 - first)).long()
        last = torch.where(torch.rand(1024) < 0.5, stops - 1, last)
        x, y, s, t = points[first, path], points[last, path], times[first, path], times[last, path]
        said = model(x, s, t, label[path])
        return ((x - (s - t)[:, None] * said - y).square().sum(1) / (s - t)).mean()

    common.fit(model, loss_of, steps, 3e-3, say=2500)
    return model


@torch.no_grad()
def mapped(model, x, label, times):
    for s, t in zip(times[:-1], times[1:]):
        at, to = (level.float().expand(len(x)) for level in (s, t))
        x = x - (s - t).float() * model(x, at, to, label)
    return x


def main():
    torch.manual_seed(1)
    model = train(common.load(spiral.Network(), "spiral_flow"))
    common.write_safetensors(common.data / "spiral_map.safetensors", {k: p for k, p in model.named_parameters()})
    x, time, label = torch.randn(64, 2), torch.rand(64), torch.randint(spiral.classes + 1, (64,))
    to, start = time * torch.rand(64), torch.randn(64, 2)
    with torch.no_grad():
        common.write_safetensors(common.data / "spiral_map_test.safetensors", {
            "x": x, "time": time, "to": to, "label": label.float(), "prediction": model(x, time, to, label), "start": start,
            "sample": mapped(model, start, label, torch.linspace(1, 0, 5, dtype=torch.float64))})


if __name__ == "__main__":
    main()
