#!/usr/bin/env python3
"""Simulates a single-cell count matrix with known cell types, with nothing but the standard
library.

Counts are negative binomial (gamma-Poisson): cell i of type t has for gene g the mean
    size_i * base_g * fold_tg / sum_g(base_g * fold_tg)
with log-normal library sizes and base expressions, and a programme of marker genes for each type. A
count is then lost with a probability that falls with its mean (dropout). The same options and seed
give the same files.

With --reads the counts are reads of full-length protocols, which have no UMIs: molecules × length
of the gene × amplification. Lengths are log-normal, and every molecule is amplified by itself. Half
of the counts that are not zero are then in the hundreds.

With --batches B every cell is of one of B batches, independently of its type. The mean of every
gene is multiplied by a log-normal factor of the batch. Each batch is then a folder of its own,
OUTPUT/batch1 and so on, for sc-preprocess to join; labels.tsv covers all.

Written into OUTPUT: matrix.mtx.gz, features.tsv.gz and barcodes.tsv.gz as Cell Ranger 3 writes them
(genes in rows). labels.tsv has one line for each cell: barcode <TAB> type.
"""
import argparse
import bisect
import gzip
import math
import os
import random


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="the folder to write into")
    parser.add_argument("--cells", type=int, default=700)
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--types", type=int, default=8)
    parser.add_argument("--markers", type=float, default=0.04, help="share of genes that mark a type")
    parser.add_argument("--fold", type=float, default=1.2, help="mean log fold change of a marker")
    parser.add_argument("--depth", type=float, default=800, help="median counts of a cell")
    parser.add_argument("--dispersion", type=float, default=0.4, help="of the negative binomial")
    parser.add_argument("--dropout", type=float, default=0.2, help="largest share of counts lost")
    parser.add_argument("--reads", action="store_true", help="counts of reads, not of molecules")
    parser.add_argument("--amplification", type=float, default=250, help="with --reads: mean reads of a molecule")
    parser.add_argument("--batches", type=int, default=1, help="batches with effects of their own on genes")
    parser.add_argument("--batch-effect", type=float, default=0.5, help="with --batches: deviation of the log factor of a gene")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if min(options.cells, options.genes, options.types, options.batches) < 1 or options.types > options.cells:
        parser.error("at least one cell, gene and type, and no more types than cells")
    return options


def expression_programmes(options, rng):
    """The share of every gene in each type's counts: types lists of genes numbers that sum to 1."""
    base = [math.exp(rng.gauss(0, 1.5)) for _ in range(options.genes)]
    programmes = []
    for _ in range(options.types):
        levels = list(base)
        for gene in rng.sample(range(options.genes), max(1, int(options.markers * options.genes))):
            levels[gene] *= math.exp(abs(rng.gauss(options.fold, 0.4)))
        total = sum(levels)
        programmes.append([level / total for level in levels])
    return programmes


def programmes_of_batches(programmes, options, rng):
    """The programmes of every batch: those given, each gene by a factor of the batch. One batch has
    none."""
    if options.batches == 1:
        return [programmes]
    result = []
    for _ in range(options.batches):
        factors = [math.exp(rng.gauss(0, options.batch_effect)) for _ in range(options.genes)]
        own = [[share * factor for share, factor in zip(shares, factors)] for shares in programmes]
        result.append([[share / sum(shares) for share in shares] for shares in own])
    return result


def types_of_cells(options, rng):
    """A type for every cell, frequencies falling geometrically, each type at least once, in random
    order."""
    weights = [0.8 ** t for t in range(options.types)]
    running = [sum(weights[:t + 1]) for t in range(options.types)]
    types = list(range(options.types))
    while len(types) < options.cells:
        types.append(bisect.bisect(running, rng.random() * running[-1]))
    rng.shuffle(types)
    return types


def poisson(mean, rng):
    """Knuth's product of uniforms, in steps of 30 so that exp(-mean) does not vanish."""
    count = 0
    while mean > 0:
        step = min(mean, 30.0)
        limit, product = math.exp(-step), rng.random()
        while product > limit:
            count += 1
            product *= rng.random()
        mean -= step
    return count


