#!/usr/bin/env python3
"""The steps of an experiment against scanpy's, in one run on the same simulated cells of two
batches.

    SC=.build/release/ Benchmarks/experiment.py [--cells 10000 100000] [--genes 10000] [--threads 2]

Our figures are of whole processes, which also read their input and write their result. scanpy's are
of the calls alone, in one process, without imports, compilation or reading. Their memory is the
peak up to that step. A ratio is theirs divided by ours. Run it by a Python with numpy, scipy, h5py,
anndata, scanpy 1.11.5, scikit-image, harmonypy and igraph.
"""
import argparse, os, sys, tempfile

import peers


def stages(comparison, cells):
    """The name of each step, and our command for it."""
    place, ours = comparison.place, comparison.ours
    return [
        ("doublets", ours("sc-preprocess", cells, "--doublets", "--batch-key", "batch", "-q", "-o", place("doublets.st"))),
        ("preprocess", ours("sc-preprocess", cells, "-q", "-o", place("pre.st"))),
        ("neighbors", ours("sc-knn", place("pre.st"), "-q", "-o", place("knn.st"))),
        ("leiden", ours("sc-cluster", place("knn.st"), "--method", "leiden", "-q", "-o", place("leiden.st"))),
        ("markers", ours("sc-eval", place("leiden.st"), "--markers", place("markers.tsv"), "-q", "-o", place("figures.tsv"))),
        ("umap", ours("sc-eval", place("leiden.st"), "--plot", place("umap.png"), "--layout", "umap", "-q", "-o", place("figures.tsv"))),
        ("harmony", ours("sc-knn", place("pre.st"), "--integrate", "harmony", "--batch-key", "batch", "-q", "-o", place("harmony.st"))),
    ]


def add_batches(path):
    """Divides the cells into two batches, whose genes differ by some factors."""
    import anndata, numpy, scipy.sparse
    data, rng = anndata.read_h5ad(path), numpy.random.default_rng(0)
    batch = rng.integers(0, 2, data.n_obs)
    data.obs["batch"] = [f"batch{number}" for number in batch]
    kept = rng.random(data.n_vars) * 0.6 + 0.4
    counts = scipy.sparse.csr_matrix((data.X.data, data.X.indices.astype("int64"), data.X.indptr.astype("int64")), shape=data.shape)
    cell = numpy.repeat(numpy.arange(data.n_obs), numpy.diff(counts.indptr))
    counts.data[(batch[cell] == 1) & (rng.random(counts.nnz) > kept[counts.indices])] = 0
    counts.eliminate_zeros()
    data.X = counts
    data.write_h5ad(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--genes", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--add-batches", metavar="FILE", help="only give the cells of this .h5ad two batches: in a process of its own, whose memory is not counted")
    options = parser.parse_args()
    if options.add_batches:
        return add_batches(options.add_batches)
    peers.PYTHON = sys.executable
    for cells in options.cells:
        with tempfile.TemporaryDirectory() as folder:
            comparison = peers.Comparison(options, folder)
            path = comparison.simulate("cells.h5ad", cells, options.genes)
            peers.run([sys.executable, os.path.abspath(__file__), "--add-batches", path])
            print(f"# {cells} cells x {options.genes} genes\nstep\tours_seconds\ttheirs_seconds\tratio\tours_mb\ttheirs_mb", flush=True)
            ours = {}
            for step, command in stages(comparison, path):
                (seconds, _), memory, *_ = peers.run(command)
                ours[step] = (seconds, memory)
            report, _ = comparison.peer("scanpy_experiment.py", path, "--threads", options.threads)
            for step, (seconds, memory) in ours.items():
                theirs, peak = report["steps"][step]
                print(f"{step}\t{seconds:.2f}\t{theirs:.2f}\t{theirs / seconds:.1f}\t{memory:.0f}\t{peak:.0f}", flush=True)
            print(f"# scanpy {report['version']}; reading {report['read']:.2f} s", flush=True)


if __name__ == "__main__":
    main()
