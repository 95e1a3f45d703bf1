"""k-means of an embedding by scikit-learn: kmeans_sklearn.py GRAPH.safetensors CLUSTERS [--starts
20] [--use X_pca]. Prints one JSON object: the seconds of fit alone, and the inertia."""
import argparse, json, time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("stream")
parser.add_argument("clusters", type=int)
parser.add_argument("--starts", type=int, default=20)
parser.add_argument("--use", default="X_pca")
options = parser.parse_args()

import sklearn
from sklearn.cluster import KMeans
from stream import Stream

codes = Stream(options.stream)["obsm." + options.use]
start, used = time.perf_counter(), time.process_time()
model = KMeans(options.clusters, n_init=options.starts, random_state=0).fit(codes)
print(json.dumps({"version": sklearn.__version__, "seconds": time.perf_counter() - start, "processor": time.process_time() - used, "inertia": float(model.inertia_)}))
