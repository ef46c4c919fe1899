# SPDX-License-Identifier: MIT
"""Runs the demo, shows how far it is, draws what it computed and prints the closing table.

Every sample and every number comes from the program's files.
"""

import argparse
import csv
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from PIL import Image, ImageDraw, ImageFont
from tabulate import tabulate
from tqdm import tqdm

PAPER, INK, MUTED, FAINT = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0"
CLASSES = ["people", "dogs", "cats"]  # from the inside of the spiral outwards
COLOURS = np.array(["#e4572e", "#12968a", "#5c4ac7"])
CLOTHES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
SCALES = [0, 1, 2, 4, 8]
SHEETS = {
    "fashion_ddpm": ("DDPM", "cosine path, velocity network"),
    "fashion_ddim": ("DDIM", "straight path, flow network"),
    "fashion_dpmpp_2m": ("DPM-Solver++(2M)", "EDM path, EDM network"),
}
PRINT = LinearSegmentedColormap.from_list("print", [PAPER, INK])

plt.rcParams.update({
    "figure.facecolor": PAPER, "savefig.facecolor": PAPER, "font.family": "DejaVu Sans", "text.color": INK,
    "font.size": 10, "figure.dpi": 140,
})


class Failure(Exception):
    """What the user will read, and the exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code

    def tell(self):
        print(f"demo: {self}", file=sys.stderr)
        return self.code


# ---- the program ----------------------------------------------------------------------------------------------------


class Progress:
    """A bar for each part on a terminal, else a line for each part that is done."""

    def __init__(self):
        self.name, self.bar, self.start = None, None, 0.0

    def __call__(self, name, done, total):
        if name != self.name:
            self.close()
            self.name, self.start = name, time.monotonic()
            self.bar = tqdm(total=total, desc=f"{name:<16}", disable=not sys.stderr.isatty(), leave=True)
        self.bar.update(done - self.bar.n)
        if self.bar.disable:
            self.bar.n = done
        if done == total and self.bar.disable:
            print(f"{name:<16} {total:>5} of {total}, {time.monotonic() - self.start:.1f} s", flush=True)

    def close(self):
        if self.bar is not None:
            self.bar.close()


def compute(program, data, weights, spiral, folder, progress):
    """Runs the program; its files are in `folder` afterwards."""
    command = [str(program), "--data", str(data), "--weights", str(weights), "--out", str(folder)]
    command += ["--spiral", str(spiral)] if spiral else []
    try:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    except OSError as error:
        raise Failure(f"cannot start {program}: {error.strerror}") from error
    try:
        for line in running.stdout:
            match line.split():
                case ["progress", name, done, total]:
                    progress(name, int(done), int(total))
                case _:
                    print(line, end="")
        code = running.wait()
    finally:
        running.kill()
        running.wait()
        progress.close()
    if code != 0:
        how = f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        raise Failure(f"{program.name} {how}; there are no pictures", max(code, 1))


class Results:
    """The program's files."""

    def __init__(self, folder):
        self.folder = folder
        with open(folder / "facts.csv", newline="") as file:
            self.facts = {row["name"]: float(row["value"]) for row in csv.DictReader(file)}
        with open(folder / "runs.csv", newline="") as file:
            self.runs = list(csv.DictReader(file))

    def __getitem__(self, name):
        return np.load(self.folder / f"{name}.npy")


# ---- pictures -------------------------------------------------------------------------------------------------------


