"""Stores of zarr that are damaged or lie, in folders and in archives: 65, or another documented
status; and stores that are being written."""
import io, json, os, random, shutil, signal, struct, time, zipfile
from promise import Case, run

READ = "sc-preprocess -q --min-cells-fraction 0"


def packed(folder, method=zipfile.ZIP_STORED):
    """The bytes of an archive of a folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for place, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(place, name)
                archive.write(path, os.path.relpath(path, folder))
    return target.getvalue()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def hostile(store):
    """One change to a sound store each."""
    def case(what, change, expect=65, says=(), **parts):
        def prepare(folder):
            place = os.path.join(folder, "in.zarr")
            shutil.copytree(store, place)
            change(place)
        return Case(f"zarr: {what}", f"{READ} in.zarr -o out.st", expect, says=says, prepare=prepare, **{"memory": 400, "processor": 5, **parts})

    def metadata(file, **members):
        def change(place):
            path = os.path.join(place, file)
            node = json.loads(read(path))
            node.update(members)
            with open(path, "w") as target:
                json.dump(node, target)
        return change

    def content(file, data):
        def change(place):
            path = os.path.join(place, file)
            written = data(read(path)) if callable(data) else data
            with open(path, "wb") as target:
                target.write(written)
        return change

    def replaced(file, by):
        def change(place):
            path = os.path.join(place, file)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
            by(path)
        return change

    array, chunk = "X/data/.zarray", "X/data/0"
    yield case("sound", lambda place: None, 0)
    for size in (1 << 20, 1 << 40, 1 << 50, 1 << 62, (1 << 63) - 1, 1 << 63, 1 << 70, -1, 0, 1.5, "many", None):
        for member in ("shape", "chunks"):
            yield case(f"{member} {size}", metadata(array, **{member: [size]}), {65, 71})
        yield case(f"X of {size} cells", metadata("X/.zattrs", shape=[size, 5]), {65, 71})
    yield case("a matrix of 2^31 by 2^31 without chunks", metadata("layers/counts/data/.zarray", shape=[1 << 31, 1 << 31], chunks=[1 << 31, 1 << 31]), {65, 71})
    yield case("64 dimensions", metadata(array, shape=[1] * 64, chunks=[1] * 64))
    yield case("no chunks", metadata(array, chunks=[]))
    yield case("no type", metadata(array, dtype=None))
    for dtype in ("<f16", "<c8", "<i99999999999999999999", "|V8", "<M8[ns]", "|O", "|S0", "|S99999999999", "<U99999999999", ">f4", "", "é", [["a", "<f4"]]):
        yield case(f"type {dtype!r}", metadata(array, dtype=dtype), {0, 65} if dtype == ">f4" else {65, 69, 71})
    for fill in ("NaN", "x", {}, [1], 1e999, "0xFFFFFFFFFFFFFFFFFF"):
        yield case(f"fill value {fill!r}", metadata(array, fill_value=fill), {0, 65})
    for codec in ("lz4", "bz2", "lzma", "nosuch", "gzip", "zstd", "zlib", ""):
        yield case(f"compressor {codec!r}", metadata(array, compressor={"id": codec}), {65, 69})
    yield case("filters of all kinds", metadata(array, filters=[{"id": "shuffle", "elementsize": 0}, {"id": "delta"}, 7, None]), {65, 69})
    yield case("a shuffle of 2^62 bytes", metadata(array, filters=[{"id": "shuffle", "elementsize": 1 << 62}]), {65, 69})
    yield case("no compressor", metadata(array, compressor=None))
    for text in (b"", b"{", b"[]", b"{\"shape\": [1], \"shape\": [2]}", b"[" * 100000, b"\xff\xfe", b"{}" * 2, b" " * (1 << 20)):
        yield case(f"metadata {text[:20]!r}", content(array, text))
        yield case(f"attributes {text[:20]!r}", content("obs/.zattrs", text))
    yield case("an empty chunk", content(chunk, b""))
    for cut in (1, 15, 16, 17, 100):
        yield case(f"a chunk cut to {cut} bytes", content(chunk, lambda data, cut=cut: data[:cut]))
    for place in range(16):
        for bits in (0xFF, 0x80, 0x01):
            yield case(f"bits {bits:#x} of byte {place} of a chunk", content(chunk, lambda data, place=place, bits=bits: data[:place] + bytes([data[place] ^ bits]) + data[place + 1:]), {0, 65})
    yield case("blosc of 2 GiB", content(chunk, lambda data: data[:4] + struct.pack("<II", (1 << 31) - 1, 1 << 20) + data[12:]))
    yield case("a chunk of 100 megabytes of zeros", content(chunk, bytes(100 << 20)))
    names = "obs/_index/0"
    yield case("texts cut short", content(names, lambda data: data[:-7]))
    yield case("no chunk of names", replaced(names, lambda path: None), 65, says="twice")
    yield case("a link for a chunk", replaced(chunk, lambda path: os.symlink("/etc/hostname", path)), 65, says="a symbolic link, which could point outside the store")
    yield case("a link for a group", replaced("X", lambda path: os.symlink("../../../../etc", path)), 65, says="a symbolic link")
    yield case("a folder for a chunk", replaced(chunk, os.mkdir))
    yield case("a pipe for a chunk", replaced(chunk, os.mkfifo), 65, says="is no file")
    for name in ("../../../../etc/passwd", "..", ".", "", "a/../../x", "\0", "x" * 5000):
        yield case(f"a column called {name[:30]!r}", metadata("obs/.zattrs", **{"column-order": [name]}), 65 if name else {0, 65})
        yield case(f"an index called {name[:30]!r}", metadata("obs/.zattrs", _index=name), {0, 65})
    yield case("a chunk that may not be read", lambda place: os.chmod(os.path.join(place, chunk), 0), {0, 66, 65, 74})
    yield case("no metadata but the consolidated ones", lambda place: [os.remove(os.path.join(where, name)) for where, _, names in os.walk(place) for name in names if name in (".zarray", ".zgroup", ".zattrs")], 65, says="files that begin with a dot")
    yield case("copied without the hidden files at its root", lambda place: [os.remove(os.path.join(place, name)) for name in os.listdir(place) if name.startswith(".")], 65, says="files that begin with a dot")


def archives(store, cuts):
    """Archives cut and changed anywhere."""
    sound = packed(store)
    deflated = packed(store, zipfile.ZIP_DEFLATED)
    chance = random.Random(5)

    def case(what, data, expect, **parts):
        return Case(f"zarr.zip: {what}", f"{READ} in.zip -o out.st", expect, files={"in.zip": data}, memory=400, processor=5, **parts)

    yield case("sound, stored", sound, 0)
    yield case("sound, deflated", deflated, 0)
    for data in (sound, deflated):
        for _ in range(cuts):
            yield case("cut", data[:chance.randrange(len(data))], 65)
            place = chance.randrange(len(data))
            yield case(f"byte {place} changed", data[:place] + bytes([data[place] ^ chance.randrange(1, 256)]) + data[place + 1:], {0, 65, 69, 71})
    end = sound.rindex(b"PK\5\6")
    for place in range(end, len(sound)):
        yield case(f"byte {place - end} of the end changed", sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1:], {0, 65, 71})
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(".zgroup", '{"zarr_format": 2}')
        archive.writestr(".zattrs", b" " * (400 << 20))
    yield case("400 megabytes of spaces for attributes", bomb.getvalue(), {65, 71})


def writing(inputs, tries):
    """kill -9 and signals while a store is written: the old one or the new one, whole; and nothing
    left by signals."""
    chance = random.Random(11)

    def whole(folder):
        again = run("sc-knn -q -n 5 out.zarr -o again.st", folder)
        return [] if again.status == 0 else [f"leaves a store that is not whole: {again.errors.strip()}"]

    for number in range(tries):
        for name, kind, status in (("kill -9", signal.SIGKILL, 137), ("SIGTERM", signal.SIGTERM, 143), ("SIGINT", signal.SIGINT, 130)):
            delay = chance.uniform(0.01, 0.15)

            def meanwhile(child, kind=kind, delay=delay):
                time.sleep(delay)
                child.send_signal(kind)

            yield Case(f"{name} after {delay * 1000:.0f} ms of writing a store", ["sc-preprocess", "-q", "-t", "1", "in.st", "-o", "out.zarr"], {0, status},
                       files={"in.st": inputs["sc-preprocess"]}, killed=True, lines=0, meanwhile=meanwhile,
                       prepare=lambda folder: run("sc-preprocess -q in.st -o out.zarr", folder), check=lambda outcome, folder: whole(folder))
    yield Case("a store on a full disk", "ulimit -f 4; sc-preprocess -q in.st -o out.zarr", 74, files={"in.st": inputs["sc-preprocess"]},
               check=lambda outcome, folder: ["leaves a store"] if os.path.exists(os.path.join(folder, "out.zarr")) else [])
