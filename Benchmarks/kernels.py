#!/usr/bin/env python3
"""Is the set of OpenBLAS kernels that the programs choose the fastest that this machine runs?

    SC=.build/release/ Benchmarks/kernels.py [--cells 2000] [--genes 2000] [--epochs 4] [--rounds 3]

Times an epoch of sc-pretrain with the programs' own choice and with every set named by
OPENBLAS_CORETYPE, by turns. It prints each set's median over that of the choice. The last line is
choice / best: 1.05 or less is the promise.
"""
import argparse, json, os, re, shutil, statistics, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SETS = ["Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids"]
NEEDS = {"Haswell": "avx2", "Zen": "avx2", "Sandybridge": "avx", "SkylakeX": "avx512vl", "Cooperlake": "avx512vl", "SapphireRapids": "avx512vl"}


def seconds(program, graph, epochs, folder, kernels):
    """The median epoch's seconds, and the set that ran; None if the library has none of that
    name."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    if kernels:
        environment["OPENBLAS_CORETYPE"] = kernels
    command = [program, graph, "-v", "--models", "1", "--epochs", str(epochs), "--log-format", "json", "-o", os.path.join(folder, "model.safetensors")]
    run = subprocess.run(command, stderr=subprocess.PIPE, env=environment)
    text = run.stderr.decode()
    if run.returncode:
        sys.exit(text)
    ran = re.search(r"kernels: OpenBLAS \S+ (\w+)", text).group(1)
    times = [json.loads(line)["epoch_seconds"] for line in text.splitlines() if line.startswith("{") and '"epoch_seconds"' in line]
    return statistics.median(times[1:] or times), ran


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("cells", 2000), ("genes", 2000), ("epochs", 4), ("rounds", 3)):
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    prefix, folder = os.environ.get("SC", ""), tempfile.mkdtemp()
    flags = open("/proc/cpuinfo").read().split("flags", 1)[-1].split("\n", 1)[0].split()
    try:
        data, graph = os.path.join(folder, "counts"), os.path.join(folder, "graph.safetensors")
        subprocess.run([sys.executable, os.path.join(HERE, "simulate.py"), data, "--cells", str(options.cells), "--genes", str(options.genes), "--types", "8"], check=True)
        first = subprocess.run([prefix + "sc-preprocess", data, "-q", "--min-cells-fraction", "0", "--genes", str(options.genes)], stdout=subprocess.PIPE, check=True)
        subprocess.run([prefix + "sc-knn", "-q", "-o", graph], input=first.stdout, check=True)
        measure(options, prefix + "sc-pretrain", graph, folder, [name for name in SETS if NEEDS.get(name, "sse2") in flags])
    finally:
        shutil.rmtree(folder)


def measure(options, program, graph, folder, sets):
    times, chosen = {"": []}, None
    for _ in range(options.rounds):
        for name in ["", *sets]:
            took, ran = seconds(program, graph, options.epochs, folder, name)
            if not name:
                chosen = ran
            elif ran.lower() != name.lower():
                continue
            times.setdefault(name, []).append(took)
    own = statistics.median(times.pop(""))
    print(f"{options.cells} cells x {options.genes} genes, the programs choose {chosen}")
    print("kernels\tepoch_seconds\tover_the_choice")
    print(f"(choice)\t{own:.3f}\t1.00")
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, took in sorted(medians.items(), key=lambda item: item[1]):
        print(f"{name}\t{took:.3f}\t{took / own:.2f}")
    print(f"choice / best\t\t{own / min(own, *medians.values()):.2f}")


main()
