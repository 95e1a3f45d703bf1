#!/usr/bin/env python3
"""New cells mapped onto a trained model, against scanpy.tl.ingest on the same split.

    Benchmarks/mapping.py FILE.h5ad:COLUMN FILE.h5 ... [--seeds N] [--training '--model desc']

A third of each labeled set, drawn at random, is new; the rest is the reference. In a second split
one of the three largest types is missing in the reference. Files of the field's papers hold X and
Y. SC names the programs (.build/release/). ingest runs if scanpy is installed (scanpy 1.11.5 needs
pynndescent 0.5.13 or before for it).
"""
import argparse, os, shutil, subprocess, sys, tempfile, time, warnings

warnings.filterwarnings("ignore")
import anndata, h5py, numpy as np
from scipy import sparse
from sklearn.metrics import f1_score

try:
    import scanpy
except ImportError:
    scanpy = None


def load(text):
    path, _, column = text.partition(":")
    if path.endswith(".h5"):
        with h5py.File(path) as file:
            data, labels = anndata.AnnData(sparse.csr_matrix(file["X"][()].astype(np.float32))), file["Y"][()]
        data.obs_names, data.var_names = [f"cell{i}" for i in range(data.n_obs)], [f"gene{j}" for j in range(data.n_vars)]
    else:
        data = anndata.read_h5ad(path)
        labels = data.obs[column or "label"]
        data = anndata.AnnData(sparse.csr_matrix(data.X), obs=data.obs[[]], var=data.var[[]])
        data.var_names_make_unique()
    data.obs["label"] = np.array([f"type {x}" for x in labels])
    return data


def ours(reference, new, folder, training):
    reference.write_h5ad(f"{folder}/reference.h5ad")
    new.write_h5ad(f"{folder}/new.h5ad")
    types = reference.obs["label"].nunique()
    run = lambda line: subprocess.run(line, shell=True, check=True, cwd=folder)
    run(f"sc-preprocess -q reference.h5ad | sc-knn -q | sc-pretrain -q {training} | sc-cluster -q -c {types} -o trained.st")
    found = {}
    for name, options in (("codes", ""), ("components", "--use X_pca")):
        began = time.time()
        run(f"sc-cluster -q --reference trained.st --transfer label new.h5ad {options} -o mapped.h5ad")
        obs = anndata.read_h5ad(f"{folder}/mapped.h5ad").obs
        found[name] = obs["cluster"].astype(str).to_numpy(), time.time() - began
        found["novel"] = obs["novel"].to_numpy(bool), 0
    return found


def ingested(reference, new):
    reference, new = reference.copy(), new.copy()
    began = time.time()
    for data in (reference, new):
        scanpy.pp.normalize_total(data, target_sum=1e4)
        scanpy.pp.log1p(data)
    scanpy.pp.highly_variable_genes(reference, n_top_genes=min(2000, reference.n_vars))
    genes = reference.var_names[reference.var["highly_variable"]]
    reference, new = reference[:, genes].copy(), new[:, genes].copy()
    scanpy.pp.pca(reference)
    scanpy.pp.neighbors(reference)
    scanpy.tl.umap(reference)
    trained = time.time()
    scanpy.tl.ingest(new, reference, obs="label")
    return new.obs["label"].astype(str).to_numpy(), time.time() - trained


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--training", default="--models 1", help="options of sc-pretrain")
    options = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    os.environ["PATH"] = os.path.abspath(os.environ.get("SC", os.path.join(root, ".build/release"))) + ":" + os.environ["PATH"]
    print("| set | missing type | new cells | codes | components | ingest | F1 codes | F1 ingest | novel found | others called novel | s | ingest s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for number, text in enumerate(options.files):
        data = load(text)
        if scanpy and number == 0:
            # The first call compiles.
            ingested(data[:300].copy(), data[300:400].copy())
        labels = data.obs["label"].to_numpy()
        names, sizes = np.unique(labels, return_counts=True)
        largest = names[np.argsort(-sizes, kind="stable")][:3]
        for missing in [None, *largest]:
            rows = []
            for seed in range(options.seeds):
                third = np.random.default_rng(seed).random(data.n_obs) < 1 / 3
                isnew = third | (labels == missing)
                rows.append(one(data[~isnew].copy(), data[isnew].copy(), missing, options.training))
            mean = np.nanmean(np.array(rows, float), axis=0)
            shown = [f"{value:.3f}" if np.isfinite(value) else "" for value in mean[1:-2]] + [f"{value:.1f}" for value in mean[-2:]]
            print(f"| {os.path.basename(text).split('.')[0]} | {missing or ''} | {int(mean[0])} | {' | '.join(shown)} |", flush=True)


def one(reference, new, missing, training):
    folder = tempfile.mkdtemp(prefix="mapping-")
    try:
        found = ours(reference, new, folder, training)
        truth = new.obs["label"].to_numpy()
        known = truth != missing
        novel = found["novel"][0]
        theirs, seconds = ingested(reference, new) if scanpy else (None, np.nan)
        right = lambda labels: (labels == truth)[known].mean() if labels is not None else np.nan
        score = lambda labels: f1_score(truth[known], labels[known], average="macro", labels=np.unique(truth[known])) if labels is not None else np.nan
        codes = found["codes"]
        return [len(new.obs), right(codes[0]), right(found["components"][0]), right(theirs), score(codes[0]), score(theirs),
                novel[~known].mean() if missing else np.nan, novel[known].mean(), codes[1], seconds]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
