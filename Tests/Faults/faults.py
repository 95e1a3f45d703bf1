#!/usr/bin/env python3
"""Feeds the five programs every fault that a stage must survive, and counts the promises that are
broken: none may be.

    SC=.build/release/ Tests/Faults/faults.py [--only GROUP ...] [--thorough]

The promise: with any input a stage ends with a documented status and one line on standard error,
and leaves the complete output or none. Needs a C compiler with the HDF5 and zlib headers (for the
hostile files and the injector of failing calls). As root it also tries a full disk and folders that
may not be written. --thorough fails every single call and cuts and flips more.
"""
import argparse, os, shutil, signal, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import checkpoints, files, outputs, running, stores, streams, together
from promise import Tally, run

CELLS, GENES = 60, 40


def table():
    """Counts of three types of cells."""
    lines = ["," + ",".join(f"gene{j}" for j in range(GENES)) + ",type"]
    state = 12345
    for i in range(CELLS):
        row = []
        for j in range(GENES):
            state = (state * 1103515245 + 12345) % (1 << 31)
            row.append(str((state >> 16) % (12 if j // 13 == i % 3 else 3)))
        lines.append(f"cell{i}," + ",".join(row))
    lines[0] = lines[0].removesuffix(",type")
    return "\n".join(lines) + "\n", "".join(f"cell{i}\t{'abc'[i % 3]}\n" for i in range(CELLS))


def paired(counts, folder):
    """The table as a 10x folder, the last twelve genes as antibodies."""
    rows = [line.split(",") for line in counts.splitlines()]
    place = os.path.join(folder, "paired")
    os.makedirs(place)
    entries = [f"{j} {i} {value}" for i, row in enumerate(rows) if i for j, value in enumerate(row) if j and value != "0"]
    for name, lines in {
        "matrix.mtx": ["%%MatrixMarket matrix coordinate integer general", f"{GENES} {CELLS} {len(entries)}", *entries],
        "features.tsv": [f"E{j}\tgene{j}\t{'Gene Expression' if j < GENES - 12 else 'Antibody Capture'}" for j in range(GENES)],
        "barcodes.tsv": [row[0] for row in rows[1:]],
    }.items():
        with open(os.path.join(place, name), "w") as file:
            file.write("\n".join(lines) + "\n")


def made(folder):
    """The input of every stage, its results, and how long it takes."""
    def sh(line):
        outcome = run(line, folder, timeout=60)
        if outcome.status:
            raise SystemExit(f"faults: {line} ends with {outcome.status}: {outcome.errors}")

    def read(name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    counts, types = table()
    for name, text in (("counts.csv", counts), ("types.tsv", types)):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    sh("sc-preprocess -q counts.csv --labels types.tsv --min-cells-fraction 0 -o a.h5ad")
    # What goes in are counts in X, not yet normalized: the reader of text makes such an object.
    sh("sc-preprocess -q a.h5ad -o a.st && sc-knn -q a.st -o b.st && sc-pretrain -q b.st --epochs 2 --models 1 -o c.st")
    sh("sc-cluster -q c.st --clusters 3 --epochs 2 --min-epochs 1 -o d.st")
    # The same cells with the last genes as a second modality, for scEMC.
    paired(counts, folder)
    sh("sc-preprocess -q paired --min-cells-fraction 0 | sc-knn -q -o e.st && sc-pretrain -q e.st --model scemc --epochs 2 -o f.st")
    first = streams.Stream(read("a.st"))
    raw = {name.replace("layers.counts", "X"): value for name, value in first.tensors.items() if name.startswith(("layers.counts", "obs._index", "var._index"))}
    metadata = {key.replace("layers.counts", "X"): value for key, value in first.metadata.items() if key.startswith("layers.counts")}
    inputs = {"sc-preprocess": streams.packed(raw, metadata), "sc-knn": read("a.st"), "sc-pretrain": read("b.st"), "sc-cluster": read("c.st"),
              "sc-pretrain scemc": read("e.st"), "sc-cluster scemc": read("f.st")}
    last = streams.Stream(read("d.st"))
    last.tensors = {name.replace("obs.label.", "obs.type."): value for name, value in last.tensors.items()}
    last.metadata = {key.replace("obs.label", "obs.type"): value.replace('"label"', '"type"') for key, value in last.metadata.items()}
    # The same types under a second name: clusters are not compared with themselves.
    last.tensors.update({name.replace("obs.type.", "obs.kind."): value for name, value in last.tensors.items() if name.startswith("obs.type.")})
    last.metadata.update({key.replace("obs.type", "obs.kind"): value for key, value in last.metadata.items() if key.startswith("obs.type")})
    inputs["sc-eval"] = last.bytes()
    sh("sc-preprocess -q a.h5ad -o store.zarr")
    inputs["store"] = os.path.join(folder, "store.zarr")
    # Damage is looked for in streams that carry checksums.
    sums = dict(inputs)
    sums.update({"sc-preprocess": read("a.st"), "sc-eval": read("d.st")})
    inputs.update(cells=CELLS, h5ad=read("a.h5ad"), sums=sums, results={}, seconds={})
    for stage, target, contents in outputs.each(inputs):
        place = os.path.join(folder, "run")
        os.makedirs(place)
        for name, data in contents.items():
            with open(os.path.join(place, name), "wb") as file:
                file.write(data)
        began = time.monotonic()
        outcome = run(outputs.written(stage, target), place, timeout=60)
        if outcome.status:
            raise SystemExit(f"faults: {stage} to {target} ends with {outcome.status}: {outcome.errors}")
        inputs["seconds"][stage, target] = time.monotonic() - began
        inputs["results"][stage, target] = read(f"run/{target}")
        shutil.rmtree(place)
    return inputs


def compiled(folder, secret):
    """The injector, and the hostile files in their folder."""
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "hdf5"], capture_output=True, text=True, check=True).stdout.split()
    compiler = os.environ.get("CC", "cc")
    library, maker, place = (os.path.join(folder, name) for name in ("inject.so", "hostile", "hdf5"))
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, os.path.join(HERE, "inject.c"), "-ldl"], check=True)
    subprocess.run([compiler, "-O1", "-o", maker, os.path.join(HERE, "hostile_hdf5.c"), *flags, "-lz"], check=True)
    os.makedirs(place)
    os.makedirs(os.path.join(folder, "plugins"))
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", os.path.join(folder, "plugins", "libzstd.so"), os.path.join(HERE, "plugin.c"), *flags], check=True)
    with open(secret, "wb") as file:
        file.write(os.urandom(4096))
    subprocess.run([maker, place, secret], check=True, stderr=subprocess.DEVNULL)
    return library, place