def sheet(title, subtitle, rows, columns, cell, *, left=0.35, right=0.35, top=1.0, bottom=0.35, gap=(0.12, 0.5), breaks=()):
    """A figure of square cells, measured in inches, under a title and a subtitle; after the columns in `breaks` the gap is
    wider. Returns the figure and its axes."""
    offsets = [c * (cell + gap[0]) + 0.3 * sum(b <= c for b in breaks) for c in range(columns)]
    width = left + offsets[-1] + cell + right
    height = top + rows * cell + (rows - 1) * gap[1] + bottom
    figure = plt.figure(figsize=(width, height))
    figure.text(0.35 / width, 1 - 0.40 / height, title, size=17, weight="bold", va="center")
    text = figure.text(0.35 / width, 1 - 0.62 / height, "", size=10.5, color=MUTED, va="top", linespacing=1.45)
    lines = [""]
    for word in subtitle.split():
        text.set_text(f"{lines[-1]} {word}".strip())
        if text.get_window_extent().width > (width - 0.7) * figure.dpi:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    text.set_text("\n".join(lines))
    axes = np.empty((rows, columns), dtype=object)
    for r in range(rows):
        for c in range(columns):
            y = height - top - (r + 1) * cell - r * gap[1]
            axes[r, c] = figure.add_axes([(left + offsets[c]) / width, y / height, cell / width, cell / height])
            axes[r, c].axis("off")
    return figure, axes


def note(ax, text, at, offset, **style):
    """Text beside a panel: `at` in its units, moved by `offset` points."""
    ax.annotate(text, at, offset, xycoords="axes fraction", textcoords="offset points", annotation_clip=False, **style)


def caption(ax, title, text):
    note(ax, title, (0, 1), (0, 20), size=10.5, weight="bold", va="bottom")
    note(ax, text, (0, 1), (0, 6), size=9, color=MUTED, va="bottom")


def legend(figure):
    """The classes in their colours, to the right of the title."""
    width, height = figure.get_size_inches()
    x = width - 0.35
    for name, colour in reversed(list(zip(CLASSES, COLOURS))):
        text = figure.text(x / width, 1 - 0.40 / height, f"● {name}", color=colour, size=11, weight="bold", ha="right",
                           va="center")
        x -= text.get_window_extent().width / figure.dpi + 0.2


def plane(ax, edge=2.85):
    ax.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal")
    ax.axis("off")


def draw_data(ax, results, size):
    ax.scatter(*results["data"].T, s=size, c=COLOURS[results["data_class"]], alpha=0.75, linewidths=0)


def draw_ddpm(ax, results, key):
    """256 samples, and the ways of eight of them."""
    draw_samples(ax, results, key, 256, 12)
    for path, label in list(zip(np.moveaxis(results[f"{key}_path"], 1, 0), results[f"{key}_class"]))[:8]:
        ax.plot(*path.T, color=COLOURS[label], alpha=0.5, linewidth=0.7, zorder=2)


def draw_field(ax, results, i, score):
    """A score times sigma squared as arrows over the noised data of the i-th time."""
    ax.scatter(*results[f"score_{i}_points"].T, s=3, c=COLOURS[results["data_class"]], alpha=0.55, linewidths=0)
    pull = results.facts[f"score_{i}.sigma"] ** 2 * score
    arrow = 0.24 * pull / np.maximum(np.linalg.norm(pull, axis=1, keepdims=True), 0.6)
    ax.quiver(*results["raster"].T, *arrow.T, angles="xy", scale_units="xy", scale=1, width=0.0034, headwidth=4, headlength=4.5,
              headaxislength=4, minlength=0, color=INK, alpha=0.8, zorder=3, pivot="middle")
    plane(ax, 3.2)


def draw_samples(ax, results, key, count, size):
    """Samples over the data, each in the colour of the class it lies nearest to."""
    ax.scatter(*results["data"].T, s=2, c=FAINT, linewidths=0)
    x, label = results[key][:count], results[f"{key}_class"][:count]
    ax.scatter(*x.T, s=size, c=COLOURS[label], linewidths=0.25, edgecolors=PAPER, zorder=3)


