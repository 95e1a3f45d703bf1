#!/usr/bin/env python3
"""Simulates the blood cells of two worked examples, with nothing but the standard library:

    scripts/example-cells.py samples FOLDER    # docs/worked-example-samples.md: donor1, donor2, donor3.csv.gz
    scripts/example-cells.py proteins FOLDER   # docs/worked-example-proteins.md: cite, RNA and proteins

Both write truth.tsv too, with the type of each cell. The counts are gamma-Poisson, as in
Benchmarks/simulate.py. Known marker genes are highly expressed in their type. No count was
measured. Equal arguments give equal bytes.
"""
import argparse
import math
import os
import random
import sys
from types import SimpleNamespace

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Benchmarks"))
import simulate

MARKERS = {
    "CD4 T cell": ["CD3D", "CD3E", "IL7R", "CD4", "LTB"],
    "CD8 T cell": ["CD3D", "CD3E", "CD8A", "CD8B", "GZMK"],
    "NK cell": ["NKG7", "GNLY", "KLRD1", "NCAM1", "PRF1"],
    "B cell": ["MS4A1", "CD79A", "CD79B", "CD19", "BANK1"],
    "Monocyte": ["CD14", "LYZ", "S100A8", "S100A9", "FCN1"],
    "Dendritic cell": ["FCER1A", "CD1C", "CLEC10A", "CST3", "HLA-DQA1"],
}
# The types that have much of a protein on their surface.
PROTEINS = {
    "CD3": ["CD4 T cell", "CD8 T cell"], "CD4": ["CD4 T cell"], "CD8a": ["CD8 T cell"], "CD56": ["NK cell"],
    "CD16": ["NK cell"], "CD19": ["B cell"], "CD20": ["B cell"], "CD14": ["Monocyte"], "CD11b": ["Monocyte"],
    "CD1c": ["Dendritic cell"], "CD11c": ["Monocyte", "Dendritic cell"], "HLA-DR": ["B cell", "Monocyte", "Dendritic cell"],
    "IgG1-control": [], "IgG2a-control": [],
}
MITOCHONDRIAL = 10


