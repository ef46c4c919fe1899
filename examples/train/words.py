# SPDX-License-Identifier: MIT
"""Words for images of Fashion-MNIST: the class, and attributes that are computed from the pixels. examples/words.hpp
computes the same."""
import torch
from torch.nn import functional

classes = ["top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
attributes = ["dark", "bright", "narrow", "wide", "plain", "patterned", "striped", "long-sleeved", "short-sleeved", "sleeveless",
              "heel", "flat", "handle"]
vocabulary = [""] + classes + attributes  # the first one stands for none
length = 6  # words of a description


def among(labels, *wanted):
    return torch.isin(labels, torch.tensor([classes.index(name) for name in wanted]))


def of_images(images, labels):
    """Which words are true, [n, words]: of images in [-1, 1] and their classes."""
    p = (images.double().reshape(-1, 28, 28) + 1) / 2
    lit = p > 0.1
    place = torch.arange(28)
    first, last = torch.where(lit, place, 28).amin(2), torch.where(lit, place, -1).amax(2)  # lit columns of each row
    extent = (last - first + 1).clamp(min=0)
    parts = (lit & ~functional.pad(lit, (1, 0))[:, :, :-1]).sum(2)  # lit stretches of each row
    lowest = torch.where(lit, place[:, None], -1).amax(1)  # lit row of each column
    brightness = (p * lit).sum((1, 2)) / lit.sum((1, 2)).clamp(min=1)
    width = lit.any(1).sum(1)

    # Differences of neighbours inside: where all pixels around are lit.
    inside = -functional.max_pool2d(-functional.pad(lit.double(), (1, 1, 1, 1))[:, None], 3, 1)[:, 0] > 0
    count = inside.sum((1, 2)).clamp(min=1)
    across = ((functional.pad(p, (0, 1))[:, :, 1:] - p).abs() * inside).sum((1, 2)) / count
    down = ((functional.pad(p, (0, 0, 0, 1))[:, 1:] - p).abs() * inside).sum((1, 2)) / count

    garment = among(labels, "top", "pullover", "dress", "coat", "shirt")
    arms = (parts[:, 12:25] >= 3).sum(1)
    above, below = extent[:, 3:10].amax(1), extent[:, 14:24].double().mean(1)
    shoe, high = among(labels, "sandal", "sneaker", "boot"), among(labels, "sandal", "boot")
    middle, back = lowest[:, 8:20].amin(1), lowest[:, 20:].amax(1)
    holes = ((parts[:, :14] >= 2) & (extent[:, :14] - lit[:, :14].sum(2) >= 5)).sum(1)
    true = {
        "dark": brightness < 0.4, "bright": brightness > 0.78,
        "narrow": width <= 13, "wide": (width >= 26) & (garment | among(labels, "bag")),
        "plain": across + down < 0.09, "patterned": ~shoe & (across + down > 0.2),
        "striped": ~shoe & (down > 0.07) & (down > 1.8 * across),
        "long-sleeved": garment & (arms >= 4),
        "short-sleeved": garment & (arms < 2) & (above - below >= 5),
        "sleeveless": garment & (arms < 2) & (above - below <= 1) & (below < 16),
        "heel": high & (back - middle >= 4), "flat": high & (back - middle <= 1), "handle": among(labels, "bag") & (holes >= 3)}
    known = functional.one_hot(labels, len(classes)).bool()
    return torch.cat([torch.zeros(len(images), 1, dtype=torch.bool), known, torch.stack([true[name] for name in attributes], 1)], 1)


def described(true, with_class=0.85, with_attribute=0.6):
    """A description of each image, [n, length]: some of its words in any order, then zeros."""
    count = len(classes)
    share = torch.tensor([0.0] + [with_class] * count + [with_attribute] * len(attributes))
    order = torch.rand(true.shape)
    kept = order.where(true & (torch.rand(true.shape) < share), 0)
    kept[:, 1:count + 1] = kept[:, 1:count + 1].where((kept > 0).any(1, keepdim=True), order[:, 1:count + 1] * true[:, 1:count + 1])
    kept, words = kept.topk(length, 1)
    return words.where(kept > 0, 0)


def tokens(*descriptions):
    """Of texts such as "dark boot"."""
    numbers = [[vocabulary.index(word) for word in text.split()] for text in descriptions]
    return torch.tensor([n + [0] * (length - len(n)) for n in numbers])
