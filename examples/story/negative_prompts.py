# SPDX-License-Identifier: MIT
"""Draws what examples/story/negative_prompts.cpp measured: the same noise and prompts with no guidance, guided away from nothing and
away from an attribute."""
from drawing import MUTED, Chapter, caption, note, sheet
from demo import show

chapter = Chapter()
pictures, numbers = chapter["pictures"], chapter["numbers"]
figure, axes = sheet(
    "What it should not show",
    "Three images of each prompt, from the same noise in each group. On the left the prompt alone. In the middle it is guided at scale 5 away from an empty prompt, and on the "
    "right at scale 5 away from the words on the left of the row. Printed in ink: what is bright in the data is dark here.",
    4, 9, 1.05, left=1.5, top=1.75, bottom=0.3, gap=(0.08, 0.12), breaks=(3, 6))
for group, (negative, scale, title) in enumerate((("none", 1, "the prompt alone"), ("empty", 5, "away from nothing"), ("attribute", 5, "away from a word"))):
    found = numbers[(numbers["negative"] == negative) & (numbers["scale"] == scale)]["unwanted"][0]
    caption(axes[0, 3 * group], title, f"of 48 images {found:.0%} show what is not wanted")
    for row in range(4):
        for image in range(3):
            at = pictures[(pictures["negative"] == negative) & (pictures["scale"] == scale) & (pictures["prompt"] == row) & (pictures["image"] == image)]
            show(axes[row, 3 * group + image], at["value"])
for row, (prompt, away) in enumerate((("bag", "handle"), ("top", "short-sleeved"), ("sandal", "heel"), ("boot", "heel"))):
    note(axes[row, 0], prompt, (0, 0.5), (-8, 2), size=10.5, weight="bold", ha="right", va="bottom")
    note(axes[row, 0], f"not: {away}", (0, 0.5), (-8, -2), size=9, ha="right", va="top", color=MUTED)
chapter.save(figure)