def counts_of_cell(shares, size, options, rng):
    """The genes with counts of one cell: a list of (gene, count)."""
    shape = 1 / options.dispersion
    uniform, exp, log1p = rng.random, math.exp, math.log1p
    found = []
    for gene, share in enumerate(shares):
        mean = size * share
        odds = mean / shape
        probability = exp(-shape * log1p(odds))  # of no count at all
        chance = uniform()
        if chance < probability:
            continue
        if uniform() < options.dropout * exp(-mean):
            continue
        if mean < 10:  # by inversion: p(k + 1) = p(k) (k + shape) / (k + 1) * odds / (1 + odds)
            count, ratio = 0, odds / (1 + odds)
            chance -= probability
            while chance >= 0 and count < 1000:
                probability *= (count + shape) / (count + 1) * ratio
                chance -= probability
                count += 1
        else:
            count = max(1, poisson(rng.gammavariate(shape, odds), rng))
        found.append((gene, count))
    return found


def gene_lengths(options, rng):
    """How many reads a molecule of every gene gives, against the mean of all genes."""
    return [math.exp(rng.gauss(-0.32, 0.8)) for _ in range(options.genes)]


def reads(count, length, options, rng):
    """The reads of that many molecules, of which each is amplified by a gamma factor of shape 1/2:
    some hundredfold, some thousandfold."""
    return max(1, round(length * rng.gammavariate(0.5 * count, 2 * options.amplification)))


def barcode(number):
    """Sixteen letters that spell the number, as a sequencer would name the cell."""
    letters = []
    for _ in range(16):
        letters.append("ACGT"[number & 3])
        number = (number >> 2) ^ ((number & 3) * 0x9E3779)
    return "".join(letters)


def barcodes(count):
    """Distinct names."""
    names, seen, number = [], set(), 1
    while len(names) < count:
        name = barcode(number * 2654435761 % (1 << 32)) + "-1"
        number += 1
        if name not in seen:
            seen.add(name)
            names.append(name)
    return names


def gene_names(count):
    """GENE1, GENE2, ...; the last one in a hundred are mitochondrial by name."""
    mitochondrial = count // 100
    return [f"GENE{g + 1}" for g in range(count - mitochondrial)] + [
        f"MT-{g + 1}" for g in range(mitochondrial)]


def write_gzip(folder, name, text):
    """Without a time stamp: equal text, equal bytes."""
    with open(os.path.join(folder, name), "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=4, mtime=0) as stream:
            stream.write(text.encode())


def write_matrix(folder, options, cells, names):
    """A folder as Cell Ranger 3 writes it: of each cell a list of (gene, count)."""
    os.makedirs(folder, exist_ok=True)
    entries = [
        f"{gene + 1} {cell + 1} {count}\n" for cell, found in enumerate(cells) for gene, count in found]
    write_gzip(
        folder, "matrix.mtx.gz",
        "%%MatrixMarket matrix coordinate integer general\n"
        f"{options.genes} {len(cells)} {len(entries)}\n" + "".join(entries))
    write_gzip(
        folder, "features.tsv.gz", "".join(
            f"SIM{g + 1:06d}\t{name}\tGene Expression\n"
            for g, name in enumerate(gene_names(options.genes))))
    write_gzip(folder, "barcodes.tsv.gz", "".join(f"{name}\n" for name in names))


def main():
    options = parse_arguments()
    rng = random.Random(options.seed)
    programmes = expression_programmes(options, rng)
    types = types_of_cells(options, rng)
    names = barcodes(options.cells)
    # A stream of its own: molecules are the same with and without --reads.
    amplifier = random.Random(f"{options.seed} reads")
    lengths = gene_lengths(options, amplifier)
    # The same for batches.
    sampler = random.Random(f"{options.seed} batches")
    of_batches = programmes_of_batches(programmes, options, sampler)
    batches = [sampler.randrange(options.batches) for _ in types]
    cells = []
    for kind, batch in zip(types, batches):
        size = options.depth * math.exp(rng.gauss(0, 0.35))
        found = counts_of_cell(of_batches[batch][kind], size, options, rng)
        if options.reads:
            found = [(gene, reads(count, lengths[gene], options, amplifier)) for gene, count in found]
        cells.append(found)
    if options.batches == 1:
        write_matrix(options.output, options, cells, names)
    else:
        for batch in range(options.batches):
            rows = [row for row, own in enumerate(batches) if own == batch]
            write_matrix(
                os.path.join(options.output, f"batch{batch + 1}"), options, [cells[row] for row in rows],
                [names[row] for row in rows])
    with open(os.path.join(options.output, "labels.tsv"), "w") as file:
        file.writelines(f"{name}\ttype{kind + 1}\n" for name, kind in zip(names, types))


if __name__ == "__main__":
    main()
