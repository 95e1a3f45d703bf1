#!/usr/bin/env python3
"""Small inputs for the fuzzer to begin with: Tests/Faults/seeds.py FOLDER. Needs the built programs
and a C compiler, as faults.py does."""
import gzip, os, shutil, sys, tempfile

import faults, files, stores, streams

FIXTURES = os.path.join(faults.HERE, "../Fixtures")


def small(data):
    """A stream without what is large in it."""
    stream = streams.Stream(data)
    large = {name for name, (_, _, values) in stream.tensors.items() if len(values) > 1 << 10}
    gone = {name.rsplit(".", 1)[0] for name in large} | large
    stream.tensors = {name: value for name, value in stream.tensors.items() if name not in gone and name.rsplit(".", 1)[0] not in gone}
    stream.metadata = {key: value for key, value in stream.metadata.items() if key.rsplit(".", 1)[0] not in gone and len(value) < 1 << 10}
    return stream.bytes()


def main():
    target = os.path.abspath(sys.argv[1])
    os.environ["PATH"] = os.path.abspath(os.environ.get("SC", os.path.join(faults.HERE, "../../.build/release/"))) + ":" + os.environ["PATH"]
    folder = tempfile.mkdtemp(prefix="faults-")
    try:
        _, hostile = faults.compiled(folder, os.path.join(folder, "secret"))
        inputs = faults.made(folder)
        seeds = {"stream": [], "csr": [bytes([3, 4, 0, 2, 3, 4, 0, 1, 1, 2]), bytes([0, 0, 0]), bytes([2, 2, 0, 1, 1, 1])], "market": [], "text": [], "lzf": [], "hdf5": [], "zarr": []}
        seeds["stream"] += [small(inputs["sc-preprocess"]), small(streams.Stream(inputs["sc-eval"]).bytes())] + [data for _, data in streams.hostile_headers() if len(data) < 4096]
        for case in files.matrix_market():
            seeds["market"] += [data for name, data in case.files.items() if name.endswith("mtx") and len(data) < 4096]
        seeds["market"].append(gzip.compress(files.market().encode()))
        for case in files.text():
            seeds["text"] += [data for data in case.files.values() if len(data) < 4096]
        seeds["text"].append(gzip.compress(seeds["text"][0]))
        seeds["lzf"] += [b"\x03abcd", b"\x00a\x20\x00", b"\x02abc\xe0\x10\x02", b"\x02abc" * 20]
        seeds["hdf5"] += [inputs["h5ad"]] + [files.read(os.path.join(hostile, name)) for name in sorted(os.listdir(hostile)) if os.path.getsize(os.path.join(hostile, name)) < 1 << 15]
        for name in sorted(os.listdir(FIXTURES)):
            if name.endswith(".zarr.zip"):
                store = os.path.join(folder, name)
                shutil.unpack_archive(os.path.join(FIXTURES, name), store)
                # Stored members, which the fuzzer changes inside.
                seeds["zarr"] += [files.read(os.path.join(FIXTURES, name)), stores.packed(store)]
        for name, all_data in seeds.items():
            place = os.path.join(target, name)
            shutil.rmtree(place, ignore_errors=True)
            os.makedirs(place)
            for number, data in enumerate(all_data):
                with open(os.path.join(place, f"seed-{number:03}"), "wb") as file:
                    file.write(data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
