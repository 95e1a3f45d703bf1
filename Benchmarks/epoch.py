#!/usr/bin/env python3
"""Seconds of one epoch of sc-pretrain against what the machine's sgemm would need for the same
arithmetic.

    SC=.build/release/ Benchmarks/epoch.py [--cells 4271] [--genes 2000] [--epochs 12]
        [--rounds 3] [--data FILE]

It alternates the yardstick and the program, and prints the median of the ratios with their range.
The yardstick (Benchmarks/sgemm.c) is OpenBLAS on one thread, with as many copies at once as threads
are measured.

The arithmetic of an epoch (N cells, G genes; multiply-adds count twice):

    the three heads                3 · 2 · N · 512 · 3G
    the first layer, dense input   2 · 2 · N · G · 512
    the small layers               3 · 2 · N · 166,000
    the adjacency decoder          3 · N² · 32
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile

import yardstick

HERE = os.path.dirname(os.path.abspath(__file__))


def epochs(program, graph, preset, count, threads, folder, environment):
    command = ["/usr/bin/env", program, graph, "--preset", preset, "--models", "1", "--epochs", str(count), "-t", str(threads), "--log-format", "json", "-o", os.path.join(folder, "model.safetensors")]
    run = subprocess.run(command, stderr=subprocess.PIPE, env=environment)
    if run.returncode:
        sys.exit(run.stderr.decode())
    lines = [json.loads(line) for line in run.stderr.decode().splitlines()]
    times = [line["epoch_seconds"] for line in lines if line["event"] == "epoch"]
    return statistics.median(times[2:] or times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=4271)
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preset", choices=["default", "paper"], default="paper", help="batches of 256 cells, or all cells in a step")
    parser.add_argument("--data", help="a file of counts, instead of simulated cells")
    options = parser.parse_args()
    prefix = os.environ.get("SC", "")
    folder = tempfile.mkdtemp()
    try:
        measure(options, prefix, folder)
    finally:
        shutil.rmtree(folder)


def measure(options, prefix, folder):
    data, graph = options.data, os.path.join(folder, "graph.safetensors")
    if not data:
        data = os.path.join(folder, "counts")
        subprocess.run([sys.executable, os.path.join(HERE, "simulate.py"), data, "--cells", str(options.cells), "--genes", str(options.genes), "--types", "8"], check=True)
    filters = ["--min-cells-fraction", "0", "--genes", str(options.genes)]
    first = subprocess.run([prefix + "sc-preprocess", data, "-q", *filters], stdout=subprocess.PIPE, check=True)
    subprocess.run([prefix + "sc-knn", "-q", "-o", graph], input=first.stdout, check=True)
    binary = yardstick.built(folder)
    kernels, verbose = yardstick.kernels(prefix + "sc-pretrain", graph)
    shape = next((line for line in verbose.splitlines() if "cells ×" in line), "").split("read ")[-1]
    cells, genes = int(shape.split()[0]), int(shape.split()[3])
    environment = dict(os.environ, OPENBLAS_CORETYPE=kernels)
    work = 3 * 2 * cells * 512 * 3 * genes + 2 * 2 * cells * genes * 512 + 3 * 2 * cells * 166_000 + 3 * 32 * cells * (cells if options.preset == "paper" else 256)
    print(f"{cells} cells x {genes} genes, {work / 1e9:.1f} GFLOP an epoch, preset {options.preset}, {kernels} kernels")
    print("threads\tsgemm_gflops\tfloor_seconds\tepoch_seconds\tratio\trange")
    for threads in sorted({1, min(2, os.cpu_count() or 1)}):
        rows = []
        for _ in range(options.rounds):
            speed = yardstick.speed(binary, threads, environment)
            seconds = epochs(prefix + "sc-pretrain", graph, options.preset, options.epochs, threads, folder, environment)
            speed = (speed + yardstick.speed(binary, threads, environment)) / 2
            rows.append((seconds / (work / 1e9 / speed), speed, seconds))
        ratios = [row[0] for row in rows]
        speed, seconds = statistics.median(row[1] for row in rows), statistics.median(row[2] for row in rows)
        print(f"{threads}\t{speed:.0f}\t{work / 1e9 / speed:.3f}\t{seconds:.3f}\t{statistics.median(ratios):.2f}\t{min(ratios):.2f}-{max(ratios):.2f}")


main()
