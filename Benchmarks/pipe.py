#!/usr/bin/env python3
"""The whole pipe with its defaults against the published schedule (--preset paper), alternating:
seconds, their ratio, agreement with known types.

    SC=.build/release/ Benchmarks/pipe.py [--data FILE:LABELS:CLUSTERS] [--rounds 1] [--seed 0]

Without --data on simulated cells. Also prints the curve of loss against seconds of both (the first
model of the default).
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))


def pipe(prefix, data, labels, clusters, preset, seed, folder, epochs=None):
    """Seconds, processor seconds, agreement, and (seconds, loss) of every epoch of the first model;
    of all its epochs or of the first `epochs`."""
    limit = f"--epochs {epochs} " if epochs else ""
    out, log = os.path.join(folder, "out.safetensors"), os.path.join(folder, "log")
    command = (f"{prefix}sc-preprocess {data} --labels {labels} -q | {prefix}sc-knn -q --seed {seed}"
               f" | {prefix}sc-pretrain --preset {preset} {limit}--seed {seed} --log-format json 2> {log}"
               f" | {prefix}sc-cluster --preset {preset} --clusters {clusters} --seed {seed} -q -o {out}")
    start, before = time.monotonic(), os.times()
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True)
    seconds, after = time.monotonic() - start, os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    # A file of labels becomes the column obs/label.
    labels = "label" if os.path.exists(labels) else labels
    scores = json.loads(subprocess.run([prefix + "sc-eval", out, "--labels", labels, "--json", "-q"], stdout=subprocess.PIPE, check=True).stdout)
    spent, curve = 0.0, []
    with open(log) as file:
        for event in map(json.loads, file):
            if event.get("event") == "epoch" and event.get("phase") == "pretrain":
                spent += event["epoch_seconds"]
                curve.append((spent, event["losses"]["total"]))
    return seconds, processor, scores, curve


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data")
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    prefix = os.environ.get("SC", "")
    with tempfile.TemporaryDirectory() as folder:
        if options.data:
            data, labels, clusters = options.data.split(":")
        else:
            data, labels, clusters = os.path.join(folder, "counts"), os.path.join(folder, "counts", "labels.tsv"), 8
            subprocess.run([sys.executable, os.path.join(HERE, "simulate.py"), data, "--cells", str(options.cells), "--genes", str(options.genes), "--types", "8"], check=True)
        ratios = []
        print("round\tpreset\tseconds\tprocessor_seconds\tacc\tnmi\tari")
        for number in range(options.rounds):
            seconds = {}
            for preset in ("default", "paper"):
                seconds[preset], processor, scores, curve = pipe(prefix, data, labels, clusters, preset, options.seed, folder)
                print(f"{number + 1}\t{preset}\t{seconds[preset]:.1f}\t{processor:.1f}\t{scores['acc']:.4f}\t{scores['nmi']:.4f}\t{scores['ari']:.4f}", flush=True)
                marks = curve[:: max(1, len(curve) // 8)] + curve[-1:]
                print(f"# {preset}, seconds:loss of the first model  " + "  ".join(f"{t:.1f}:{loss:.4f}" for t, loss in marks), flush=True)
            ratios.append(seconds["paper"] / seconds["default"])
        print(f"# paper / default: {statistics.median(ratios):.1f} times the seconds ({min(ratios):.1f}-{max(ratios):.1f})")


if __name__ == "__main__":
    main()
