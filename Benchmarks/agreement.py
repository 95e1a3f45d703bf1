#!/usr/bin/env python3
"""Agreement with known types, seconds and peak memory of every stage, for several sets and seeds,
through the real programs.

    SC=.build/release/ Benchmarks/agreement.py TABLE.tsv SET [SET ...] [--seeds 0 1 2] [--threads N]

A SET is FILE:LABELS:CLUSTERS[:OPTIONS OF sc-preprocess], for example
../shared/data/rna/10X_PBMC_top2000.h5:Y:8. Rows are appended to the table as they come; rows that
are there already are not run again. Labels are read by sc-eval alone, after the last epoch.
`kmeans` is k-means on the latent codes of sc-pretrain.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile, time

COLUMNS = ["set", "clusters", "seed", "method", "acc", "nmi", "ari", "epochs", "reliable", "preprocess_s", "knn_s", "pretrain_s", "cluster_s", "eval_s", "peak_mb"]


def stage(prefix, name, arguments):
    """Seconds, peak memory in MB, standard error."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen([prefix + name, *arguments], stderr=errors, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        errors.seek(0)
        text = errors.read().decode()
    if child.returncode:
        sys.exit(f"{name} ended with {child.returncode}: {text}")
    return seconds, usage.ru_maxrss / 1024, text


def run(prefix, item, seed, threads, folder):
    path, labels, clusters, *options = item.split(":", 3)
    common = ["--seed", str(seed), "-t", str(threads)]
    place = lambda name: os.path.join(folder, name + ".safetensors")
    figures = {}
    steps = [
        ("preprocess", "sc-preprocess", [path, "--labels", labels, *(options[0].split() if options else []), "-o", place("preprocess")]),
        ("knn", "sc-knn", [place("preprocess"), "-o", place("knn")]),
        ("pretrain", "sc-pretrain", [place("knn"), "-o", place("pretrain")]),
        ("cluster", "sc-cluster", [place("pretrain"), "--clusters", clusters, "--log-format", "json", "-o", place("cluster")]),
        ("kmeans", "sc-cluster", [place("pretrain"), "--clusters", clusters, "--method", "kmeans", "-o", place("kmeans")]),
    ]
    peak, last = 0, {}
    for step, program, arguments in steps:
        figures[step], memory, text = stage(prefix, program, arguments + common)
        peak = max(peak, memory)
        if step == "cluster":
            epochs = [json.loads(line) for line in text.splitlines() if '"event":"epoch"' in line]
            last = epochs[-1] if epochs else {}
    name = os.path.basename(path).split(".")[0]
    for method, step in (("sctpf", "cluster"), ("kmeans", "kmeans")):
        report = os.path.join(folder, method + ".json")
        seconds, memory, _ = stage(prefix, "sc-eval", [place(step), "--labels", labels, "--json", "-o", report])
        with open(report) as file:
            scores = json.load(file)
        own = method == "sctpf"
        yield [name, clusters, seed, method, *(f"{scores[key]:.4f}" for key in ("acc", "nmi", "ari")), last.get("epoch", "") if own else "", last.get("reliable", "") if own else "",
               *(f"{figures[key]:.2f}" for key in ("preprocess", "knn", "pretrain")), f"{figures[step]:.2f}", f"{seconds:.2f}", f"{max(peak, memory):.0f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if not os.path.exists(options.table):
        with open(options.table, "w") as file:
            file.write("\t".join(COLUMNS) + "\n")
    with open(options.table) as file:
        known = {tuple(line.split("\t")[:3]) for line in file}
    for item in options.sets:
        for seed in options.seeds:
            name = os.path.basename(item.split(":")[0]).split(".")[0]
            if (name, item.split(":")[2], str(seed)) in known:
                continue
            folder = tempfile.mkdtemp()
            try:
                rows = list(run(os.environ.get("SC", ""), item, seed, options.threads, folder))
            finally:
                shutil.rmtree(folder)
            with open(options.table, "a") as file:
                for row in rows:
                    line = "\t".join(str(value) for value in row)
                    file.write(line + "\n")
                    print(line, flush=True)


main()
