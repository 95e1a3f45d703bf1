#!/usr/bin/env python3
"""Seconds and peak memory of every stage as the number of cells grows, on simulated cells (needs
numpy and h5py for simulate_large.py).

    SC=.build/release/ Benchmarks/scale.py [--cells 5000 20000 50000 100000] [--genes 2000]
        [--density 0.05] [--stages NAME ...] [--options STAGE='...'] [--fresh]

Every figure is written into Benchmarks/runs/DATE-COMMIT/scale.tsv at once. An interrupted run
continues where it ended, and a figure that is there is not measured again (--fresh does). The data
are in benchmark-results/scale and may be deleted. `per_1000` is milliseconds for a thousand cells:
constant if the cost of a cell is. sc-pretrain and sc-cluster run with their own defaults unless
--options has others.
"""
import argparse, os, shlex, subprocess, sys, time

import rundir

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(os.path.dirname(HERE), "benchmark-results")
FOLDER = os.path.join(RESULTS, "scale")
TYPES = 10
COLUMNS = ["cells", "genes", "density", "stage", "options", "seconds", "processor_seconds", "peak_mb", "per_1000"]
STAGES = ["sc-preprocess", "sc-knn", "sc-pretrain", "sc-cluster", "sc-eval"]
ARGUMENTS = {"sc-cluster": f"--clusters {TYPES}", "sc-eval": "--labels label"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def timed(command):
    """Seconds, processor seconds and peak memory in MB; ends the script if the command fails."""
    start = time.monotonic()
    child = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{shlex.join(command)} ended with {child.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def rows_of(table):
    if not os.path.exists(table):
        return []
    with open(table) as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith(("#", COLUMNS[0]))]


def simulated(cells, options):
    """The file of counts, made if it is not there."""
    path = os.path.join(FOLDER, f"{cells}x{options.genes}-{options.density}.h5ad")
    if not os.path.exists(path):
        part = path.replace(".h5ad", ".part.h5ad")
        script = os.path.join(HERE, "simulate_large.py")
        timed([sys.executable, script, part, "--cells", str(cells), "--genes", str(options.genes), "--types", str(TYPES), "--density", str(options.density)])
        os.rename(part, path)
    return path


def measure(cells, options, table, done):
    source = None
    for stage in STAGES[: max(STAGES.index(stage) for stage in options.stages) + 1]:
        more = options.more.get(stage, "")
        target = os.path.join(FOLDER, f"{cells}x{options.genes}-{options.density}-{stage}.safetensors")
        key = [str(cells), str(options.genes), str(options.density), stage, more]
        if key in done and (os.path.exists(target) or stage == STAGES[-1]):
            source = target
            continue
        source = source or simulated(cells, options)
        part = target.removesuffix(".safetensors") + ".part.safetensors"
        command = [os.environ.get("SC", "") + stage, source, *shlex.split(ARGUMENTS.get(stage, "")), *shlex.split(more), "-q", "-t", str(options.threads), "-o", part]
        seconds, processor, memory = timed(command)
        os.rename(part, target)
        row = [*key, f"{seconds:.2f}", f"{processor:.2f}", f"{memory:.0f}", f"{1e6 * seconds / cells:.1f}"]
        if key not in done:
            with open(table, "a") as file:
                file.write("\t".join(row) + "\n")
        print("\t".join(row), flush=True)
        source = target


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, nargs="+", default=[5000, 20_000, 50_000, 100_000])
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--density", type=float, default=0.05)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES, help="up to the last of these")
    parser.add_argument("--options", action="append", default=[], metavar="STAGE=OPTIONS", help="more options of a stage")
    parser.add_argument("--fresh", action="store_true", help="forget earlier figures of this commit")
    options = parser.parse_args()
    options.more = dict(item.split("=", 1) for item in options.options)
    os.makedirs(FOLDER, exist_ok=True)
    table = rundir.resumed("scale.tsv")
    if options.fresh and os.path.exists(table):
        os.remove(table)
    if not os.path.exists(table):
        with open("/proc/cpuinfo") as file:
            model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown processor")
        busy = "; THE MACHINE IS BUSY" if os.getloadavg()[0] > 0.5 else ""
        with open(table, "w") as file:
            file.write(f"# {model}, {options.threads} threads{busy}\n" + "\t".join(COLUMNS) + "\n")
    print("\t".join(COLUMNS))
    for cells in options.cells:
        measure(cells, options, table, [row[:5] for row in rows_of(table)])
    print(f"written to {os.path.relpath(table)}", file=sys.stderr)


main()
