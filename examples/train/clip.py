# SPDX-License-Identifier: MIT
"""Trains two towers, one of images and one of words, to place an image where its description is: the symmetric contrastive
loss with a learned temperature (Radford et al. 2021). A description is some of the words that are true of an image.

    python3 examples/train/clip.py --data FOLDER_OF_FASHION_MNIST
"""
import math

import torch
from torch import nn
from torch.nn import functional

import common
import words
from fashion import Block, normalised

size = 64  # numbers of an embedding


class Clip(nn.Module):
    """Images [n, 784] and words [n, 6] -> embeddings [n, 64] of length 1."""

    def __init__(self, width=64, depth=2, heads=4):
        super().__init__()
        self.first, self.second, self.third = nn.Linear(784, 512), nn.Linear(512, 256), nn.Linear(256, size)
        self.word = nn.Parameter(torch.randn(len(words.vocabulary), width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.leave = nn.Linear(width, size)
        self.temperature = nn.Parameter(torch.tensor([math.log(0.07)]))  # its logarithm
        with torch.no_grad():
            for block in self.blocks:
                block.table[[2, 5]] = 1  # the gates

    def of_images(self, x):
        h = functional.relu(self.second(functional.relu(self.first(x))))
        return functional.normalize(self.third(h))

    def of_words(self, word):
        h = self.word[word]
        for block in self.blocks:
            h = block(h, torch.zeros_like(block.table)[None])
        return functional.normalize(self.leave(normalised(h).mean(1)))

    def loss(self, x, word):
        of_images, of_words = self.of_images(x).float(), self.of_words(word).float()
        with torch.autocast("cpu", enabled=False):
            logits = of_images @ of_words.T / self.temperature.exp()
        place = torch.arange(len(x))
        return (functional.cross_entropy(logits, place) + functional.cross_entropy(logits.T, place)) / 2


@torch.no_grad()
def report(model, images, labels, true):
    """What the towers know of images that they have not seen."""
    of_images = model.of_images(images)
    guess = (of_images @ model.of_words(words.tokens(*words.classes)).T).argmax(1)
    print(f"zero-shot: {(guess == labels).float().mean():.4f} of the test images are nearest to the word of their class")
    for name in words.attributes:
        has = true[:, words.vocabulary.index(name)]
        order = (of_images @ model.of_words(words.tokens(name)).T)[:, 0].argsort(descending=True)
        print(f"{name}: true of {has.float().mean():.3f} of all images, and of {has[order[:100]].float().mean():.2f} of the 100 nearest to it")


def main():
    steps, (images, labels), (test_images, test_labels) = common.start(4000)
    test_images = test_images.half().float()  # as they are written
    true, test_true = words.of_images(images, labels), words.of_images(test_images, test_labels)
    model = Clip()
    report(model, test_images, test_labels, test_true)

    def loss_of(step):
        i = torch.randint(len(images), (256,))
        with torch.autocast("cpu", torch.bfloat16):
            return model.loss(images[i] + 0.2 * torch.randn(256, 784), words.described(true[i]))

    common.fit(model, loss_of, steps, 1e-3, say=1000)
    common.write_safetensors(common.data / "clip.safetensors", common.halved(model))
    report(model, test_images, test_labels, test_true)
    print(f"the temperature is {model.temperature.exp().item():.4f}")

    # What the C++ tests and examples look at: images with the words that are true of them, and what the towers say.
    some = words.described(test_true[:8])
    with torch.no_grad():
        common.write_safetensors(common.data / "clip_test.safetensors", {
            "words": some.float(), "of_images": model.of_images(test_images[:8]), "of_words": model.of_words(some)})
    count = 1000
    common.write_safetensors(common.data / "fashion_images.safetensors", {
        "images": test_images[:count].half(), "labels": test_labels[:count].half(), "true": test_true[:count].half()})


if __name__ == "__main__":
    main()