def spiral_ddpm(results):
    f = results.facts
    figure, axes = sheet(
        "Noise is part of the sampler",
        "DDPM with the exact denoiser of the data, 64 steps: 256 points, and the ways of eight of them. Without the noise of "
        f"its steps everything runs to the mean and from there to what lies nearest: the spread "
        f"falls from {f['ddpm_64.spread']:.2f} to {f['noiseless_64.spread']:.2f}.", 1, 3, 3.7, top=1.85, bottom=0.2)
    panels = [(None, "The data", f"{len(results['data']):,} points, spread {f['data.spread']:.2f}")]
    for key, title in [("ddpm_64", "DDPM"), ("noiseless_64", "DDPM without its noise")]:
        panels.append((key, title, f"spread {f[key + '.spread']:.2f}, energy distance {f[key + '.energy']:.4f}, "
                                   f"nearest point {f[key + '.nearest']:.3f}"))
    for ax, (key, title, text) in zip(axes[0], panels):
        caption(ax, title, text)
        if key is None:
            draw_data(ax, results, 5)
        else:
            draw_ddpm(ax, results, key)
        plane(ax)
    legend(figure)
    return figure


def spiral_samplers(results):
    f = results.facts
    figure, axes = sheet(
        "Fewer steps",
        f"{len(results['ddpm_64']):,} points by each sampler: energy distance E to the data, and mean distance d to the "
        "nearest point of the data. "
        f"DDPM comes to E = {f['ddpm_64.energy']:.4f} in 64 steps, DPM-Solver++(2M) to "
        f"{f['dpmpp_2m_16.energy']:.4f} in 16, DDIM to {f['ddim_32.energy']:.4f} in 32. "
        f"{len(results['ddpm_64']):,} points drawn from the data themselves: E = {f['redrawn.energy']:.4f}.",
        2, 4, 2.75, top=1.85, bottom=0.15, gap=(0.12, 0.62))
    draw_data(axes[0, 0], results, 4)
    plane(axes[0, 0])
    caption(axes[0, 0], "The data", f"{len(results['data']):,} points")
    cells = [(axes[1, 0], "ddpm_64", "DDPM, 64 steps")]
    for row, (sampler, name) in enumerate([("ddim", "DDIM"), ("dpmpp_2m", "DPM-Solver++(2M)")]):
        for column, steps in enumerate([8, 16, 32], 1):
            cells.append((axes[row, column], f"{sampler}_{steps}", f"{name}, {steps} steps"))
    for ax, key, title in cells:
        draw_samples(ax, results, key, None, 7)
        plane(ax)
        caption(ax, title, f"E = {f[key + '.energy']:.4f}    d = {f[key + '.nearest']:.3f}")
    legend(figure)
    return figure


def guidance(results, title, subtitle, prefix):
    f = results.facts
    figure, axes = sheet(title, subtitle, 4, len(SCALES), 2.1, left=1.45, top=1.85, bottom=0.2, gap=(0.1, 0.3))
    rows = [(f"{prefix}guided_{name}", name, name, colour) for name, colour in zip(CLASSES, COLOURS)]
    rows.append((f"{prefix}not_cats", "not cats", "cats", INK))
    for row, (key, title, counted, colour) in zip(axes, rows):
        for ax, scale in zip(row, SCALES):
            draw_samples(ax, results, f"{key}_{scale}", 384, 7)
            plane(ax)
            note(ax, f"{100 * f[f'{key}_{scale}.share']:.1f} % {counted}", (0.5, 1), (0, 1), size=10, weight="bold",
                 color=COLOURS[CLASSES.index(counted)], ha="center", va="bottom")
        note(row[0], title, (0, 0.5), (-4, 0), size=13, weight="bold", color=colour, ha="right", va="center")
    for ax, scale in zip(axes[0], SCALES):
        note(ax, f"scale {scale}", (0.5, 1), (0, 24), size=11, weight="bold", ha="center", va="bottom")
    return figure


def spiral_guidance(results):
    return guidance(
        results, "Classifier-free guidance",
        "Two in five labels are wrong, so the network of a class alone (scale 1) errs as often, and scale 0 is the network of "
        "all classes. Guidance sharpens what the network knows; too much of it narrows the samples. Last row: all classes, "
        "with the network of cats as the negative prompt.", "")


