# SPDX-License-Identifier: MIT
"""What the pictures of docs/story share: the style, the program's files, and how a picture is saved.

A chapter's script is run with its built program, as in

    python3 examples/story/random_walk.py build/test/examples/example_story_random_walk [FOLDER]

which runs the program, draws what it wrote and saves story_random_walk.png in docs/pictures, or in FOLDER.
"""
import io
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "examples/demo"))

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from demo import COLOURS, FAINT, INK, MUTED, PAPER, caption, note, plane, sheet
from PIL import Image

MOST = 400 * 1024  # bytes of a picture


class Chapter:
    """A chapter's files: `chapter["walks"]` has the columns of walks.csv by their names."""

    def __init__(self):
        script = pathlib.Path(sys.argv[0])
        if len(sys.argv) not in (2, 3):
            sys.exit(f"usage: python3 {script} PROGRAM [FOLDER]")
        self.name = script.stem
        self.pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else root / "docs/pictures"
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.argv[1], folder], check=True)
            self.files = {path.stem: np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8")
                          for path in sorted(pathlib.Path(folder).glob("*.csv"))}

    def __getitem__(self, name):
        return self.files[name]

    def save(self, figure):
        """A picture of at most 256 colours: story_NAME.png."""
        self._write("png", lambda file: few_colours(figure).save(file, optimize=True))

    def film(self, figures, milliseconds=120, last=1500):
        """An animation of the figures, which may be made one by one, the last of them shown for longer: story_NAME.gif."""
        frames = [few_colours(figure, 48) for figure in figures]
        self._write("gif", lambda file: frames[0].save(file, save_all=True, append_images=frames[1:], loop=0, optimize=True,
                                                       duration=[milliseconds] * (len(frames) - 1) + [last]))

    def _write(self, ending, save):
        path = self.pictures / f"story_{self.name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path)
        print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")
        if path.stat().st_size > MOST:
            sys.exit(f"{path} is larger than {MOST // 1024} KiB")


def few_colours(figure, count=256):
    """The figure as an image, and the figure is closed."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png")
    plt.close(figure)
    return Image.open(memory).convert("RGB").quantize(count, dither=Image.Dither.NONE)


def axes_of(ax, xlabel, ylabel):
    """A panel of a sheet as a plot with faint lines and labels."""
    ax.axis("on")
    ax.set_facecolor(PAPER)
    ax.grid(color=FAINT, linewidth=0.5)
    ax.set_xlabel(xlabel, fontsize=9, color=MUTED)
    ax.set_ylabel(ylabel, fontsize=9, color=MUTED)
    ax.tick_params(colors=MUTED, labelsize=8, which="both")
    for side in ax.spines.values():
        side.set_visible(False)


def wide(figure, row, first, last):
    """One plot in the place of some cells of a sheet's row, with room for its numbers on the left."""
    for ax in row[first:last + 1]:
        ax.set_visible(False)
    left, right, room = row[first].get_position(), row[last].get_position(), 0.3 / figure.get_figwidth()
    return figure.add_axes([left.x0 + room, left.y0, right.x1 - left.x0 - room, left.height])
