# The paper's grid over several sets and seeds. It runs scTPF with every margin epsilon of the
# filter (sc-cluster --margin) and every number of neighbors k of its latent graph
# (--latent-neighbors). sc-eval --compare summarizes seeds as mean and deviation.
#
#   snakemake -s pipelines/grid.smk --cores 4 \
#     --config sets='{pbmc: {input: pbmc.h5ad, clusters: 8, labels: cell_type}}'
#   snakemake -s pipelines/grid.smk --cores 4 --configfile pipelines/grid.yaml
#
# makes results/pbmc/grid.tsv: a line for each pair of epsilon and k. The clustered cells of every
# run are in the same folder. Graph and model are made once for each set and seed.
# pipelines/grid.yaml lists the settings. True labels are only compared with at the end. The paper
# chooses a cell of the grid by them; that is not possible without labels. The columns silhouette
# and modularity need no labels.

import shlex
from pathlib import Path

from snakemake.exceptions import WorkflowError


configfile: Path(workflow.snakefile).parent / "grid.yaml"


# The text before the name of a program, with any characters.
SC = shlex.quote(str(config["programs"]))
RESULTS = config["results"]
SETS = config["sets"]
SEEDS = config["seeds"]
CONFIDENCES = config["confidences"]
LATENT_NEIGHBORS = config["latent_neighbors"]
OPTIONS = config["options"]
if not SETS:
    raise WorkflowError("no sets: name them with --config or --configfile, see pipelines/grid.yaml")


wildcard_constraints:
    set="[^/]+",
    seed=r"\d+",
    confidence=r"[\d.]+",
    neighbors=r"\d+",


def labels_option(wildcards):
    labels = SETS[wildcards.set].get("labels")
    return f"--labels {shlex.quote(str(labels))}" if labels else ""


rule all:
    input:
        expand(RESULTS + "/{set}/grid.tsv", set=SETS),


rule preprocess:
    input:
        lambda wildcards: SETS[wildcards.set]["input"],
    output:
        RESULTS + "/{set}/pre.safetensors",
    params:
        labels=labels_option,
        options=OPTIONS["preprocess"],
    shell:
        "{SC}sc-preprocess {input:q} {params.labels} {params.options} -o {output:q}"


rule knn:
    input:
        RESULTS + "/{set}/pre.safetensors",
    output:
        RESULTS + "/{set}/knn.safetensors",
    params:
        options=OPTIONS["knn"],
    threads: 4
    shell:
        "{SC}sc-knn {input:q} {params.options} --threads {threads} -o {output:q}"


rule pretrain:
    input:
        RESULTS + "/{set}/knn.safetensors",
    output:
        RESULTS + "/{set}/seed{seed}/model.safetensors",
    params:
        options=OPTIONS["pretrain"],
    threads: 4
    shell:
        "{SC}sc-pretrain {input:q} {params.options} --seed {wildcards.seed} --threads {threads} -o {output:q}"


rule cluster:
    input:
        RESULTS + "/{set}/seed{seed}/model.safetensors",
    output:
        RESULTS + "/{set}/seed{seed}/e{confidence}_k{neighbors}.safetensors",
    params:
        clusters=lambda wildcards: SETS[wildcards.set].get("clusters", "auto"),
        options=OPTIONS["cluster"],
    threads: 2
    shell:
        "{SC}sc-cluster {input:q} --clusters {params.clusters:q} --margin {wildcards.confidence}"
        " --latent-neighbors {wildcards.neighbors} {params.options} --seed {wildcards.seed}"
        " --threads {threads} -o {output:q}"


rule compare:
    input:
        expand(
            RESULTS + "/{{set}}/seed{seed}/e{confidence}_k{neighbors}.safetensors",
            confidence=CONFIDENCES,
            neighbors=LATENT_NEIGHBORS,
            seed=SEEDS,
        ),
    output:
        RESULTS + "/{set}/grid.tsv",
    params:
        labels=labels_option,
        options=OPTIONS["eval"],
    shell:
        "{SC}sc-eval {params.labels} {params.options} --compare {input:q} -o {output:q}"