def spiral_score(results):
    f = results.facts
    figure, axes = sheet(
        "The score points home",
        "The gradient of the log-density of the noised data, at four times of the reverse process: all lead to the mean, then "
        "to the arms of the spiral, then to the nearest point. Arrows shorten where σ² times the score, the way to the "
        "expected data, is below 0.6.", 1, 4, 3.3, top=1.85, bottom=0.3, gap=(0.2, 0))
    for i, ax in enumerate(axes[0]):
        key = f"score_{i}"
        draw_field(ax, results, i, results[key])
        caption(ax, f"t = {f[key + '.time']:g}", f"α = {f[key + '.alpha']:.2f}, σ = {f[key + '.sigma']:.2f}, largest score "
                                                 f"{np.abs(results[key]).max():.1f}")
    legend(figure)
    return figure


def show(ax, image, limit=1.0):
    ax.imshow(image.reshape(28, 28), cmap=PRINT, vmin=-limit, vmax=limit, interpolation="nearest")


def name_rows(axes):
    for ax, name in zip(axes[:, 0], CLOTHES):
        note(ax, name, (0, 0.5), (-8, 0), size=10.5, ha="right", va="center")


def fashion(results):
    f = results.facts
    sheets = [(key, results[key].reshape(10, -1, 784)) for key in SHEETS]
    each = sheets[0][1].shape[1]
    figure, axes = sheet(
        "Guided samples of Fashion-MNIST",
        f"The denoiser is exact, so it memorises: each sample is an image of the data set, or a blend of some; here "
        f"{100 * f['fashion.memorised']:.0f} % are one image, {100 * f['fashion.right']:.0f} % of the wanted class. "
        "DDIM and DPM-Solver++(2M) follow one ODE from the same noise, over different paths, and "
        f"{100 * f['fashion.same']:.0f} % of their images are the same.",
        10, len(sheets) * each, 0.66, left=1.3, top=2.0, gap=(0.05, 0.05), breaks=[each, 2 * each])
    for s, (key, images) in enumerate(sheets):
        for r in range(10):
            for c in range(each):
                show(axes[r, s * each + c], images[r, c])
        name, text = SHEETS[key]
        caption(axes[0, s * each], f"{name}, {f[key + '.steps']:.0f} steps", text)
    name_rows(axes)
    return figure


def fashion_reverse(results):
    times, films = results["fashion_ddim_times"], results["fashion_ddim_film"]  # film: class, x or preview, call, pixel
    calls = [1, 2, 3, 4, 6, 8, 12, 16]
    figure, axes = sheet(
        "From noise to clothes",
        f"One guided sample of each class by DDIM on the straight path, {len(times) - 1} steps. Left: what the sampler holds. "
        "Right: what the guided network takes it for at that time, the x0-preview. "
        "What it will be is settled long before it can be seen.", 10, 2 * len(calls) + 1, 0.66, left=1.3, top=2.0,
        gap=(0.05, 0.05), breaks=[len(calls), 2 * len(calls)])
    for r in range(10):
        for c, call in enumerate(calls):
            show(axes[r, c], films[r, 0, call - 1], 1 + 0.8 * times[call])  # x after a call is where the next one is made
            show(axes[r, len(calls) + c], films[r, 1, call])
        show(axes[r, -1], films[r, 0, -1])
    for block, title in [(0, "x"), (len(calls), "x0-preview"), (2 * len(calls), "sample")]:
        note(axes[0, block], title, (0, 1), (0, 22), size=10.5, weight="bold", va="bottom")
    for c in range(2 * len(calls) + 1):
        time = times[calls[c % len(calls)]] if c < 2 * len(calls) else times[-1]
        note(axes[0, c], f"t = {time:.2g}", (0.5, 1), (0, 6), size=8.5, color=MUTED, ha="center", va="bottom")
    name_rows(axes)
    return figure


def learned_ddpm(results):
    f = results.facts
    figure, axes = sheet(
        "The same from a trained network",
        "A network of three hidden layers that learned the whole noise of a point, not that of a step. 256 points by DDPM in 64 steps, "
        "with its noise and without; by DPM-Solver++(2M) in 16; and by its twin that learned the flow of the straight path, with "
        "Euler's rule in 32.", 1, 4, 3.1, top=1.85, bottom=0.2)
    for ax, (key, title) in zip(axes[0], [("learned_ddpm_64", "DDPM"), ("learned_noiseless_64", "DDPM without its noise"),
                                          ("learned_dpmpp_2m_16", "DPM-Solver++(2M)"), ("learned_flow_32", "flow, Euler")]):
        caption(ax, title, f"spread {f[key + '.spread']:.2f}, energy distance {f[key + '.energy']:.4f}")
        draw_ddpm(ax, results, key)
        plane(ax)
    legend(figure)
    return figure


