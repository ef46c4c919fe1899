# SPDX-License-Identifier: MIT
"""Trains the prior of unCLIP (Ramesh et al. 2022): from the embedding of words to that of an image, by diffusion in the space of
embeddings on the cosine path. The network predicts the data.

    python3 examples/train/clip.py; python3 examples/train/prior.py --data FOLDER_OF_FASHION_MNIST
"""
import math

import torch
from torch import nn
from torch.nn import functional

import common
import words
from clip import Clip, size
from fashion import alpha_sigma

spread = math.sqrt(size)  # times an embedding, so that its numbers are as large as the noise's


class Prior(nn.Module):
    """(z [n, 64], time [n], embedding of words [n, 64]) -> spread times the embedding of an image [n, 64]. Zeros stand for
    no words."""

    def __init__(self, width=256):
        super().__init__()
        self.enter, self.word = nn.Linear(size + 16, width), nn.Linear(size, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(3))
        self.leave = nn.Linear(width, size)
        nn.init.normal_(self.word.weight, std=0.5)

    def forward(self, z, time, of_words):
        angles = time[:, None] * math.pi * 2.0 ** torch.arange(8)
        h = self.enter(torch.cat([z, angles.sin(), angles.cos()], 1)) + self.word(of_words)
        for layer in self.hidden:
            h = h + layer(functional.silu(h))
        return self.leave(functional.silu(h))


@torch.no_grad()
def ddim(model, z, of_words, steps, scale=1.0):
    """DDIM by its plain formula, guided."""
    times = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    for s, t in zip(times[:-1], times[1:]):
        (a, b), (a_t, b_t) = alpha_sigma(s), alpha_sigma(t)
        if t == 0:
            a_t, b_t = torch.ones(()), torch.zeros(())
        if s == 1:
            a = torch.zeros(())
        at = s.float().expand(len(z))
        data = model(z, at, of_words)
        if scale != 1:
            without = model(z, at, torch.zeros_like(of_words))
            data = without + scale * (data - without)
        z = a_t.float() * data + b_t.float() * ((z - a.float() * data) / b.float())
    return z


def main():
    steps, (images, labels), (test_images, test_labels) = common.start(4000)
    true, test_true = words.of_images(images, labels), words.of_images(test_images, test_labels)
    clip = common.load(Clip(), "clip")
    with torch.no_grad():
        of_images, of_test = clip.of_images(images), clip.of_images(test_images)
    model = Prior()

    def loss_of(step):
        i = torch.randint(len(images), (256,))
        with torch.no_grad():
            of_words = clip.of_words(words.described(true[i])) * (torch.rand(256, 1) >= 0.1)
        time = torch.rand(256)
        alpha, sigma = (f[:, None] for f in alpha_sigma(time))
        data = spread * of_images[i]
        return functional.mse_loss(model(alpha * data + sigma * torch.randn_like(data), time, of_words), data)

    common.fit(model, loss_of, steps, 2e-3, say=500)
    common.write_safetensors(common.data / "prior.safetensors", common.halved(model))

    # How near its embeddings are to those of images that have the words: against the words' own, and images at random.
    with torch.no_grad():
        of_words = clip.of_words(words.described(test_true, 1, 1))
    made = functional.normalize(ddim(model, torch.randn(len(of_test), size), of_words, 20))
    near = [(a * of_test).sum(1).mean().item() for a in (made, of_words, of_test[torch.randperm(len(of_test))])]
    print("mean cosine with the image: of the prior's embedding {:.3f}, of the words' {:.3f}, of another image's {:.3f}".format(*near))
    guess = (made @ clip.of_words(words.tokens(*words.classes)).T).argmax(1)
    print(f"{(guess == test_labels).float().mean():.3f} of its embeddings are nearest to the word of the class asked for")

    z, time, start = torch.randn(4, size), torch.tensor([0.9, 0.5, 0.2, 0.05]), torch.randn(4, size)
    some = of_words[:4] * torch.tensor([[1], [1], [1], [0]])
    with torch.no_grad():
        common.write_safetensors(common.data / "prior_test.safetensors", {
            "x": z, "time": time, "words": some, "prediction": model(z, time, some), "start": start, "wanted": of_words[:4],
            "sample": ddim(model, start, of_words[:4], 10, 2.0)})


if __name__ == "__main__":
    main()
