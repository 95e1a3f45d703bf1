# Which method suits labeled data: sets x methods x seeds, each run a job of its own. The same
# commands as `make table3`, for machines that share their work.
#
#   snakemake -s pipelines/table3.smk --cores 4 \
#     --config sets='[pbmc.h5ad:cell_type:8, kidney.h5ad:cell_type:11]'
#
# makes results/table3.tsv, table3.md and table3.svg. A set is FILE:LABELS:TYPES[:LABEL TO LEAVE
# OUT]. True labels are read by sc-eval alone. Further settings: methods, seeds, counts (given,
# auto), results, peers (a folder of published programs, see docs/workflows-compare.md), programs
# (the text before the programs' names, such as .build/release/).

import re
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError


TABLE3 = shlex.quote(str(Path(workflow.snakefile).parent.parent / "Benchmarks" / "table3.py"))
SC = shlex.quote(str(config.get("programs", "")))
RESULTS = config.get("results", "results")
SEEDS = config.get("seeds", [0, 1, 2])
COUNTS = config.get("counts", ["given", "auto"])
BASELINES = ["k-means of components", "spectral of the graph", "Leiden of the graph", "SC3"]
METHODS = config.get("methods", ["sctpf", "sctag", "scdsc", "scdeepcluster", "sczidesk", "desc", *BASELINES])


PEERS = config.get("peers", "")
if PEERS:
    sys.path.insert(0, str(Path(workflow.snakefile).parent.parent / "Benchmarks"))
    import published

    try:
        METHODS = [*METHODS, *published.read(PEERS)]
    except ValueError as problem:
        raise WorkflowError(str(problem))


def plain(name):
    return re.sub("[^A-Za-z0-9]+", "_", name)


def choice(name):
    """The options of table3.py that choose a method, or one published program."""
    if PEERS and name in published.read(PEERS):
        return f"--methods --peer-dir {shlex.quote(PEERS)} --peers {shlex.quote(name)}"
    return f"--methods {shlex.quote(name)}"


# By names that are files' too.
SETS = {plain(Path(item.split(":")[0]).stem): item for item in config.get("sets", [])}
NAMES = {plain(name): name for name in METHODS}
if not SETS:
    raise WorkflowError("no sets: name them with --config, as in the first lines of pipelines/table3.smk")
if len(SETS) < len(config["sets"]):
    raise WorkflowError("two sets have the same name: a set is called as its file is, without the ending")


wildcard_constraints:
    set="[A-Za-z0-9_]+",
    method="[A-Za-z0-9_]+",
    seed=r"\d+",


rule all:
    input:
        RESULTS + "/table3.tsv",


rule run:
    input:
        lambda wildcards: SETS[wildcards.set].split(":")[0],
    output:
        RESULTS + "/runs/{set}/{method}/{seed}/runs.tsv",
    params:
        folder=lambda wildcards, output: str(Path(output[0]).parent),
        item=lambda wildcards: SETS[wildcards.set],
        method=lambda wildcards: choice(NAMES[wildcards.method]),
    threads: 1
    shell:
        "SC={SC} {TABLE3} {params.folder:q} {params.item:q} {params.method} --seeds {wildcards.seed}"
        " --counts {COUNTS} --jobs 1 --threads {threads}"


rule table:
    input:
        expand(RESULTS + "/runs/{set}/{method}/{seed}/runs.tsv", set=SETS, method=NAMES, seed=SEEDS),
    output:
        RESULTS + "/table3.tsv",
        RESULTS + "/table3.md",
        RESULTS + "/table3.svg",
    shell:
        "{TABLE3} {RESULTS:q} --report {input:q}"
