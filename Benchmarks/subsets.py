#!/usr/bin/env python3
"""Small labeled sets, drawn from larger ones, for study.py and table3.py.

    Benchmarks/subsets.py FOLDER FILE:LABELS ... [--cells 300] [--draws 2]     
        # python3 with anndata and h5py

From every set some cells are drawn at random, or four fifths of them if there are fewer. Types with
fewer than six of these cells are left out. Prints a line FILE:label:TYPES for each, as study.py
takes them. Files of the field's papers hold X and Y.
"""
import argparse, os, sys, warnings

warnings.filterwarnings("ignore")
import anndata, h5py, numpy as np
from scipy import sparse


def load(text):
    """The counts of a set, and its types in obs/label."""
    path, _, column = text.partition(":")
    if path.endswith(".h5"):
        with h5py.File(path) as file:
            return anndata.AnnData(sparse.csr_matrix(file["X"][()].astype(np.float32))), file["Y"][()].astype(int).astype(str)
    data = anndata.read_h5ad(path)
    if column not in data.obs:
        sys.exit(f"subsets.py: {path} has no obs/{column}")
    plain = anndata.AnnData(sparse.csr_matrix(data.X))
    plain.obs_names, plain.var_names = data.obs_names, data.var_names
    return plain, data.obs[column].astype(str).to_numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("sets", nargs="+", metavar="FILE:LABELS")
    parser.add_argument("--cells", type=int, default=300)
    parser.add_argument("--draws", type=int, default=2)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    for text in options.sets:
        data, labels = load(text)
        data.obs["label"] = labels
        name = os.path.basename(text.split(":")[0]).split(".")[0]
        count = options.cells if options.cells < 0.95 * data.n_obs else int(0.8 * data.n_obs)
        for draw in range(options.draws):
            chosen = np.sort(np.random.default_rng([options.cells, draw]).choice(data.n_obs, count, replace=False))
            part = data[chosen].copy()
            sizes = part.obs["label"].value_counts()
            part = part[part.obs["label"].isin(sizes.index[sizes >= 6])].copy()
            part.obs["label"] = part.obs["label"].astype(str)
            path = os.path.join(options.folder, f"{name}_{options.cells}_{draw}.h5ad")
            part.write_h5ad(path)
            print(f"{path}:label:{part.obs['label'].nunique()}")


main()
