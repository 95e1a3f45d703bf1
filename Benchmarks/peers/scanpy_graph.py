"""Counts to neighbor graph by scanpy: scanpy_graph.py FILE.h5ad [--genes 2000] [--threads 2]
[--compare GRAPH.safetensors]. Prints one JSON object.

Everything is done twice. `first` counts what scanpy compiles and imports at the first call of a
function; `steps` and `seconds` are of the second time. Neither counts `import scanpy`. With
--compare it also prints the genes and neighbors that a graph of sc-knn on the same file shares with
this one.
"""
import argparse, json, time, warnings

import numpy, scanpy
from stream import Stream


def graph(file, genes):
    """The data with its graph, and the seconds of every step."""
    steps, last = {}, time.perf_counter()

    def done(step):
        nonlocal last
        now = time.perf_counter()
        steps[step], last = round(now - last, 4), now

    data = scanpy.read_h5ad(file)
    done("read")
    scanpy.pp.filter_genes(data, min_cells=-(-data.n_obs // 100))
    done("filter_genes")
    scanpy.pp.normalize_total(data)
    done("normalize_total")
    scanpy.pp.log1p(data)
    done("log1p")
    scanpy.pp.highly_variable_genes(data, n_top_genes=min(genes, data.n_vars))
    data = data[:, data.var.highly_variable].copy()
    done("highly_variable_genes")
    scanpy.pp.scale(data)
    done("scale")
    scanpy.pp.pca(data, n_comps=50)
    done("pca")
    scanpy.pp.neighbors(data, n_neighbors=15)
    done("neighbors")
    return data, steps


def in_common(data, path):
    """The shares of our genes and of our cells' neighbors that are also scanpy's."""
    stream = Stream(path)
    ours, theirs = stream.sparse("obsp.distances"), data.obsp["distances"].tocsr()
    shared = sum(len(numpy.intersect1d(ours[cell].indices, theirs[cell].indices)) for cell in range(ours.shape[0]))
    names = set(stream.texts("var._index"))
    return {"genes": len(names & set(data.var_names)) / len(names), "neighbors": shared / ours.nnz}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compare")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    scanpy.settings.n_jobs = options.threads
    start = time.process_time()
    _, first = graph(options.file, options.genes)
    between = time.process_time()
    data, steps = graph(options.file, options.genes)
    processor = {"processor_first": between - start, "processor": time.process_time() - between}
    report = {"version": scanpy.__version__, "first": sum(first.values()), "steps": steps, "seconds": sum(steps.values()), **processor}
    if options.compare:
        report["common"] = in_common(data, options.compare)
    print(json.dumps(report))


main()