def main():
    # A process begun in the background ignores SIGINT, and so do all that it starts: a stage
    # ignores what its caller ignores.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2))
    options = parser.parse_args()
    programs = os.path.abspath(os.environ.get("SC", os.path.join(HERE, "../../.build/release/")))
    os.environ["PATH"] = programs + ":" + os.environ["PATH"]
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="faults-")
    try:
        secret = os.path.join(folder, "secret-of-another-file")
        library, hostile = compiled(folder, secret)
        inputs = made(folder)
        is_root = os.geteuid() == 0
        mounts = is_root and subprocess.run("mkdir m && mount -t tmpfs none m && umount m", shell=True, cwd=folder, stderr=subprocess.DEVNULL).returncode == 0
        many = 10 if options.thorough else 1
        samples = {"AnnData": inputs["h5ad"], "10x": files.read(f"{hostile}/sound.h5")}
        groups = {
            "streams": ("streams: empty, cut, flipped, more after the end", lambda: streams.damaged(inputs["sums"], 8 * many, 14 * many)),
            "headers": ("streams: hostile headers", streams.hostile),
            "values": ("streams: values and graphs that are wrong", lambda: streams.invalid_values(inputs)),
            "market": ("Matrix Market", files.matrix_market),
            "text": ("text", files.text),
            "gzip": ("gzip", files.zipped),
            "foreign": ("files of other kinds", files.foreign),
            "label-files": ("files of labels", files.labels),
            "hdf5": ("HDF5: hostile files", lambda: files.hdf5(hostile, secret, shutil.which("strace"), os.path.join(folder, "plugins"))),
            "damage": ("HDF5: cut and flipped", lambda: files.damaged_hdf5(samples, 10 * many, 60 * many)),
            "zarr": ("zarr: hostile stores", lambda: stores.hostile(inputs["store"])),
            "archives": ("zarr: archives cut and changed", lambda: stores.archives(inputs["store"], 25 * many)),
            "stores": ("zarr: stores that are being written", lambda: stores.writing(inputs, 4 * many)),
            "found": ("what fuzzing has found", lambda: files.found(os.path.join(HERE, "../../Fuzzing/Found"))),
            "places": ("outputs that cannot be written", lambda: outputs.impossible(inputs, mounts, is_root)),
            "same": ("output is input", lambda: outputs.in_place(inputs)),
            "roles": ("two roles for one file", lambda: together.roles(inputs)),
            "whole": ("one output of many fails", lambda: together.whole(inputs, mounts, is_root, shutil.which("strace"))),
            "descriptors": ("outputs through descriptors", lambda: together.descriptors(inputs)),
            "changed": ("inputs that change under a run, SIGUSR1", lambda: together.changed(inputs)),
            "finite": ("results that are not finite", lambda: together.not_finite(inputs)),
            "printable": ("names that do not print", lambda: together.printable(inputs)),
            "calls": ("every write, sync, rename, open, read, close fails", lambda: outputs.injected(
                inputs, library, streams.STAGES if options.thorough else ("sc-preprocess", "sc-knn", "sc-eval"), 10_000 if options.thorough else 12)),
            "kill": ("kill -9 at any moment", lambda: outputs.killed(inputs, 12 * many)),
            "writers": ("twenty writers of one file", lambda: outputs.twenty_writers(inputs)),
            "checkpoints": ("checkpoints: none, damaged, of other runs", lambda: checkpoints.strange(inputs)),
            "interrupted": ("trainings interrupted and resumed", lambda: checkpoints.interrupted(inputs, library, 3 * many)),
            "signals": ("signals", lambda: running.signals(inputs, 2 if many == 1 else 8)),
            "options": ("options", lambda: running.options(inputs)),
            "labels": ("labels", lambda: running.labels(inputs)),
            "tiny": ("data too small, or all the same", running.tiny),
            "diverging": ("training that diverges", lambda: running.diverging(inputs)),
            "memory": ("limits to memory", lambda: running.memory(inputs, (120, 150, 200, 250, 300, 400, 500, 1000, 2000))),
        }
        unknown = set(options.only) - set(groups)
        if unknown:
            parser.error(f"no group {', '.join(unknown)}; there are {', '.join(groups)}")
        tally = Tally(options.workers)
        for name, (title, cases) in groups.items():
            if not options.only or name in options.only:
                tally.group(title, cases())
        if not mounts:
            print("no file systems may be mounted here: the full disk is left out")
        print(f"{tally.tried} faults tried in {time.monotonic() - began:.0f} s, {tally.broken} promises broken")
        return 1 if tally.broken else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
