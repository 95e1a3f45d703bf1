#!/usr/bin/env python3
"""How long a stage takes to start: from exec to the refusal of an input that is empty, options
parsed and OpenBLAS ready.

    SC=.build/release/ Benchmarks/startup.py [--rounds 41]

Prints milliseconds, median and range of the middle nine tenths, processor milliseconds, and the
peak of memory.
"""
import argparse, os, statistics, subprocess, time

STAGES = ["sc-preprocess", "sc-knn", "sc-pretrain", "sc-cluster", "sc-eval"]


def start(program):
    began = time.perf_counter()
    child = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.stdout.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 65:
        raise SystemExit(f"{program}: ended with {child.returncode} on an empty input, and not with 65")
    return 1000 * seconds, 1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=41)
    options = parser.parse_args()
    runs = {stage: [] for stage in STAGES}
    for _ in range(options.rounds):
        for stage in STAGES:
            runs[stage].append(start(os.environ.get("SC", "") + stage))
    print("stage\tmilliseconds\trange\tprocessor\tpeak_mb")
    for stage, found in runs.items():
        times = sorted(entry[0] for entry in found)
        edge = len(times) // 20
        print(f"{stage}\t{statistics.median(times):.1f}\t{times[edge]:.1f}-{times[-1 - edge]:.1f}\t{statistics.median(entry[1] for entry in found):.1f}\t{statistics.median(entry[2] for entry in found):.0f}")


main()
