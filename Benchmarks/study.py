#!/usr/bin/env python3
"""The effect of settings: sets × settings × seeds through the real programs, scored by labels that
only sc-eval reads.

    SC=.build/release/ Benchmarks/study.py TABLE.tsv SET [SET ...] [--settings NAME ...]
        [--seeds 0 1 2] [--jobs 2]
    SC=.build/release/ Benchmarks/study.py TABLE.tsv --report [--draw PICTURE.svg]

A SET is FILE:LABELS:CLUSTERS[:LABEL TO LEAVE OUT], for example
../shared/data/rna/10X_PBMC_top2000.h5:Y:8. CLUSTERS may be `auto` (then NAME:auto:TYPES is written
as auto/TYPES). A row is appended as soon as it is known, and is not run again, so that an
interrupted study continues. Two runs at a time share the cores, a thread each: seconds are then
only a guide. `--report` prints the table of means and spreads, and the changes by every setting.
"""
import argparse, os, statistics, sys

import runs

# name: options of sc-preprocess, sc-knn, sc-pretrain, sc-cluster. Each but the first undoes one
# choice of the default.
SETTINGS = {
    "default": ("", "", "", ""),
    "one model": ("", "", "--models 1", ""),
    "three models": ("", "", "--models 3", ""),
    "twelve models": ("", "", "--models 12", ""),
    "consensus without training": ("", "", "", "--method consensus"),
    "last epoch": ("", "", "", "--keep last --epochs 32 --patience 9"),
    "k-means of the first codes": ("", "", "", "--method kmeans --use X_latent"),
    "Leiden of the first codes": ("", "", "", "--method leiden --use X_latent"),
    "k-means of principal components": ("", "", "--models 1 --epochs 1", "--method kmeans --use X_pca"),
    "Leiden of the graph": ("", "", "--models 1 --epochs 1", "--method leiden"),
    "spectral of the graph": ("", "", "--models 1 --epochs 1", "--method spectral"),
    "no graph in the encoder": ("", "", "--hops 0", ""),
    "half the epochs": ("", "", "--epochs 12", ""),
    "values not scaled": ("--no-scale", "", "", ""),
    "1,000 genes": ("--genes 1000", "", "", ""),
    "scdsc": ("", "", "--model scdsc", ""),
    "scdsc, k-means of its codes": ("", "", "--model scdsc", "--method kmeans --use X_latent"),
    "sctag": ("", "", "--model sctag", ""),
    "sczidesk": ("", "", "--model sczidesk", ""),
    "sczidesk, k-means of its codes": ("", "", "--model sczidesk", "--method kmeans --use X_latent"),
    "sczidesk, paper": ("--genes 500", "", "--model sczidesk --preset paper", "--preset paper"),
    "dcca": ("", "", "--model dcca", ""),
    "scmcs": ("", "", "--model scmcs", ""),
    "scmvae": ("", "", "--model scmvae", ""),
    "scmdc": ("", "", "--model scmdc", ""),
    "scmdc, k-means of its codes": ("", "", "--model scmdc", "--method kmeans --use X_latent"),
    "scmdc, paper": ("", "", "--model scmdc --preset paper", "--preset paper"),
    "sc3": ("", "", None, "--method sc3"),
    "desc": ("", "", "--model desc", ""),
    "desc, k-means of its codes": ("", "", "--model desc", "--method kmeans --use X_latent"),
    "desc, paper": ("", "", "--model desc --preset paper", "--preset paper"),
    "sctag, paper": ("", "", "--model sctag --preset paper", "--preset paper"),
    "scdeepcluster": ("", "", "--model scdeepcluster", ""),
    "scdeepcluster, k-means of its codes": ("", "", "--model scdeepcluster", "--method kmeans --use X_latent"),
    "scdeepcluster, paper": ("", "", "--model scdeepcluster --preset paper", "--preset paper"),
    "scemc": ("", "", "--model scemc", ""),
    "scemc, RNA alone": ("", "", "--model scemc --rna-only", ""),
    "scemc, no skip": ("", "", "--model scemc --no-skip", ""),
    "scemc, no aggregation": ("", "", "--model scemc --no-aggregation", ""),
    "scemc, transformer": ("", "", "--model scemc --aggregation transformer", ""),
    "scemc, no reconstruction": ("", "", "--model scemc --no-reconstruction", ""),
    "scemc, no cluster loss": ("", "", "--model scemc --no-cluster-loss", ""),
    "scemc, k-means of its codes": ("", "", "--model scemc", "--method kmeans --use X_latent"),
    "scemc, k-means of sc-knn's coordinates": ("", "", "--model scemc", "--method kmeans --use X_joint"),
    "scemc, k-means of the RNA's components": ("", "", "--model scemc", "--method kmeans --use X_pca"),
    "scemc, last epoch": ("", "", "--model scemc", "--keep last"),
    "scemc, paper": ("", "", "--model scemc --preset paper", "--preset paper"),
    "paper": ("", "", "--preset paper", "--preset paper"),
    "released": ("", "", "--preset released", "--preset released"),
}
def report(rows, picture):
    sets, settings = ([*dict.fromkeys(row[key] for row in rows)] for key in ("set", "setting"))
    means = {}
    for row in rows:
        means.setdefault((row["setting"], row["set"]), []).append(float(row["ari"]))
    print("| setting | " + " | ".join(sets) + " | mean |")
    print("|---" * (len(sets) + 2) + "|")
    for setting in settings:
        cells = [means.get((setting, s)) for s in sets]
        text = [runs.mean_and_spread(c or []) for c in cells]
        whole = f"{statistics.mean(statistics.mean(c) for c in cells):.3f}" if all(cells) else ""
        print(f"| {setting} | " + " | ".join(text) + f" | {whole} |")
    if picture:
        draw(picture, sets, settings, means)


def draw(path, sets, settings, means):
    """Points of every setting on every set."""
    left, width, row, top = 260, 150, 22, 40
    size = left + width * len(sets) + 20, top + row * len(settings) + 20
    runs.svg(path, *size, runs.dots(left, top, row, width, sets, settings, means))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--settings", nargs="+", default=["default"], choices=[*SETTINGS], metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--draw")
    options = parser.parse_args()
    programs = runs.Programs(os.environ.get("SC", ""), options.threads)
    settings = {name: SETTINGS[name] for name in options.settings}
    failures = runs.run(programs, options.table, options.sets, settings, options.seeds, options.jobs) if options.sets else []
    if options.report or options.draw:
        report(runs.read(options.table), options.draw)
    if failures:
        sys.exit("\n".join(failures))


main()
