# SPDX-License-Identifier: MIT
"""Draws what examples/story/unclip.cpp made: images of words, variations, paths between two images, and changes by words."""
from drawing import MUTED, Chapter, note, np, sheet
from demo import show

chapter = Chapter()
images = chapter["images"]
classes = ["top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
changes = ["boot: flat → heel", "dress: sleeveless → long-sleeved", "bag → bag with handle", "top: short-sleeved → long-sleeved",
           "pullover: bright → dark", "pullover → dress"]
figure, axes = sheet(
    "From words to a place, and from there to an image",
    "In ink: what is bright is drawn dark. Each image is made from one embedding and from noise. First row: the prior made the embedding from the word. Second row: "
    "the decoder was told the word’s own embedding. Then photographs and what was made of their embeddings.",
    10, 10, 0.92, left=1.45, top=1.5, bottom=0.3, gap=(0.08, 0.24), breaks=(5,))


def place(name, row, count, column=0, first=0):
    for i in range(count):
        at = images[(images["set"] == name) & (images["image"] == first + i)]
        show(axes[row, column + i], np.clip(at["x"], -1, 1))


def say(row, column, text, **style):
    note(axes[row, column], text, (0, 1), (0, 2), size=8.5, va="bottom", color=MUTED, **style)


place("prior", 0, 10)
place("words", 1, 10)
for column, text in enumerate(classes):
    say(0, column, text)
for k in range(4):
    place("variations", 2 + k // 2, 5, k % 2 * 5, k * 5)
    say(2 + k // 2, k % 2 * 5, "photograph")
    say(2 + k // 2, k % 2 * 5 + 1, "variations")
for k in range(3):
    place("between", 4 + k, 10, 0, k * 10)
    say(4 + k, 0, "photograph")
    say(4 + k, 9, "photograph")
for k, text in enumerate(changes):
    place("turned", 7 + k // 2, 5, k % 2 * 5, k * 5)
    say(7 + k // 2, k % 2 * 5, text)
for row, text in ((0, "word, prior,\ndecoder"), (1, "word,\ndecoder"), (2, "variations"), (4, "from one to\nthe other"),
                  (7, "turned\nby words")):
    note(axes[row, 0], text, (0, 0.5), (-8, 0), size=9.5, ha="right", va="center", weight="bold")
chapter.save(figure)
