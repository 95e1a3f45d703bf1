"""The steps of an experiment by scanpy: scanpy_experiment.py FILE.h5ad [--threads 2]. Prints one
JSON object.

FILE has counts, and batches in obs/batch. Everything runs once on 500 of its cells first, so that
compilation at scanpy's first calls is not counted; `import scanpy` is not counted either. Each step
has its seconds, and the peak memory of the process up to it in MB.
"""
import argparse, contextlib, io, json, resource, time, warnings

import scanpy


def experiment(data):
    """The seconds and the peak memory of every step."""
    steps = {}

    def timed(name, work):
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            work()
        steps[name] = (time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    def prepare():
        scanpy.pp.filter_genes(data, min_cells=max(3, data.n_obs // 100))
        scanpy.pp.normalize_total(data)
        scanpy.pp.log1p(data)
        scanpy.pp.highly_variable_genes(data, n_top_genes=min(2000, data.n_vars))

    def graph():
        scanpy.pp.pca(data, n_comps=50)
        scanpy.pp.neighbors(data, n_neighbors=15)

    timed("doublets", lambda: scanpy.pp.scrublet(data, batch_key="batch"))
    timed("preprocess", prepare)
    timed("neighbors", graph)
    timed("leiden", lambda: scanpy.tl.leiden(data, flavor="igraph", n_iterations=2, directed=False))
    timed("markers", lambda: scanpy.tl.rank_genes_groups(data, "leiden", method="wilcoxon"))
    timed("umap", lambda: scanpy.tl.umap(data))
    timed("harmony", lambda: scanpy.external.pp.harmony_integrate(data, "batch", verbose=False))
    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    scanpy.settings.n_jobs = options.threads
    start = time.perf_counter()
    data = scanpy.read_h5ad(options.file)
    read = time.perf_counter() - start
    experiment(data[:500].copy())
    print(json.dumps({"version": scanpy.__version__, "read": read, "steps": experiment(data)}))


main()
