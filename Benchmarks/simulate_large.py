#!/usr/bin/env python3
"""Simulates large count matrices with known types in bounded memory, as .h5ad or as Cell Ranger's HDF5 (needs numpy and h5py).

    simulate_large.py OUTPUT.h5ad|OUTPUT.h5 [--cells 100000] [--genes 2000] [--types 10] [--density 0.08] [--seed 0]

The gamma-Poisson model of simulate.py: cell i of type t has for gene g the mean size_i * base_g * fold_tg / sum_g(base_g * fold_tg) with log-normal library sizes,
log-normal base expressions and marker genes for every type; a count is then lost with probability dropout * exp(-mean). The median library size is the one at which
the expected share of non-zero counts is --density. Cells are drawn and written in blocks. An .h5ad gets the types as obs/label; for HDF5 of Cell Ranger they are
written beside it, into OUTPUT.labels.tsv (barcode <TAB> type).
"""
import argparse

import h5py, numpy

SHAPE = 2.5  # of the gamma: dispersion 0.4
DROPOUT = 0.2
BLOCK = 8_000_000  # entries drawn at once
CHUNK = 1 << 18


def programmes(options, rng):
    """The share of every gene in the counts of each type. (types, genes)"""
    base = numpy.exp(rng.normal(0, 1.5, options.genes))
    levels = numpy.tile(base, (options.types, 1))
    markers = max(1, int(0.04 * options.genes))
    for row in levels:
        row[rng.choice(options.genes, markers, replace=False)] *= numpy.exp(numpy.abs(rng.normal(1.2, 0.4, markers)))
    return levels / levels.sum(1, keepdims=True)


def expected_density(shares, sizes):
    """The expected share of non-zero counts, without the small correlation of dropout and count."""
    means = sizes[:, None] * shares
    return float(numpy.mean((1 - numpy.exp(-SHAPE * numpy.log1p(means / SHAPE))) * (1 - DROPOUT * numpy.exp(-means))))


def median_size(options, shares, types, rng):
    """The library size that gives the density asked for, by bisection on a sample of cells."""
    some = rng.choice(options.cells, min(options.cells, max(50, 2_000_000 // options.genes)), replace=False)
    relative = numpy.exp(rng.normal(0, 0.35, len(some)))
    low, high = 1.0, 1e9
    for _ in range(60):
        middle = (low * high) ** 0.5
        if expected_density(shares[types[some]], middle * relative) < options.density:
            low = middle
        else:
            high = middle
    return middle


def blocks(options, shares, types, size, rng):
    """Counts of the non-zero entries, their genes, and how many each cell has, a block of cells at a time."""
    rows = max(1, BLOCK // options.genes)
    shares = shares.astype(numpy.float32)
    for start in range(0, options.cells, rows):
        kinds = types[start:start + rows]
        sizes = size * numpy.exp(rng.normal(0, 0.35, len(kinds)))
        means = shares[kinds] * sizes[:, None].astype(numpy.float32)
        rates = rng.standard_gamma(SHAPE, means.shape, dtype=numpy.float32) * means / numpy.float32(SHAPE)
        counts = rng.poisson(rates)
        cells, genes = numpy.nonzero(counts)
        kept = rng.random(len(cells)) >= DROPOUT * numpy.exp(-means[cells, genes])
        cells, genes = cells[kept], genes[kept]
        yield counts[cells, genes], genes, numpy.bincount(cells, minlength=len(kinds))


def growing(group, name, kind):
    return group.create_dataset(name, shape=(0,), maxshape=(None,), dtype=kind, chunks=(CHUNK,))


def append(dataset, values):
    dataset.resize(len(dataset) + len(values), axis=0)
    dataset[len(dataset) - len(values):] = values


def write_matrix(group, kinds, parts):
    """data, indices and indptr of compressed rows, a row a cell; `kinds` are the types of data and indices."""
    data, indices = growing(group, "data", kinds[0]), growing(group, "indices", kinds[1])
    ends = [numpy.zeros(1, dtype=numpy.int64)]
    for counts, genes, lengths in parts:
        append(data, counts)
        append(indices, genes)
        ends.append(ends[-1][-1] + numpy.cumsum(lengths))
    group.create_dataset("indptr", data=numpy.concatenate(ends))
    return len(data)


def marked(item, kind, version, **more):
    for name, value in {"encoding-type": kind, "encoding-version": version, **more}.items():
        item.attrs[name] = value
    return item


def write_texts(group, name, values):
    marked(group.create_dataset(name, data=numpy.array(values, dtype=object), dtype=h5py.string_dtype()), "string-array", "0.2.0")


def write_anndata(file, options, names, types, parts):
    marked(file, "anndata", "0.1.0")
    columns = h5py.string_dtype()
    for axis, index, order in (("obs", names[0], ["label"]), ("var", names[1], [])):
        group = marked(file.create_group(axis), "dataframe", "0.2.0", _index="_index")
        group.attrs["column-order"] = numpy.array(order, dtype=columns)
        write_texts(group, "_index", index)
    write_texts(file["obs"], "label", [f"type{kind + 1}" for kind in types])
    matrix = marked(file.create_group("X"), "csr_matrix", "0.1.0", shape=numpy.array([options.cells, options.genes]))
    return write_matrix(matrix, ("f4", "i4"), parts)


def write_cell_ranger(file, options, names, types, parts):
    matrix = file.create_group("matrix")
    matrix["barcodes"] = numpy.array(names[0], dtype="S")
    matrix["shape"] = numpy.array([options.genes, options.cells], dtype=numpy.int32)
    features = matrix.create_group("features")
    features["id"] = numpy.array([f"SIM{gene:06d}" for gene in range(options.genes)], dtype="S")
    features["name"] = numpy.array(names[1], dtype="S")
    features["feature_type"] = numpy.array(["Gene Expression"] * options.genes, dtype="S")
    features["genome"] = numpy.array(["simulated"] * options.genes, dtype="S")
    features["_all_tag_keys"] = numpy.array(["genome"], dtype="S")
    with open(options.output + ".labels.tsv", "w") as labels:
        labels.writelines(f"{name}\ttype{kind + 1}\n" for name, kind in zip(names[0], types))
    return write_matrix(matrix, ("i4", "i8"), parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--genes", type=int, default=2_000)
    parser.add_argument("--types", type=int, default=10)
    parser.add_argument("--density", type=float, default=0.08)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not options.output.endswith((".h5ad", ".h5")):
        parser.error("OUTPUT has to end in .h5ad or .h5")
    if min(options.cells, options.genes, options.types) < 1 or options.types > options.cells or not 0 < options.density < 0.75:
        parser.error("at least one cell, gene and type, no more types than cells, and a density between 0 and 0.75")
    rng = numpy.random.default_rng(options.seed)
    shares = programmes(options, rng)
    frequencies = 0.8 ** numpy.arange(options.types)
    types = rng.choice(options.types, options.cells, p=frequencies / frequencies.sum())
    types[: options.types] = range(options.types)
    rng.shuffle(types)
    names = [f"CELL{cell:07d}-1" for cell in range(options.cells)], [f"GENE{gene + 1}" for gene in range(options.genes)]
    parts = blocks(options, shares, types, median_size(options, shares, types, rng), rng)
    with h5py.File(options.output, "w") as file:
        write = write_anndata if options.output.endswith(".h5ad") else write_cell_ranger
        entries = write(file, options, names, types, parts)
    print(f"{options.output}: {options.cells} cells x {options.genes} genes, {entries / options.cells / options.genes:.2%} non-zero")


main()
