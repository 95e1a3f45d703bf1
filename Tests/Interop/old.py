"""Run under old versions of anndata: `old.py write FOLDER` makes files, `old.py read FILE` prints
what it sees in one as JSON."""
import json, os, sys, warnings
warnings.filterwarnings("ignore")
import anndata, numpy as np
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import objects

if sys.argv[1] == "write":
    for number, (what, x) in enumerate(objects.matrices(40)):
        data = anndata.AnnData(x, dtype=x.dtype, **objects.parts(40 + number))
        if number % 2:
            data.raw = data.copy()
        name = what.replace(" ", "-").replace(",", "")
        data.write_h5ad(os.path.join(sys.argv[2], f"old-{name}.h5ad"), compression=[None, "gzip", "lzf"][number % 3])
else:
    data = anndata.read_h5ad(sys.argv[2])
    x = data.X.toarray() if hasattr(data.X, "toarray") else np.asarray(data.X)
    json.dump({"version": anndata.__version__, "x": x.astype(float).tolist(), "cells": list(data.obs_names), "genes": list(data.var_names),
               "obs": {name: [str(value) for value in data.obs[name]] for name in data.obs}, "obsm": {name: np.asarray(data.obsm[name]).astype(float).tolist() for name in data.obsm},
               "obsp": {name: data.obsp[name].toarray().astype(float).tolist() for name in data.obsp}, "uns": sorted(data.uns)}, sys.stdout)
