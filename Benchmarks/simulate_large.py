#!/usr/bin/env python3
"""Simulates large count matrices with known types in bounded memory, as .h5ad or as Cell Ranger's
HDF5 (needs numpy and h5py).

    simulate_large.py OUTPUT.h5ad|OUTPUT.h5 [--cells 100000] [--genes 2000] [--types 10]
        [--density 0.08] [--like SET] [--seed 0] ...

The gamma-Poisson model of simulate.py: cell i of type t has for gene g the mean

    size_i * base_g * fold_tg / sum_g(base_g * fold_tg)

with log-normal library sizes, log-normal base expressions and marker genes for every type. A count
is then lost with probability dropout * exp(-mean). The median library size is the one at which the
expected share of non-zero counts is --density.

The positions of zeros are drawn first, and counts only for the rest. Cells are drawn and written in
blocks: a million cells of 2000 genes take minutes and half a gigabyte. An .h5ad gets the types as
obs/label. For HDF5 of Cell Ranger they are written to OUTPUT.labels.tsv (barcode <TAB> type).

--second FILE.h5ad is written too: a second measurement of the same cells, by a model of its own for
the same types. It is for sc-preprocess RNA.h5ad --second FILE.h5ad.

--like takes density and spread of the library sizes from a real set, measured on its counts:
SETS
"""
import argparse

import h5py, numpy

BLOCK = 4_000_000  # entries drawn at once
# Share of non-zero counts, and standard deviation of the logarithm of the library sizes.
SETS = {"10x-pbmc": (0.102, 0.45), "human-kidney": (0.093, 1.23), "mouse-bladder": (0.076, 0.86), "worm-neuron": (0.014, 0.60)}
CHUNK = 1 << 18


def programmes(options, rng):
    """The share of every gene in the counts of each type. (types, genes)"""
    base = numpy.exp(rng.normal(0, 1.5, options.genes))
    levels = numpy.tile(base, (options.types, 1))
    markers = max(1, int(0.04 * options.genes))
    for row in levels:
        row[rng.choice(options.genes, markers, replace=False)] *= numpy.exp(numpy.abs(rng.normal(1.2, 0.4, markers)))
    return levels / levels.sum(1, keepdims=True)


def frequencies(options):
    """The share of the cells that each type has, the most frequent first. (types)"""
    def falling(factor):
        weights = factor ** numpy.arange(options.types)
        return weights / weights.sum()
    if options.rarest is None:
        return falling(0.8)
    low, high = 0.0, 1.0
    for _ in range(60):
        factor = (low + high) / 2
        low, high = (factor, high) if falling(factor)[-1] < options.rarest else (low, factor)
    return falling(high)


def chance_of_counts(means, options):
    """The probability that a count is not zero and not lost; a loss depends on the mean alone."""
    shape = numpy.float32(1 / options.dispersion)
    return (1 - numpy.exp(-shape * numpy.log1p(means / shape))) * (1 - numpy.float32(options.dropout) * numpy.exp(-means))


