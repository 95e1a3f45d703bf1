#!/usr/bin/env python3
"""Loss and agreement with known types against the seconds of the whole pipe: the defaults and the
published schedule, each stopped early and in full.

    SC=.build/release/ Benchmarks/curve.py SET [SET ...] [--parts 4 2 1] [--seed 0]
        [--draw PICTURE.svg]

A SET is FILE:LABELS:CLUSTERS. A part of 4 is a run with a quarter of the epochs of pretraining; all
else is unchanged. Every point is a run of its own.
"""
import argparse, os, tempfile

from pipe import pipe

COLORS = {"default": "#0072B2", "paper": "#D55E00"}


def points(item, preset, options, folder):
    """(epochs, seconds, loss, ARI, processor seconds) of every part, the whole last."""
    data, labels, clusters = item.split(":")
    prefix, result = os.environ.get("SC", ""), []
    run = lambda epochs: pipe(prefix, data, labels, clusters, preset, options.seed, folder, epochs)
    seconds, processor, scores, curve = run(None)
    whole = (len(curve), seconds, curve[-1][1], scores["ari"], processor)
    for part in options.parts:
        if part > 1:
            epochs = max(1, round(whole[0] / part))
            seconds, processor, scores, curve = run(epochs)
            result.append((epochs, seconds, curve[-1][1], scores["ari"], processor))
    return result + [whole]


def draw(path, table):
    """ARI above and loss below, against the logarithm of seconds, a column a set."""
    import math

    width, height, left = 230, 190, 50
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width * len(table) + 20}" height="{2 * height + 70}" font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="white"/>']
    for column, (name, curves) in enumerate(table.items()):
        everything = [point for curve in curves.values() for point in curve]
        x0 = left + column * width
        times = [math.log(point[1]) for point in everything]
        place = lambda t: x0 + 10 + (math.log(t) - min(times)) / (max(times) - min(times) + 1e-9) * (width - 60)
        out.append(f'<text x="{x0 + 10}" y="18">{name[:28]}</text>')
        for row, (what, index) in enumerate((("ARI", 3), ("loss", 2))):
            values = [point[index] for point in everything]
            low, high = (0, 1) if what == "ARI" else (min(values), max(values))
            top = 30 + row * height
            level = lambda v: top + (height - 40) * (1 - (v - low) / (high - low + 1e-9))
            for mark in (low, high):
                out.append(f'<line x1="{x0 + 5}" x2="{x0 + width - 40}" y1="{level(mark)}" y2="{level(mark)}" stroke="#ddd"/>')
                out.append(f'<text x="{x0 - 2}" y="{level(mark) + 4}" text-anchor="end" fill="#555" font-size="9">{mark:.3g}</text>')
            if column == 0:
                out.append(f'<text x="4" y="{top + 70}" fill="#333">{what}</text>')
            for preset, curve in curves.items():
                path_points = " ".join(f"{place(point[1]):.1f},{level(point[index]):.1f}" for point in curve)
                out.append(f'<polyline points="{path_points}" fill="none" stroke="{COLORS[preset]}" stroke-width="1.5"/>')
                out += [f'<circle cx="{place(point[1]):.1f}" cy="{level(point[index]):.1f}" r="3" fill="{COLORS[preset]}"/>' for point in curve]
        for time in (min(everything, key=lambda p: p[1])[1], max(everything, key=lambda p: p[1])[1]):
            out.append(f'<text x="{place(time):.1f}" y="{2 * height + 20}" text-anchor="middle" font-size="9" fill="#555">{time:.0f} s</text>')
    for number, (preset, color) in enumerate(COLORS.items()):
        out.append(f'<text x="{left + 10 + 120 * number}" y="{2 * height + 50}" fill="{color}">{preset}</text>')
    with open(path, "w") as file:
        file.write("\n".join(out + ["</svg>"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--parts", type=int, nargs="+", default=[4, 2, 1])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draw")
    options = parser.parse_args()
    table = {}
    print("set\tpreset\tepochs\tseconds\tprocessor_seconds\tloss\tari")
    with tempfile.TemporaryDirectory() as folder:
        for item in options.sets:
            name = os.path.basename(item.split(":")[0]).split(".")[0]
            for preset in COLORS:
                found = points(item, preset, options, folder)
                table.setdefault(name, {})[preset] = found
                for epochs, seconds, loss, ari, processor in found:
                    print(f"{name}\t{preset}\t{epochs}\t{seconds:.1f}\t{processor:.1f}\t{loss:.4f}\t{ari:.4f}", flush=True)
    if options.draw:
        draw(options.draw, table)


main()
