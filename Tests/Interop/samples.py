"""Several samples joined by sc-preprocess, beside anndata.concat."""
import anndata, numpy as np, pandas as pd
from scipy import sparse


def sample(seed, cells, genes, names):
    chance = np.random.default_rng(seed)
    x = chance.poisson(chance.gamma(0.5, 2, size=genes), size=(cells, genes)).astype(np.float32)
    return anndata.AnnData(sparse.csr_matrix(x), obs=pd.DataFrame({"kind": chance.choice(["p", "q"], cells)}, index=names),
                           var=pd.DataFrame(index=[f"gene{j}" for j in chance.permutation(genes + seed * 20)[:genes]]))


def every_check(checks, run):
    print("samples beside anndata.concat")
    tally, at = checks.tally, checks.at
    parts = {"a": sample(1, 60, 200, [f"cell{i}" for i in range(60)]), "b": sample(2, 50, 220, [f"cell{i}" for i in range(40, 90)]),
             "third": sample(3, 40, 210, [f"other{i}" for i in range(40)])}
    for name, data in parts.items():
        data.write_h5ad(at(f"sample-{name}.h5ad"))

    def joined(how):
        run(f"sc-preprocess -q a=sample-a.h5ad b=sample-b.h5ad third=sample-third.h5ad --join {how} --genes 9999 --min-cells-fraction 0 -o joined.h5ad", checks.folder)
        ours, theirs = anndata.read_h5ad(at("joined.h5ad")), anndata.concat(parts, join=how, label="sample", index_unique="-", fill_value=0)
        counted = np.asarray(theirs.X.sum(axis=0)).ravel() > 0
        tally.same(np.sort(ours.var_names.to_numpy(object)), np.sort(theirs.var_names.to_numpy(object)[counted]), "genes")
        tally.same(ours.obs_names.to_numpy(object), theirs.obs_names.to_numpy(object), "cells")
        tally.same(ours.layers["counts"].toarray(), theirs[:, ours.var_names].X.toarray(), "counts")
        for column in ("sample", "kind"):
            tally.same(ours.obs[column].astype(str).to_numpy(object), theirs.obs[column].astype(str).to_numpy(object), column)
    for how in ("inner", "outer"):
        tally.check(f"--join {how}", lambda: joined(how))
