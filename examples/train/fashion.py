# SPDX-License-Identifier: MIT
"""Trains the network of images: a small transformer over patches (Peebles & Xie 2023) that predicts the velocity on the
cosine path, with the class dropped for a tenth of the images; and a classifier that judges what it makes.

    python3 examples/train/fashion.py --data FOLDER_OF_FASHION_MNIST
    python3 examples/train/fashion.py --onnx    # trains nothing: writes the graph of what was trained; needs PyPI's onnx
"""
import math
import sys

import torch
from torch import nn
from torch.nn import functional

import common

classes, nothing, side, patch = 10, 10, 28, 4
tokens = (side // patch) ** 2


def to_patches(x):
    n = side // patch
    return x.reshape(-1, n, patch, n, patch).permute(0, 1, 3, 2, 4).reshape(-1, n * n, patch * patch)


def from_patches(p):
    n = side // patch
    return p.reshape(-1, n, n, patch, patch).permute(0, 1, 3, 2, 4).reshape(-1, side * side)


def normalised(x):
    return functional.layer_norm(x, (int(x.shape[-1]),), eps=1e-6)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.table = nn.Parameter(torch.zeros(6, width))
        self.qkv, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, modulation):
        shift, scale, gate, shift2, scale2, gate2 = (modulation + self.table).unsqueeze(2).unbind(1)
        batch, count, width = x.shape
        h = normalised(x) * (1 + scale) + shift
        q, k, v = self.qkv(h).reshape(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(width // self.heads), -1)
        x = x + gate * self.mix((weights @ v).transpose(1, 2).reshape(batch, count, width))
        h = normalised(x) * (1 + scale2) + shift2
        return x + gate2 * self.down(functional.silu(self.up(h)))


class Velocity(nn.Module):
    """(x [n, 784], time [n], class [n]) -> velocity [n, 784]."""

    def __init__(self, width=64, depth=6, heads=4):
        super().__init__()
        self.enter = nn.Linear(patch * patch, width)
        self.place = nn.Parameter(0.02 * torch.randn(tokens, width))
        self.time1, self.time2 = nn.Linear(16, width), nn.Linear(width, width)
        self.name = nn.Parameter(0.02 * torch.randn(classes + 1, width))
        self.modulate = nn.Linear(width, 6 * width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.last = nn.Linear(width, 2 * width)
        self.leave = nn.Linear(width, patch * patch)
        for layer in (self.modulate, self.last, self.leave):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x, time, label):
        angles = time[:, None] * math.pi * 2.0 ** torch.arange(8)
        embedded = self.time2(functional.silu(self.time1(torch.cat([angles.sin(), angles.cos()], 1))))
        c = functional.silu(embedded + self.name[label])
        modulation = self.modulate(c).unflatten(1, (6, -1))
        h = self.enter(to_patches(x)) + self.place
        for block in self.blocks:
            h = block(h, modulation)
        shift, scale = self.last(c).unflatten(1, (2, -1)).unsqueeze(2).unbind(1)
        return from_patches(self.leave(normalised(h) * (1 + scale) + shift))


class Classifier(nn.Module):
    """Images [n, 784] -> features [n, 64] -> logits [n, 10]."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.out = nn.Linear(784, 256), nn.Linear(256, 64), nn.Linear(64, classes)

    def features(self, x):
        return functional.relu(self.second(functional.relu(self.first(x))))

    def forward(self, x):
        return self.out(self.features(x))


@torch.no_grad()
def real_features(judge, images, labels):
    """What samples are compared with: the mean and the covariance of the features of images, and those of 20 of each class."""
    all_features = judge.features(images)
    some = torch.cat([all_features[labels == c][:20] for c in range(classes)])
    return {"mean": all_features.mean(0), "covariance": torch.cov(all_features.T), "some": some.half()}


def alpha_sigma(time):
    return torch.cos(math.pi / 2 * time), torch.sin(math.pi / 2 * time)


@torch.no_grad()
def ddim(model, x, label, steps, scale):
    """DDIM on the cosine path by its plain formula, guided: x0 + w (x0 of the class - x0 of none)."""
    times = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    for s, t in zip(times[:-1], times[1:]):
        (a, b), (a_t, b_t) = alpha_sigma(s), alpha_sigma(t)
        if t == 0:
            a_t, b_t = torch.ones(()), torch.zeros(())
        if s == 1:
            a = torch.zeros(())
        at = s.float().expand(len(x))
        with_class, without = model(x, at, label), model(x, at, torch.full_like(label, nothing))
        v = without + scale * (with_class - without)
        data, noise = a.float() * x - b.float() * v, b.float() * x + a.float() * v
        x = a_t.float() * data + b_t.float() * noise
    return x


def main():
    if sys.argv[1:] == ["--onnx"]:
        call = {"x": torch.randn(2, 784), "time": torch.tensor([0.9, 0.5]), "label": torch.tensor([0, nothing])}
        common.write_onnx(common.load(Velocity(), "fashion"), "fashion", call, "velocity")
        return
    steps, (images, labels), (test_images, test_labels) = common.start(5000)

    judge = Classifier()

    def classifier_loss(step):
        i = torch.randint(len(images), (256,))
        noisy = images[i] + 0.1 * torch.randn(256, 784)
        return functional.cross_entropy(judge(noisy), labels[i])

    common.fit(judge, classifier_loss, 4000, 1e-3, say=1000)
    judge_weights = common.halved(judge)
    with torch.no_grad():
        print(f"the classifier is right for {(judge(test_images).argmax(1) == test_labels).float().mean():.4f} of the test images")
    common.write_safetensors(common.data / "classifier.safetensors", judge_weights)
    common.write_safetensors(common.data / "fashion_features.safetensors", real_features(judge, test_images, test_labels))

    model = Velocity()

    def velocity_loss(step):
        i = torch.randint(len(images), (128,))
        x, label = images[i], torch.where(torch.rand(128) < 0.1, nothing, labels[i])
        time = torch.sigmoid(1.3 * torch.randn(128))
        alpha, sigma = (f[:, None] for f in alpha_sigma(time))
        noise = torch.randn_like(x)
        return functional.mse_loss(model(alpha * x + sigma * noise, time, label), alpha * noise - sigma * x)

    common.fit(model, velocity_loss, steps, 2e-3)
    common.write_safetensors(common.data / "fashion.safetensors", common.halved(model))

    # What the C++ test compares with: single calls, and a whole run of guided DDIM from the same noise.
    x, time = torch.randn(4, 784), torch.tensor([0.9, 0.5, 0.2, 0.05])
    label = torch.tensor([0, 3, 9, nothing])
    start, wanted = torch.randn(4, 784), torch.tensor([1, 5, 7, 8])
    with torch.no_grad():
        common.write_safetensors(common.data / "fashion_test.safetensors", {
            "x": x, "time": time, "label": label.float(), "velocity": model(x, time, label),
            "start": start, "wanted": wanted.float(), "sample": ddim(model, start, wanted, 10, 2.0),
            "images": test_images[:4], "features": judge.features(test_images[:4]), "logits": judge(test_images[:4])})
    wanted = torch.arange(classes).repeat_interleave(20)
    for scale in (1.0, 2.0, 3.0):
        made = ddim(model, torch.randn(200, 784), wanted, 20, scale)
        with torch.no_grad():
            print(f"guided by {scale}: {(judge(made).argmax(1) == wanted).float().mean():.3f} of the class asked for")


if __name__ == "__main__":
    main()
