# SPDX-License-Identifier: MIT
"""Trains the network that makes images from words and from an embedding of clip.py: a transformer over patches that predicts
the velocity on the straight path (Lipman et al. 2023), as Wan 2.1 does. The embedding is added to that of time, and words are
tokens beside the patches. Each is left out of some images, so that the network knows all four cases.

    python3 examples/train/clip.py; python3 examples/train/decoder.py --data FOLDER_OF_FASHION_MNIST
"""
import math

import torch
from torch import nn
from torch.nn import functional

import common
import words
from clip import Clip, size
from fashion import Block, Classifier, Velocity, ddim, from_patches, normalised, patch, to_patches, tokens


class Decoder(nn.Module):
    """(x [n, 784], time [n], words [n, 6], embedding [n, 64]) -> velocity [n, 784]. Words of 0 and an embedding of zeros
    stand for none."""

    def __init__(self, width=96, depth=6, heads=3):
        super().__init__()
        self.enter = nn.Linear(patch * patch, width)
        self.place = nn.Parameter(0.02 * torch.randn(tokens, width))
        self.time1, self.time2 = nn.Linear(16, width), nn.Linear(width, width)
        self.image = nn.Linear(size, width)
        self.word = nn.Parameter(0.5 * torch.randn(len(words.vocabulary), width))
        self.modulate = nn.Linear(width, 6 * width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.last = nn.Linear(width, 2 * width)
        self.leave = nn.Linear(width, patch * patch)
        nn.init.normal_(self.image.weight, std=0.5)
        for layer in (self.modulate, self.last, self.leave):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x, time, word, embedding):
        angles = time[:, None] * math.pi * 2.0 ** torch.arange(8)
        embedded = self.time2(functional.silu(self.time1(torch.cat([angles.sin(), angles.cos()], 1))))
        c = functional.silu(embedded + self.image(embedding))
        modulation = self.modulate(c).reshape(len(x), 6, -1)
        h = torch.cat([self.enter(to_patches(x)) + self.place, self.word[word]], 1)
        for block in self.blocks:
            h = block(h, modulation)
        shift, scale = self.last(c).reshape(len(x), 2, -1).unsqueeze(2).unbind(1)
        return from_patches(self.leave(normalised(h[:, :tokens]) * (1 + scale) + shift))


@torch.no_grad()
def euler(model, x, times, word, embedding, scale=1.0):
    """Euler's method by its plain formula, guided."""
    for s, t in zip(times[:-1], times[1:]):
        at = s.float().expand(len(x))
        v = model(x, at, word, embedding)
        if scale != 1:
            without = model(x, at, torch.zeros_like(word), torch.zeros_like(embedding))
            v = without + scale * (v - without)
        x = x + (t - s).float() * v
    return x


def shifted(steps, shift):
    """Times from 1 to 0 that are shifted towards 1 (Esser et al. 2024)."""
    t = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    return shift * t / (1 + (shift - 1) * t)


def frechet(a, b):
    """The squared Frechet distance of normal distributions with the moments of features."""
    cov_a, cov_b = torch.cov(a.T.double()), torch.cov(b.T.double())
    root = torch.linalg.eigvals(cov_a @ cov_b).real.clamp(min=0).sqrt().sum()
    return ((a.double().mean(0) - b.double().mean(0)).square().sum() + cov_a.trace() + cov_b.trace() - 2 * root).item()


def loss(model, clip, images, true, count=128):
    i = torch.randint(len(images), (count,))
    x, word = images[i], words.described(true[i])
    with torch.no_grad():
        embedding = clip.of_images(x)
    case = torch.rand(count, 1)  # nothing for 0.1, words alone for 0.4, the embedding alone for 0.3, both for 0.2
    word = word.where((case >= 0.1) & ~((case >= 0.5) & (case < 0.8)), 0)
    embedding = embedding.where(case >= 0.5, 0)
    time = torch.sigmoid(1.2 * torch.randn(count))
    noise = torch.randn_like(x)
    with torch.autocast("cpu", torch.bfloat16):
        v = model(torch.lerp(x, noise, time[:, None]), time, word, embedding)
    return functional.mse_loss(v.float(), noise - x)


@torch.no_grad()
def finish(model, clip, test_images, test_labels, count=1000):
    """Writes the weights, what the C++ test compares with, and says how good the images are beside those of fashion.py."""
    common.write_safetensors(common.data / "decoder.safetensors", common.halved(model))
    torch.manual_seed(2)
    x, time, start = torch.randn(4, 784), torch.tensor([0.9, 0.5, 0.2, 0.05]), torch.randn(4, 784)
    word = words.tokens("dark boot heel", "", "bag", "")
    embedding = clip.of_images(test_images[:4]) * torch.tensor([[0], [1], [1], [0]])
    wanted = words.tokens("bright dress", "", "sandal heel", "trousers")
    common.write_safetensors(common.data / "decoder_test.safetensors", {
        "x": x, "time": time, "words": word.float(), "embedding": embedding, "velocity": model(x, time, word, embedding),
        "start": start, "wanted": wanted.float(), "wanted_embedding": embedding,
        "sample": euler(model, start, shifted(10, 3), wanted, embedding, 2.0)})

    judge, old = common.load(Classifier(), "classifier"), common.load(Velocity(), "fashion")
    real, label = judge.features(test_images), torch.arange(10).repeat_interleave(count // 10)
    none = torch.zeros(count, size)
    print(f"Frechet distance to the test images: {frechet(judge.features(test_images[torch.randperm(len(real))[:count]]), real):.2f} "
          f"of {count} of them")

    def say(what, x):
        print(f"{what}: Frechet distance {frechet(judge.features(x), real):.2f}, "
              f"{(judge(x).argmax(1) == label).float().mean():.3f} of the class asked for", flush=True)

    for scale in (1.0, 2.0):
        say(f"fashion.py, guided by {scale}", ddim(old, torch.randn(count, 784), label, 25, scale))
    for scale in (1.0, 1.5, 2.0, 3.0):
        word = words.tokens(*words.classes)[label]
        say(f"words, guided by {scale}", euler(model, torch.randn(count, 784), shifted(25, 3), word, none, scale))
    seen = torch.cat([(test_labels == c).nonzero()[:count // 10, 0] for c in range(10)])
    embedding = clip.of_images(test_images[seen])
    for scale in (1.0, 2.0):
        made = euler(model, torch.randn(count, 784), shifted(25, 3), words.tokens("")[[0] * count], embedding, scale)
        say(f"embeddings of test images, guided by {scale}", made)
    print(f"mean cosine of an embedding and that of the image made of it: {(clip.of_images(made) * embedding).sum(1).mean():.3f}")


def main():
    steps, (images, labels), test = common.start(8000)
    true, clip, model = words.of_images(images, labels), common.load(Clip(), "clip"), Decoder()
    matrices = [p for name, p in model.blocks.named_parameters() if name.endswith("weight")]
    common.fit(model, lambda step: loss(model, clip, images, true), steps, 2e-3, decay=0.998, matrices=matrices,
               matrix_rate=3e-3)
    finish(model, clip, *test)


if __name__ == "__main__":
    main()
