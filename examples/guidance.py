# SPDX-License-Identifier: MIT
"""Writes what examples/guidance.cpp measured into docs/choosing_guidance.md, and draws it: docs/pictures/guidance.png.

    python3 examples/guidance.py [docs/guidance.csv]
"""
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

PAPER, INK, MUTED, FAINT = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0"
# What kin rules share is the colour.
FAMILIES = [("one scale throughout", INK, ["classifier_free"]),
            ("less, or none, where noise is large", "#12968a", ["interval", "scheduled", "mambo_g"]),
            ("a length that is kept", "#e4572e", ["rescaled", "renormalised", "adg"]),
            ("a part that is left out", "#5c4ac7", ["apg", "tangential", "cfg_zero_star"]),
            ("a memory of the steps before", "#c98a00", ["momentum", "sliding_mode"])]
STYLES = [("-", "o"), ((0, (5, 1.5)), "s"), ((0, (1.2, 1.2)), "^")]
NETWORKS = {"fashion": "Fashion-MNIST, 200 images in 10 steps", "spiral": "spiral, 768 points in 32 steps"}
SCALES = [2, 4, 8, 16]
ENOUGH = 0.9  # the share of the class from which on the least Fréchet distance is marked

docs = pathlib.Path(__file__).resolve().parent.parent / "docs"


class Measured:
    def __init__(self, rows):
        self.at = {(row["network"], row["rule"], int(row["scale"])): row for row in rows}

    def __call__(self, network, rule, scale):
        """The share of the class, the spread as a part of that of the data, the Fréchet distance."""
        row, data = self.at[network, rule, scale], self.at[network, "data", 0]
        return float(row["share"]), float(row["spread"]) / float(data["spread"]), float(row["frechet"])

    def calls(self, network, rule):
        return self.at[network, rule, SCALES[0]]["calls"]


def rules():
    for _, colour, names in FAMILIES:
        for name, (line, marker) in zip(names, STYLES):
            yield name, {"color": colour, "linestyle": line, "marker": marker, "markersize": 4, "label": name,
                         "linewidth": 2.4 if colour == INK else 1.5}


def draw(measured):
    plt.rcParams.update({"figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER,
                         "font.family": "DejaVu Sans", "text.color": INK, "figure.dpi": 140})
    figure, axes = plt.subplots(4, 2, figsize=(11, 15.5))
    rows = ["share of the class", "spread, the data's being 1", "Fréchet distance", "Fréchet distance against the share of the class"]
    for column, (network, title) in zip(axes.T, NETWORKS.items()):
        none, data = measured(network, "none", 1), measured(network, "data", 0)
        for r, (ax, what) in enumerate(zip(column, rows)):
            ax.set_title(f"{title}\n\n{what}" if r == 0 else what, loc="left", fontsize=10)
            for name, style in rules():
                points = [measured(network, name, scale) for scale in SCALES]
                if r < 3:
                    ax.plot(SCALES, [p[r] for p in points], **style)
                else:
                    ax.plot([none[0]] + [p[0] for p in points], [none[2]] + [p[2] for p in points], **style)
            if r < 3:
                ax.set_xscale("log", base=2)
                ax.set_xticks(SCALES, [str(s) for s in SCALES])
                levels = {"unguided": none[r], "data": data[r]}
                if abs(none[r] - data[r]) < 0.05 * data[r]:
                    levels = {"data, unguided": data[r]}
                for text, value in levels.items():
                    ax.axhline(value, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
                    ax.annotate(text, (1, value), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                                fontsize=7, color=MUTED, va="center")
            if r == 1:
                ax.set_ylim(0.4, 1.6)
            if r >= 2:
                ax.set_yscale("log")
                ax.yaxis.set_major_formatter("{x:g}")
                ax.set_ylim(0.6 * data[2], min(ax.get_ylim()[1], 60 * none[2] if network == "fashion" else 5 * none[2]))
            if r == 3:
                for value, text in [(none, "unguided"), (data, "data")]:
                    ax.plot(value[0], value[2], "o", color=MUTED, markersize=6, zorder=3)
                    ax.annotate(text, (value[0], value[2]), (0, -12), textcoords="offset points", fontsize=7, color=MUTED, ha="center")
            ax.set_xlabel("share" if r == 3 else "scale", fontsize=8, color=MUTED)
            ax.grid(color=FAINT, linewidth=0.5)
            ax.tick_params(colors=MUTED, labelsize=7, which="both")
            for side in ax.spines.values():
                side.set_visible(False)
    handles = {line.get_label(): line for line in axes[0, 0].get_lines()}
    for x, (family, colour, names) in zip((0.05, 0.2, 0.43, 0.6, 0.78), FAMILIES):
        legend = figure.legend([handles[name] for name in names], names, title=family, loc="upper left", fontsize=8, title_fontsize=8,
                               bbox_to_anchor=(x, 0.06), frameon=False, handlelength=3.2, alignment="left")
        legend.get_title().set_color(colour)
    figure.tight_layout(rect=(0, 0.06, 1, 1), w_pad=3)
    figure.savefig(docs / "pictures/guidance.png")


def said(numbers):
    share, spread, frechet = numbers
    return f"{100 * share:.0f} %, {spread:.2f}, {frechet:.2g}" if frechet < 100 else f"{100 * share:.0f} %, {spread:.2f}, {frechet:.0f}"


def section(measured):
    lines = []
    for network, title in NETWORKS.items():
        lines += [f"**{title[0].upper()}{title[1:]}**. Unguided: {said(measured(network, 'none', 1))}. As many of the data themselves: "
                  f"{said(measured(network, 'data', 0))}.", "",
                  "| rule | calls | " + " | ".join(f"scale {s}" for s in SCALES) + " |", "|---" * (2 + len(SCALES)) + "|"]
        for name, _ in rules():
            found = [measured(network, name, scale) for scale in SCALES]
            best = min((f for f in found if f[0] >= ENOUGH), key=lambda f: f[2], default=None)
            cells = [f"**{said(f)}**" if f is best else said(f) for f in found]
            lines.append(f"| [`{name}`](guidance/{name}.md) | {measured.calls(network, name)} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    file = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else docs / "guidance.csv"
    measured = Measured(csv.DictReader(file.open()))
    draw(measured)
    page = docs / "choosing_guidance.md"
    begin, end = "<!-- written by examples/guidance.py -->\n", "<!-- end -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + section(measured) + end + rest.split(end, 1)[1])


main()
