"""AnnData and MuData in zarr, in both directions. A stage reads what anndata writes and writes it
as .h5ad, and anndata reads what stages write."""
import os, shutil, zipfile
import anndata, mudata, numcodecs, numpy as np, pandas as pd, zarr
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec
import objects

CODECS = {2: ["default", "zstd", "gzip", "zlib", "blosc zlib", "blosc blosclz", "none"], 3: ["default", "zstd", "gzip", "blosc zstd", "none", "shards"]}

# What stages write: the version, the ending, and the option for it.
WRITTEN = [(2, ".zarr", ""), (2, ".zarr.zip", ""), (3, ".3.zarr", "--format zarr-3"), (3, ".3.zarr.zip", "--format zarr-3.zip")]


def source(place):
    return zarr.storage.ZipStore(place, mode="r") if place.endswith("zip") else place


def opened(place, **how):
    return zarr.open_group(source(place), mode="r", **how)


def recoded(store, version, name):
    """The store with every array of numbers in another coding, in several chunks."""
    if name == "default":
        return
    kinds = {"zstd": numcodecs.Zstd(3), "gzip": numcodecs.GZip(2), "zlib": numcodecs.Zlib(2), "blosc zlib": numcodecs.Blosc("zlib", 3, numcodecs.Blosc.BITSHUFFLE),
             "blosc blosclz": numcodecs.Blosc("blosclz", 5, numcodecs.Blosc.NOSHUFFLE), "none": None} if version == 2 else {
             "zstd": ZstdCodec(level=3), "gzip": GzipCodec(level=2), "blosc zstd": BloscCodec(cname="zstd", shuffle="bitshuffle"), "none": None, "shards": ZstdCodec(level=1)}

    def visit(group):
        for key, member in list(group.members()):
            if isinstance(member, zarr.Group):
                visit(member)
            elif member.shape and member.size and member.dtype.kind in "iufb":
                values, attributes = member[...], dict(member.attrs)
                del group[key]
                chunks = tuple(max(1, -(-size // 3)) for size in values.shape)
                more = {"shards": tuple(2 * size for size in chunks)} if name == "shards" else {}
                array = group.create_array(key, shape=values.shape, dtype=values.dtype, chunks=chunks, compressors=kinds[name], **more)
                array[...] = values
                array.attrs.update(attributes)

    visit(zarr.open_group(store, mode="r+", use_consolidated=False))
    for place, _, names in os.walk(store):
        for file in names:
            if file == ".zmetadata":
                os.remove(os.path.join(place, file))


def archive(store, target, method):
    with zipfile.ZipFile(target, "w", method) as file:
        for place, _, names in os.walk(store):
            for name in names:
                path = os.path.join(place, name)
                file.write(path, os.path.relpath(path, store))


def compare(tally, ours, theirs, what):
    tally.same(ours.X, theirs.X, f"{what} X")
    tally.same_table(ours.obs, theirs.obs, f"{what} obs")
    tally.same_table(ours.var, theirs.var, f"{what} var")
    for part in ("layers", "obsm", "varm", "obsp"):
        for name, value in getattr(theirs, part).items():
            tally.same(getattr(ours, part)[name], value, f"{what} {part}/{name}")
    for name in ("text", "whole", "real", "list", "array"):
        tally.same(np.asarray(ours.uns[name]), np.asarray(theirs.uns[name]), f"{what} uns/{name}")


def every_check(checks, run):
    """Every coding of either version through sc-knn, and its result in all containers by
    anndata."""
    print("zarr stores")
    tally, at = checks.tally, checks.at
    parts = objects.parts(5)
    data = anndata.AnnData(objects.counts(5), **parts)
    data.obsm["X_pca"] = data.obsm["X_test"]
    for version, codings in CODECS.items():
        for coding in codings:
            def read(version=version, coding=coding):
                store = at("a.zarr")
                shutil.rmtree(store, ignore_errors=True)
                anndata.settings.zarr_write_format = version
                data.write_zarr(store)
                recoded(store, version, coding)
                archive(store, at("a.zarr.zip"), zipfile.ZIP_DEFLATED if version == 2 else zipfile.ZIP_STORED)
                for name in ("a.zarr", "a.zarr.zip"):
                    run(f"sc-knn {name} --use X_pca -n 5 -q -o read.h5ad", checks.folder)
                    compare(tally, anndata.read_h5ad(at("read.h5ad")), data, name)
            tally.check(f"zarr {version}, {coding}", read)

    def written():
        data.write_h5ad(at("a.h5ad"))
        run("sc-knn a.h5ad --use X_pca -n 5 -q -o w.h5ad", checks.folder)
        expected = anndata.read_h5ad(at("w.h5ad"))
        for version, name, format in WRITTEN:
            run(f"sc-knn a.h5ad --use X_pca -n 5 -q {format} -o w{name}", checks.folder)
            group = opened(at(f"w{name}"))
            if group.metadata.zarr_format != version or group.metadata.consolidated_metadata is None:
                raise ValueError(f"w{name} is not of version {version} with consolidated metadata")
            for store in (group, opened(at(f"w{name}"), use_consolidated=False)):
                compare(tally, anndata.read_zarr(store), expected, name)
                compare(tally, anndata.read_zarr(store), data, name)
    tally.check("what sc-knn writes, by anndata", written)
    paired(checks, run)


def same_modalities(tally, ours, theirs, what):
    if list(ours.mod) != list(theirs.mod):
        raise ValueError(f"{what} has the modalities {list(ours.mod)}, not {list(theirs.mod)}")
    for name in theirs.mod:
        for part in ("X", "obs_names", "var_names"):
            one, other = (getattr(data.mod[name], part) for data in (ours, theirs))
            tally.same(*((one, other) if part == "X" else (one.to_numpy(object), other.to_numpy(object))), f"{what} {name} {part}")
    for name in ("X_test", "X_both"):
        if name in theirs.obsm:
            tally.same(ours.obsm[name], theirs.obsm[name], f"{what} obsm/{name}")


def paired(checks, run):
    """MuData: what mudata writes, read like its .h5mu file, and what stages write, read by
    mudata."""
    tally, at = checks.tally, checks.at
    parts = objects.parts(5)
    rna = anndata.AnnData(objects.counts(5), obs=parts["obs"], var=parts["var"])
    proteins = anndata.AnnData(objects.counts(11)[:, :8] * 20, obs=pd.DataFrame(index=rna.obs_names), var=pd.DataFrame(index=[f"P{j}" for j in range(8)]))
    data = mudata.MuData({"rna": rna, "prot": proteins})
    data.obsm["X_both"] = parts["obsm"]["X_test"]
    line = "sc-knn -q {} --use X_both -n 5 -o {}"
    for version in CODECS:
        def read(version=version):
            shutil.rmtree(at("m.zarr"), ignore_errors=True)
            anndata.settings.zarr_write_format = version
            data.write_zarr(at("m.zarr"))
            data.write_h5mu(at("m.h5mu"))
            archive(at("m.zarr"), at("m.zarr.zip"), zipfile.ZIP_DEFLATED)
            run(line.format("m.h5mu", "expected.h5mu"), checks.folder)
            for name in ("m.zarr", "m.zarr.zip"):
                run(line.format(name, "read.h5mu"), checks.folder)
                ours, theirs = (mudata.read_h5mu(at(f"{file}.h5mu")) for file in ("read", "expected"))
                same_modalities(tally, ours, theirs, name)
                same_modalities(tally, ours, data, name)
                for graph in ("distances", "connectivities"):
                    tally.same(ours.obsp[graph], theirs.obsp[graph], f"{name} {graph}")
        tally.check(f"MuData in zarr {version}", read)

    def written():
        run(line.format("m.h5mu", "w.h5mu"), checks.folder)
        expected = mudata.read_h5mu(at("w.h5mu"))
        for _, name, format in WRITTEN:
            run(line.format("m.h5mu", f"v{name} {format}"), checks.folder)
            ours = mudata.read_zarr(source(at(f"v{name}")))
            same_modalities(tally, ours, expected, name)
            for graph in ("distances", "connectivities"):
                tally.same(ours.obsp[graph], expected.obsp[graph], f"{name} {graph}")
    tally.check("MuData that sc-knn writes in zarr, by mudata", written)
