"""Leiden clustering of a graph of sc-knn by scanpy: leiden_scanpy.py GRAPH.safetensors
[--resolution 1]. Prints one JSON object: the seconds of tl.leiden alone, by igraph, and how many
clusters."""
import argparse, json, time, warnings

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("stream")
parser.add_argument("--resolution", type=float, default=1)
options = parser.parse_args()
warnings.filterwarnings("ignore")

import anndata, scanpy
from stream import Stream

graph = Stream(options.stream).sparse("obsp.connectivities")
seconds, processor = [], []
for _ in range(2):  # the second time nothing is imported any more
    data = anndata.AnnData(shape=(graph.shape[0], 0))
    start, used = time.perf_counter(), time.process_time()
    scanpy.tl.leiden(data, resolution=options.resolution, adjacency=graph, flavor="igraph", n_iterations=2, directed=False, random_state=0)
    seconds.append(time.perf_counter() - start)
    processor.append(time.process_time() - used)
print(json.dumps({"version": scanpy.__version__, "seconds": seconds[1], "processor": processor[1], "clusters": int(data.obs["leiden"].nunique())}))