class Blood:
    """Genes, and the share of each in the counts of each type."""

    def __init__(self, genes, rng, alike=()):
        named = sorted({gene for markers in MARKERS.values() for gene in markers})
        self.genes = named + [f"GENE{g + 1}" for g in range(genes - len(named) - MITOCHONDRIAL)]
        self.genes += [f"MT-{g + 1}" for g in range(MITOCHONDRIAL)]
        base = [math.exp(rng.gauss(0, 1.2)) for _ in self.genes]
        base[:len(named)] = [math.exp(rng.gauss(-0.5, 0.4)) for _ in named]
        self.levels = {}
        for kind, markers in MARKERS.items():
            levels = list(base)
            others = rng.sample(range(len(named), genes - MITOCHONDRIAL), genes // 30)
            for gene in [named.index(marker) for marker in markers] + others:
                levels[gene] *= math.exp(abs(rng.gauss(1.6, 0.4)))
            self.levels[kind] = levels
        # The second of two types that are alike has the RNA of the first.
        for first, second in alike:
            self.levels[second] = self.levels[first]

    def shares(self, kind, factors, mitochondrial):
        """The shares in a cell of that type, where the mitochondrial genes together have theirs."""
        levels = [level * factor for level, factor in zip(self.levels[kind], factors)]
        inside, outside = sum(levels[-MITOCHONDRIAL:]), sum(levels[:-MITOCHONDRIAL])
        return [level / outside * (1 - mitochondrial) for level in levels[:-MITOCHONDRIAL]] + [
            level / inside * mitochondrial for level in levels[-MITOCHONDRIAL:]]

    def cell(self, kind, factors, depth, rng, poor=False):
        """The counts of a cell by gene. Poor cells have few counts, a third of them
        mitochondrial."""
        mitochondrial = rng.uniform(0.25, 0.5) if poor else rng.uniform(0.02, 0.06)
        size = depth * math.exp(rng.gauss(0, 0.3)) * (0.4 if poor else 1)
        options = SimpleNamespace(dispersion=0.3, dropout=0.1)
        return dict(simulate.counts_of_cell(self.shares(kind, factors, mitochondrial), size, options, rng))


def barcode(rng):
    return "".join(rng.choice("ACGT") for _ in range(16)) + "-1"


def write_folder(folder, names, features, cells):
    """As Cell Ranger 3 writes it; features are (name, type), a cell is {feature: count}."""
    os.makedirs(folder, exist_ok=True)
    entries = [f"{g + 1} {c + 1} {cell[g]}\n" for c, cell in enumerate(cells) for g in sorted(cell)]
    head = f"%%MatrixMarket matrix coordinate integer general\n{len(features)} {len(cells)} {len(entries)}\n"
    simulate.write_gzip(folder, "matrix.mtx.gz", head + "".join(entries))
    simulate.write_gzip(folder, "barcodes.tsv.gz", "".join(f"{name}\n" for name in names))
    lines = [f"SIM{g + 1:06d}\t{name}\t{kind}\n" for g, (name, kind) in enumerate(features)]
    simulate.write_gzip(folder, "features.tsv.gz", "".join(lines))


def write_text(folder, name, names, genes, cells):
    """A table with a cell in each row."""
    lines = [",".join(["cell"] + genes)]
    lines += [",".join([name] + [str(cell.get(g, 0)) for g in range(len(genes))]) for name, cell in zip(names, cells)]
    simulate.write_gzip(folder, name, "\n".join(lines) + "\n")


def write_truth(folder, truth):
    with open(os.path.join(folder, "truth.tsv"), "w") as file:
        file.writelines(f"{name}\t{kind}\n" for name, kind in [("barcode", "type")] + truth)


def samples(folder, rng):
    """Three donors with effects of their own on each gene; a few poor cells and doublets in
    each."""
    blood, truth = Blood(1000, rng), []
    frequencies = {"donor1": [6, 4, 3, 4, 5, 2], "donor2": [8, 3, 2, 3, 4, 2], "donor3.csv.gz": [5, 4, 3, 6, 4, 2]}
    for name, weights in frequencies.items():
        factors = [math.exp(rng.gauss(0, 0.25)) for _ in blood.genes]
        kinds = rng.choices(list(MARKERS), weights, k=240)
        cells = [blood.cell(kind, factors, 1500, rng) for kind in kinds]
        for _ in range(14):
            first, second = rng.sample(range(240), 2)
            genes = set(cells[first]) | set(cells[second])
            cells.append({g: cells[first].get(g, 0) + cells[second].get(g, 0) for g in genes})
        cells += [blood.cell(kind, factors, 1500, rng, poor=True) for kind in kinds[:10]]
        names = [barcode(rng) for _ in cells]
        truth += zip(names, kinds + ["doublet"] * 14 + ["poor cell"] * 10)
        if name.endswith(".gz"):
            write_text(folder, name, names, blood.genes, cells)
        else:
            write_folder(os.path.join(folder, name), names, [(gene, "Gene Expression") for gene in blood.genes], cells)
    write_truth(folder, truth)
    with open(os.path.join(folder, "markers.tsv"), "w") as file:
        file.write("type\tgene\n")
        file.writelines(f"{kind}\t{gene}\n" for kind, markers in MARKERS.items() for gene in markers)


def proteins(folder, rng):
    """RNA and proteins; the RNA of CD4 and CD8 T cells is the same, and only proteins distinguish
    them."""
    blood = Blood(800, rng, alike=[("CD4 T cell", "CD8 T cell")])
    kinds = rng.choices(list(MARKERS), [6, 5, 3, 4, 5, 2], k=600)
    names, cells = [barcode(rng) for _ in kinds], []
    for kind in kinds:
        cell = blood.cell(kind, [1] * len(blood.genes), 700, rng)
        stain = math.exp(rng.gauss(0, 0.3))
        for p, owners in enumerate(PROTEINS.values()):
            mean = stain * (60 if kind in owners else 8)
            count = simulate.poisson(rng.gammavariate(3, mean / 3), rng)
            if count:
                cell[len(blood.genes) + p] = count
        cells.append(cell)
    features = [(gene, "Gene Expression") for gene in blood.genes] + [(name, "Antibody Capture") for name in PROTEINS]
    write_folder(os.path.join(folder, "cite"), names, features, cells)
    write_truth(folder, list(zip(names, kinds)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["samples", "proteins"])
    parser.add_argument("folder", help="the folder to write into")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    {"samples": samples, "proteins": proteins}[options.kind](options.folder, random.Random(options.kind))


if __name__ == "__main__":
    main()