def median_size(options, shares, types, rng):
    """The library size that gives the density asked for, by bisection on a sample of cells."""
    some = rng.choice(options.cells, min(options.cells, max(50, 2_000_000 // options.genes)), replace=False)
    relative = numpy.exp(rng.normal(0, options.spread, len(some)))
    low, high = 1.0, 1e9
    for _ in range(60):
        middle = (low * high) ** 0.5
        if chance_of_counts((middle * relative)[:, None] * shares[types[some]], options).mean() < options.density:
            low = middle
        else:
            high = middle
    return middle


def positive_counts(means, options, rng):
    """Negative binomial counts under the condition that they are not zero: by inversion, and for
    large means as Poisson of gamma."""
    shape = 1 / options.dispersion
    counts = numpy.ones(len(means), dtype=numpy.int64)
    large = means >= 10
    rates = rng.standard_gamma(shape, int(large.sum())) * means[large] / shape
    counts[large] = numpy.maximum(1, rng.poisson(rates))
    left = numpy.flatnonzero(~large)
    odds = means[left].astype(numpy.float64) / shape
    term = numpy.exp(-shape * numpy.log1p(odds))
    chance = rng.random(len(left)) * (1 - term)
    ratio, count = odds / (1 + odds), 0
    while len(left) and count < 1000:
        term *= (count + shape) / (count + 1) * ratio
        chance -= term
        count += 1
        counts[left[chance < 0]] = count
        more = chance >= 0
        left, term, chance, ratio = left[more], term[more], chance[more], ratio[more]
    return counts


def blocks(options, shares, types, size, rng):
    """Counts of the non-zero entries, their genes, and how many each cell has, a block of cells at
    a time."""
    rows = max(1, BLOCK // options.genes)
    shares = shares.astype(numpy.float32)
    for start in range(0, options.cells, rows):
        kinds = types[start:start + rows]
        sizes = size * numpy.exp(rng.normal(0, options.spread, len(kinds)))
        means = shares[kinds] * sizes[:, None].astype(numpy.float32)
        cells, genes = numpy.nonzero(rng.random(means.shape, dtype=numpy.float32) < chance_of_counts(means, options))
        yield positive_counts(means[cells, genes], options, rng), genes, numpy.bincount(cells, minlength=len(kinds))


def growing(group, name, kind):
    return group.create_dataset(name, shape=(0,), maxshape=(None,), dtype=kind, chunks=(CHUNK,))


def append(dataset, values):
    dataset.resize(len(dataset) + len(values), axis=0)
    dataset[len(dataset) - len(values):] = values


def write_matrix(group, kinds, parts):
    """data, indices and indptr of compressed rows, a row a cell; `kinds` are the types of data and
    indices."""
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
    sets = "\n".join(f"  {name}: {density:.1%} non-zero, spread {spread}" for name, (density, spread) in SETS.items())
    parser = argparse.ArgumentParser(description=__doc__.replace("SETS", sets), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="ends in .h5ad (AnnData) or .h5 (Cell Ranger 3)")
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--genes", type=int, default=2_000)
    parser.add_argument("--types", type=int, default=10)
    parser.add_argument("--rarest", type=float, help="share of the cells of the rarest type; shares rise to the most frequent one by a constant factor (default: each type has 0.8 times the cells of the one before)")
    parser.add_argument("--density", type=float, help="share of counts that are not zero (default: 0.08)")
    parser.add_argument("--spread", type=float, help="standard deviation of the logarithm of the library sizes (default: 0.35)")
    parser.add_argument("--like", choices=SETS, help="a real set whose density and spread to take where they are not given")
    parser.add_argument("--dispersion", type=float, default=0.4, help="of the negative binomial (default: 0.4)")
    parser.add_argument("--dropout", type=float, default=0.2, help="largest share of counts lost (default: 0.2)")
    parser.add_argument("--second", help="also a second measurement of the same cells, into this .h5ad")
    parser.add_argument("--features", type=int, default=50, help="of the second measurement (default: 50)")
    parser.add_argument("--second-density", type=float, default=0.6, help="share of its counts that are not zero (default: 0.6)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    density, spread = SETS.get(options.like, (0.08, 0.35))
    options.density = density if options.density is None else options.density
    options.spread = spread if options.spread is None else options.spread
    if not options.output.endswith((".h5ad", ".h5")):
        parser.error("OUTPUT has to end in .h5ad or .h5")
    if options.second and not (options.second.endswith(".h5ad") and options.features > 0 and 0 < options.second_density < 0.75):
        parser.error("--second has to end in .h5ad, with at least one feature and a density between 0 and 0.75")
    if min(options.cells, options.genes, options.types) < 1 or options.types > options.cells or not 0 < options.density < 0.75:
        parser.error("at least one cell, gene and type, no more types than cells, and a density between 0 and 0.75")
    if options.rarest is not None and not 0 < options.rarest <= 1 / options.types:
        parser.error("--rarest has to be above 0, and at most 1 / types")
    if options.dispersion <= 0 or options.spread < 0 or not 0 <= options.dropout < 1:
        parser.error("a dispersion above 0, a spread of at least 0, and a dropout of at least 0 and below 1")
    rng = numpy.random.default_rng(options.seed)
    shares = programmes(options, rng)
    types = rng.choice(options.types, options.cells, p=frequencies(options))
    types[: options.types] = range(options.types)
    rng.shuffle(types)
    names = [f"CELL{cell:07d}-1" for cell in range(options.cells)], [f"GENE{gene + 1}" for gene in range(options.genes)]
    parts = blocks(options, shares, types, median_size(options, shares, types, rng), rng)
    with h5py.File(options.output, "w") as file:
        write = write_anndata if options.output.endswith(".h5ad") else write_cell_ranger
        entries = write(file, options, names, types, parts)
    print(f"{options.output}: {options.cells} cells x {options.genes} genes, {entries / options.cells / options.genes:.2%} non-zero")
    if options.second:
        write_second(options, types, names[0], rng)


def write_second(options, types, barcodes, rng):
    """Another measurement of the same cells, whose types differ in it too."""
    second = argparse.Namespace(**{**vars(options), "genes": options.features, "density": options.second_density})
    shares = programmes(second, rng)
    names = barcodes, [f"FEATURE{feature + 1}" for feature in range(options.features)]
    parts = blocks(second, shares, types, median_size(second, shares, types, rng), rng)
    with h5py.File(options.second, "w") as file:
        entries = write_anndata(file, second, names, types, parts)
    print(f"{options.second}: {options.cells} cells x {options.features} features, {entries / options.cells / options.features:.2%} non-zero")


main()