def learned_score(results):
    f = results.facts
    figure, axes = sheet(
        "The learned field beside the exact one",
        "Above the exact score, below that of the trained network, at four times; arrows as in the picture of the score. The error is "
        "taken where the noised data are, relative to the exact score there.", 2, 4, 3.1, top=1.85, bottom=0.3,
        gap=(0.2, 0.6))
    for i in range(4):
        draw_field(axes[0, i], results, i, results[f"score_{i}"])
        draw_field(axes[1, i], results, i, results[f"learned_score_{i}"])
        caption(axes[0, i], f"t = {f[f'score_{i}.time']:g}, exact", f"σ = {f[f'score_{i}.sigma']:.2f}")
        caption(axes[1, i], "trained", f"error {100 * f[f'learned_score_{i}.error']:.0f} %")
    legend(figure)
    return figure


def learned_guidance(results):
    return guidance(
        results, "Guidance of the trained network",
        "One network for all classes and none, trained on labels of which two in five are wrong; DPM-Solver++(2M), 32 steps. "
        "Last row: no class, with cats as the negative prompt.", "learned_")


def learned_errors(results):
    figure = plt.figure(figsize=(7.2, 5.4))
    ax = figure.add_axes([0.12, 0.12, 0.84, 0.72])
    figure.text(0.03, 0.94, "Error against network calls", size=17, weight="bold", va="center")
    figure.text(0.03, 0.88, "Median distance from the end of the same ODE solved in 1,024 steps:\n"
                "the trained network of the spiral, steps even in log-SNR.", size=9.5, color=MUTED, va="center")
    for name, label, colour in [("ddim", "DDIM", COLOURS[0]), ("heun", "Heun", COLOURS[1]),
                                ("dpmpp_2m", "DPM-Solver++(2M)", COLOURS[2])]:
        line = results[f"learned_error_{name}"]
        ax.loglog(*line.T, "o-", color=colour, markersize=4, label=label)
    ax.set(xlabel="network calls", ylabel="error")
    ax.grid(True, which="both", color=FAINT, linewidth=0.5)
    ax.legend(frameon=False)
    return figure


def learned_fashion(results):
    f = results.facts
    scales = [1, 2, 4]
    sheets = [results[f"learned_fashion_{scale}"].reshape(10, -1, 784) for scale in scales]
    each = sheets[0].shape[1]
    figure, axes = sheet(
        "Fashion-MNIST from a trained network",
        "A transformer of six blocks that predicts the velocity; DPM-Solver++(2M), 20 steps, at three scales of guidance. A classifier "
        "trained apart finds the class that was asked for in " + ", ".join(
            f"{100 * f[f'learned_fashion_{s}.share']:.0f} % at scale {s}" for s in scales) + ".",
        10, 3 * each, 0.66, left=1.3, top=2.0, gap=(0.05, 0.05), breaks=[each, 2 * each])
    for s, (scale, images) in enumerate(zip(scales, sheets)):
        for r in range(10):
            for c in range(each):
                show(axes[r, s * each + c], images[r, c])
        caption(axes[0, s * each], f"scale {scale}", "")
    name_rows(axes)
    return figure


