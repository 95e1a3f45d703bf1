"""Objects that hold what a reader may meet, made the same way by every version of anndata."""
import numpy as np, pandas as pd
from scipy import sparse


def parts(seed, cells=60, genes=30):
    """The arguments of AnnData, without X."""
    chance = np.random.default_rng(seed)
    names = [f"cell{i}" for i in range(cells)]
    obs = pd.DataFrame({
        "type": pd.Categorical(chance.choice(["alpha", "beta", "γ", "d/e f"], cells)),
        "ranked": pd.Categorical(chance.choice(["low", "high"], cells), categories=["low", "middle", "high"], ordered=True),
        "holes": pd.Categorical([None if i % 7 == 0 else "ab"[i % 2] for i in range(cells)]),
        "depth": chance.random(cells), "small": chance.random(cells).astype(np.float32), "number": chance.integers(-5, 1 << 40, cells),
        "byte": chance.integers(0, 200, cells).astype(np.uint8), "kept": chance.random(cells) < 0.5, "missing": [np.nan if i % 5 == 0 else i / 3 for i in range(cells)],
        "day": pd.Categorical(np.arange(cells) % 4 * 7), "stimulated": pd.Categorical(np.arange(cells) % 2 == 0),
        "word": [f"w {i} ü" for i in range(cells)],
    }, index=names)
    var = pd.DataFrame({"symbol": [f"S{j}" for j in range(genes)], "score": chance.random(genes), "used": chance.random(genes) < 0.5},
                       index=[f"gene{j}" for j in range(genes)])
    graph = sparse.random(cells, cells, 0.1, format="csr", random_state=seed, dtype=np.float32)
    uns = {"text": "some words", "whole": 7, "real": 0.25, "list": np.array(["a", "b"]), "array": np.arange(12.0).reshape(3, 4), "inner": {"deep": {"x": 1}, "y": np.arange(3)},
           "colors": np.array(["#ff0000", "#00ff00"])}
    obsm = {"X_test": chance.normal(size=(cells, 6)).astype(np.float32), "X_wide": chance.normal(size=(cells, 3))}
    return {"obs": obs, "var": var, "obsm": obsm, "varm": {"loads": chance.normal(size=(genes, 4))}, "layers": {"counts": sparse.csr_matrix(counts(seed, cells, genes))},
            "uns": uns, "obsp": {"links": graph}}


def counts(seed, cells=60, genes=30):
    """Counts of three groups of cells."""
    chance = np.random.default_rng(seed + 1)
    rate = 1 + 5 * (np.arange(genes) // 10 == (np.arange(cells) % 3)[:, None])
    return chance.poisson(rate).astype(np.float32)


def matrices(seed):
    """X in the ways that it is stored."""
    x = counts(seed)
    yield "dense float32", x
    yield "dense float64", x.astype(np.float64) / 3
    yield "dense int64", x.astype(np.int64)
    yield "csr float32", sparse.csr_matrix(x)
    yield "csr int32", sparse.csr_matrix(x.astype(np.int32))
    yield "csc float64", sparse.csc_matrix(x.astype(np.float64) / 7)
    unsorted = sparse.csr_matrix(x)
    for i in range(unsorted.shape[0]):
        span = slice(unsorted.indptr[i], unsorted.indptr[i + 1])
        unsorted.indices[span], unsorted.data[span] = unsorted.indices[span][::-1].copy(), unsorted.data[span][::-1].copy()
    yield "csr, indices in no order", unsorted
