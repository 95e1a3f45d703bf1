#!/usr/bin/env python3
"""Compares the memory estimate of every stage and method with its peak, on simulated cells of
several sizes.

    SC=.build/release/ Benchmarks/memory.py [--sizes 160x300 1000x1000 5000x2000 20000x2000]
        [--folder FOLDER]

Prints the estimate (-v), the peak and their ratio. Ends with 1 if a peak passes its estimate by
more than a twentieth, and marks with ! estimates above one and a half times the peak. Needs what
simulate_large.py needs. Inputs are kept in FOLDER, if one is named.
"""
import argparse, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = [
    ("sc-preprocess {s}.h5ad", "{s}.pre.st"), ("sc-knn {s}.pre.st", "{s}.knn.st"),
    ("sc-pretrain {s}.knn.st --epochs 1 --models 2", "{s}.model.st"),
    ("sc-cluster {s}.model.st -c 8 --epochs 2 --min-epochs 0", "{s}.clusters.st"),
    ("sc-preprocess {s}.h5ad --second {s}.second.h5ad", "{s}.pair.st"), ("sc-knn {s}.pair.st", "{s}.pknn.st"),
    ("sc-pretrain {s}.pknn.st --model scemc --epochs 1", "{s}.pmodel.st"),
    ("sc-pretrain {s}.pre.st --model scdeepcluster --epochs 1 --models 2", "{s}.dmodel.st"),
    ("sc-pretrain {s}.pre.st --model desc --epochs 9 --models 2", "{s}.emodel.st"),
    ("sc-pretrain {s}.pair.st --model scmdc --epochs 1 --models 2", "{s}.mmodel.st"),
    ("sc-pretrain {s}.pre.st --model sczidesk --epochs 1 --models 2", "{s}.zmodel.st"),
    ("sc-pretrain {s}.knn.st --model sctag --epochs 1 --models 2", "{s}.tmodel.st"),
]
FURTHER = [
    "sc-preprocess {s}.h5ad -o out.h5ad", "sc-knn {s}.pre.st --method ivf -o out.st",
    "sc-pretrain {s}.knn.st -t 1 --epochs 1 --models 1 -o out.st", "sc-pretrain {s}.knn.st --epochs 1 --models 1 --batch-size 0 -o out.st",
    "sc-pretrain {s}.knn.st --epochs 1 --models 1 --hops 0 -o out.st",
    "sc-pretrain {s}.knn.st --epochs 1 --models 1 --sketch 400 -o out.st",
    *(f"sc-pretrain {{s}}.knn.st --epochs 1 --models 1 --no-counts-loss{size} -o out.st" for size in ("", " --batch-size 0")),
    "sc-cluster {s}.model.st -c 8 --epochs 1 --no-counts-loss -o out.st",
    "sc-cluster {s}.model.st -c 8 --epochs 4 --update-interval 1 --min-epochs 4 --keep-snapshots -o out.st",
    "sc-cluster {s}.model.st -c 8 --epochs 1 --batch-size 0 -o out.st", "sc-cluster {s}.pmodel.st -c 8 --epochs 1 -o out.st",
    *(f"sc-pretrain {{s}}.pre.st --model {model}{size} -o out.st" for model in ("scdeepcluster --epochs 1", "sczidesk --epochs 1", "desc --epochs 9") for size in ("", " --batch-size 0")),
    *(f"sc-cluster {{s}}.{model}.st -c 8 --epochs 1 -o out.st" for model in ("dmodel", "emodel", "tmodel", "zmodel", "mmodel")),
    "sc-cluster {s}.model.st -c 8 --epochs 1 --grid -o out.st", "sc-cluster {s}.model.st --method kmeans -o out.st",
    *(f"sc-cluster {{s}}.model.st -c 8 --method {method} -o out.st" for method in ("kmeans", "spectral", "leiden", "consensus", "sc3")),
    "sc-cluster {s}.knn.st --method leiden -o out.h5ad", "sc-eval {s}.clusters.st", "sc-eval {s}.clusters.st --markers m.tsv",
    "sc-eval {s}.clusters.st --diagnose", "sc-eval {s}.clusters.st --plot p.png", "sc-eval {s}.clusters.st --plot p.svg --layout umap",
    "sc-eval {s}.clusters.st --report r.html", "sc-eval {s}.clusters.st --layout both -o out.st",
]
# 26 trainings of many cells take long, and do not differ from trainings of few.
LARGEST = {"--grid": 1000}


def measured(command, folder, programs):
    """Status, estimate and peak in MiB."""
    words = command.split()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen([programs + words[0], *words[1:], "-v"], cwd=folder, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = errors.read().decode()
    found = re.findall(r"estimated memory: ([\d.]+) (MiB|GiB)", text)
    if child.returncode:
        print(text.strip().splitlines()[-1:], flush=True)
    return child.returncode, max([float(a) * (1024 if unit == "GiB" else 1) for a, unit in found], default=0), usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["160x300", "1000x1000", "5000x2000", "20000x2000"])
    parser.add_argument("--folder")
    options = parser.parse_args()
    programs = os.path.realpath(os.environ.get("SC", ".build/release/")) + "/"
    temporary = None if options.folder else tempfile.TemporaryDirectory(prefix="memory-")
    folder = options.folder or temporary.name
    os.makedirs(folder, exist_ok=True)
    broken = 0
    print(f"{'cells × genes':<14}{'estimate':>9}{'peak':>9}{'ratio':>7}  command")
    for size in options.sizes:
        cells, genes = size.split("x")
        if not os.path.exists(f"{folder}/{size}.h5ad"):
            subprocess.run([sys.executable, f"{HERE}/simulate_large.py", f"{folder}/{size}.h5ad", "--cells", cells, "--genes", genes, "--second",
                            f"{folder}/{size}.second.h5ad", "--features", "30"], check=True, stdout=subprocess.DEVNULL)
        for command in [f"{line} -o {output}" for line, output in STEPS] + FURTHER:
            if any(option in command and int(cells) > most for option, most in LARGEST.items()):
                continue
            status, estimate, peak = measured(command.format(s=size), folder, programs)
            passes = status != 0 or peak > 1.05 * estimate
            broken += passes
            mark = "✘" if passes else "!" if estimate > 1.5 * peak else " "
            print(f"{size:<14}{estimate:>9.0f}{peak:>9.0f}{estimate / peak:>7.2f} {mark}{command.format(s=size)}", flush=True)
    print(f"{broken} peaks pass their estimate")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