def learned_film(results, path):
    """The reverse process as an animation: above what the sampler holds, below its x0-preview."""
    film = np.clip(results["learned_film"], -1, 1)  # call, x or preview, class, pixel
    paper, ink = (np.array([int(c[i:i + 2], 16) for i in (1, 3, 5)]) for c in (PAPER, INK))
    title, label = (ImageFont.truetype(matplotlib.get_data_path() + f"/fonts/ttf/{font}.ttf", size)
                    for font, size in (("DejaVuSans-Bold", 24), ("DejaVuSans", 15)))
    frames = []
    for frame in film:
        shown = frame.reshape(2, 10, 28, 28).transpose(0, 2, 1, 3).reshape(56, 280)
        share = ((shown + 1) / 2)[..., None]
        strip = Image.fromarray((paper + share * (ink - paper)).astype(np.uint8)).resize((1120, 224), Image.NEAREST)
        picture = Image.new("RGB", (1280, 324), PAPER)
        picture.paste(strip, (140, 72))
        pen = ImageDraw.Draw(picture)
        pen.text((20, 28), "From noise to clothes: a trained network, call by call", INK, title, anchor="lm")
        pen.text((130, 72 + 56), "the sample", MUTED, label, anchor="rm")
        pen.text((130, 72 + 168), "x0-preview", MUTED, label, anchor="rm")
        for i, name in enumerate(CLOTHES):
            pen.text((140 + 112 * i + 56, 72 + 246), name, MUTED, label, anchor="ms")
        frames.append(picture.quantize(64, dither=Image.Dither.NONE))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[80] * (len(frames) - 1) + [1500], loop=0)


PICTURES = [spiral_ddpm, spiral_samplers, spiral_guidance, spiral_score, fashion, fashion_reverse, learned_ddpm, learned_score,
            learned_guidance, learned_errors, learned_fashion]
FILMS = [learned_film]
FILES = [f"{p.__name__}.png" for p in PICTURES] + [f"{p.__name__}.gif" for p in FILMS]


def draw(results, folder, progress):
    for i, picture in enumerate(PICTURES, 1):
        figure = picture(results)
        figure.savefig(folder / f"{picture.__name__}.png")
        plt.close(figure)
        progress("pictures", i, len(FILES))
    for i, film in enumerate(FILMS, len(PICTURES) + 1):
        film(results, folder / f"{film.__name__}.gif")
        progress("pictures", i, len(FILES))
    progress.close()


# ---- the closing table ----------------------------------------------------------------------------------------------


def table(results):
    rows = []
    for run in results.runs:
        new = not rows or run["picture"] != rows[-1]["picture"]
        if rows and new:
            rows.append({"picture": run["picture"], "cells": [""] * 7})
        rows.append({"picture": run["picture"], "cells": [
            run["picture"] if new else "", run["sampler"], run["steps"], run["evaluations"], f"{float(run['seconds']):.2f}",
            f"{float(run['distance']):.2g}", run["measure"]]})
    return tabulate([row["cells"] for row in rows],
                    ["", "sampler", "steps", "network calls", "seconds", "distance to data", "measured as"],
                    disable_numparse=True, colalign=("left", "left", "right", "right", "right", "right", "left"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built fokker_demo")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="the folder with Fashion-MNIST")
    parser.add_argument("--weights", type=pathlib.Path, required=True, help="the folder with the trained networks")
    parser.add_argument("--spiral", type=pathlib.Path, help="a file of weights for the spiral's network, in place of that of the folder")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the folder for the pictures")
    arguments = parser.parse_args()
    start, out = time.monotonic(), arguments.out

    # Pictures appear all at once, when everything has gone well; those of an earlier run are gone by then.
    out.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (out / file).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=out) as folder:
        work = pathlib.Path(folder)
        progress = Progress()
        compute(arguments.program, arguments.data, arguments.weights, arguments.spiral, work, progress)
        results = Results(work)
        draw(results, work, progress)
        for file in FILES:
            (work / file).replace(out / file)

    print(f"\n{table(results)}\n")
    print("Network calls count every branch of a guided call. `guided` sums up the runs of the three classes, `fashion` those of")
    print("the ten; seconds are those of the samplers with their networks.\n")
    for file in FILES:
        print(out / file)
    print(f"\n{len(FILES)} pictures in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it tidies up
    try:
        main()
    except Failure as failure:
        sys.exit(failure.tell())
    except OSError as error:
        sys.exit(Failure(str(error)).tell())
    except KeyboardInterrupt:
        sys.exit(130)
