#!/usr/bin/env python3
"""Writes the zarr stores beside it, which ZarrReadingTests.swift and MuDataStoreTests.swift read.
Every value follows from a formula; the arrays of AnnData have as many codecs, types and orders as
anndata and zarr-python can write.

    python3 -m venv venv && venv/bin/pip install anndata==0.12.19 mudata==0.3.10 zarr==3.1.6
    venv/bin/python Tests/Fixtures/make-zarr.py
"""
import pathlib
import tempfile
import warnings
import zipfile

import anndata
import mudata
import numcodecs
import numpy as np
import pandas as pd
import scipy.sparse
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

warnings.filterwarnings("ignore")
CELLS, GENES = 6, 5


def example():
    """X is (7 i + 3 j) mod 5 if that is above 1."""
    i, j = np.indices((CELLS, GENES))
    dense = (7 * i + 3 * j) % 5
    dense[dense < 2] = 0
    obs = pd.DataFrame(index=[f"cell{i}" for i in range(CELLS)])
    obs["type"] = pd.Categorical.from_codes([0, 1, -1, 1, 0, 0], ["T cell", "β cell"], ordered=True)
    obs["batch"] = [f"lane {i % 2}" for i in range(CELLS)]
    obs["count"] = np.arange(CELLS)
    obs["kept"] = [i % 2 == 0 for i in range(CELLS)]
    obs["masked"] = pd.array([1, None, 3, 4, None, 6], dtype="Int64")
    object_ = anndata.AnnData(
        scipy.sparse.csr_matrix(dense.astype(np.float32)), obs=obs, var=pd.DataFrame(index=[f"g{j}" for j in range(GENES)]))
    object_.layers["dense"] = dense.astype(np.float64)
    object_.obsm["X_pca"] = (i[:, :3] + 10 * j[:, :3]).astype(np.float32)
    object_.uns = {"name": "fixture", "half": np.arange(4, dtype=np.float32) / 2}
    return object_


def replace(group, name, values, **layout):
    """The same array in another layout."""
    old = group[name]
    attributes = dict(old.attrs)
    del group[name]
    array = group.create_array(name, shape=values.shape, dtype=values.dtype, **layout)
    array[...] = values
    array.attrs.update(attributes)


def vary2(root):
    x, dense, pca = root["X"], root["layers/dense"][...], root["obsm/X_pca"][...]
    bits = numcodecs.Blosc(cname="zstd", clevel=3, shuffle=numcodecs.Blosc.BITSHUFFLE)
    replace(x, "data", x["data"][...], chunks=(4,), compressors=bits)
    replace(x, "indices", x["indices"][...].astype(">i8"), chunks=(5,), compressors=numcodecs.Zlib(1))
    replace(x, "indptr", x["indptr"][...], chunks=(7,), compressors=None)
    replace(root["layers"], "dense", dense, chunks=(4, 2), order="F", compressors=numcodecs.GZip(1),
            chunk_key_encoding={"name": "v2", "separator": "/"})
    replace(root["obsm"], "X_pca", pca.astype(">f8"), chunks=(4, 2), compressors=numcodecs.Zstd(3))
    replace(root["uns"], "half", root["uns/half"][...].astype("f2"), chunks=(3,), filters=[numcodecs.Shuffle(2)], compressors=numcodecs.Zstd(1))
    replace(root["obs/batch"], "categories", root["obs/batch/categories"][...].astype("S7"), chunks=(2,), filters=None)


def vary3(root):
    x, dense, pca = root["X"], root["layers/dense"][...], root["obsm/X_pca"][...]
    replace(x, "data", x["data"][...], chunks=(4,), compressors=BloscCodec(cname="lz4", shuffle="shuffle", typesize=4))
    replace(x, "indices", x["indices"][...], chunks=(4,), shards=(8,), compressors=[ZstdCodec(level=1), Crc32cCodec()])
    replace(x, "indptr", x["indptr"][...], chunks=(7,), serializer=BytesCodec(endian="big"), compressors=None)
    replace(root["layers"], "dense", dense, chunks=(2, 2), shards=(4, 4), compressors=[GzipCodec(level=1)])
    replace(root["obsm"], "X_pca", pca, chunks=(4, 2), filters=[TransposeCodec(order=(1, 0))], chunk_key_encoding={"name": "default", "separator": "."})
    replace(root["uns"], "half", root["uns/half"][...].astype("f2"), chunks=(3,))
    replace(root["obs/batch"], "categories", root["obs/batch/categories"][...].astype("U7"), chunks=(2,))


def pair():
    """The cells of `example` with proteins, i + 10 j, of all cells but the first, the last
    first."""
    i, j = np.indices((CELLS, 2))
    rna = example()
    rna.obs, rna.uns = rna.obs[["type"]], {}
    proteins = anndata.AnnData((i + 10 * j).astype(np.float32), obs=pd.DataFrame(index=rna.obs_names), var=pd.DataFrame(index=["CD3", "CD4"]))
    object_ = mudata.MuData({"prot": proteins[:0:-1].copy(), "rna": rna})
    object_.obsm["X_both"] = np.array([[int(name[4:]) + 0.5] * 2 for name in object_.obs_names], dtype=np.float32)
    object_.uns["name"] = "pair"
    return object_


def pack(store, target, method):
    with zipfile.ZipFile(target, "w", method) as archive:
        for file in sorted(store.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(str(file.relative_to(store)))
                entry.compress_type = method
                archive.writestr(entry, file.read_bytes())


def main():
    here = pathlib.Path(__file__).parent
    for version, vary in ((2, vary2), (3, vary3)):
        anndata.settings.zarr_write_format = version
        with tempfile.TemporaryDirectory() as folder:
            store = pathlib.Path(folder) / "a.zarr"
            example().write_zarr(store)
            vary(zarr.open_group(store, mode="r+", use_consolidated=False))
            for file in store.rglob(".zmetadata"):
                file.unlink()
            zarr.consolidate_metadata(store)
            pack(store, here / f"version{version}.zarr.zip", zipfile.ZIP_DEFLATED if version == 2 else zipfile.ZIP_STORED)
        with tempfile.TemporaryDirectory() as folder:
            store = pathlib.Path(folder) / "a.zarr"
            pair().write_zarr(store)
            pack(store, here / f"mudata{version}.zarr.zip", zipfile.ZIP_DEFLATED)


main()
