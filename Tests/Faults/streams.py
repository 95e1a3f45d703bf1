"""Faults of tensor streams: cut, flipped, hostile headers, and valid ones with values that no stage
may work on."""
import copy, json, random, struct
from promise import Case, STAGES


def command(stage, name, more=""):
    """A stage on one file, its result in out.st."""
    given = more.split()
    own = {"sc-pretrain": ["--epochs 1", "--models 1"], "sc-cluster": ["--clusters 3", "--epochs 1", "--min-epochs 1"],
           "sc-eval": ["--clusters-column type", "--labels kind"]}.get(stage, [])
    if stage == "sc-cluster" and "--method" in given:
        own = [] if "leiden" in given else ["--clusters 3"]
    # What is asked for takes the place of what is set here.
    own = " ".join(option for option in own if option.split()[0] not in given)
    if stage == "sc-eval":
        return f"{stage} -q -t 1 {name} -o out.tsv {own} {more} && mv out.tsv out.st"
    return f"{stage} -q -t 1 {name} -o out.st {own} {more}"


FORMS = {"F32": "<f", "F64": "<d", "I32": "<i", "I64": "<q", "U32": "<I", "I8": "<b", "I16": "<h", "U64": "<Q", "U8": "<B", "U16": "<H"}


class Stream:
    """A tensor stream taken apart: tensors are (dtype, shape, bytes) by name."""

    def __init__(self, data):
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        self.metadata = header.pop("__metadata__", {})
        body = data[8 + size:]
        self.tensors = {name: (t["dtype"], t["shape"], body[t["data_offsets"][0]:t["data_offsets"][1]]) for name, t in header.items()}

    def bytes(self):
        """Put together again, without checksums: those of other writers have none."""
        metadata = {key: value for key, value in self.metadata.items() if key not in ("crc32", "header_crc32")}
        return packed({name: tensor for name, tensor in self.tensors.items()}, metadata)

    def value(self, name, position):
        """One value of a tensor."""
        dtype, _, data = self.tensors[name]
        return struct.unpack_from(FORMS[dtype], data, position * struct.calcsize(FORMS[dtype]))[0]

    def changed(self, name, position, value):
        """The same with one value of a tensor set."""
        result = copy.copy(self)
        dtype, shape, data = self.tensors[name]
        form = FORMS[dtype]
        if isinstance(value, float) and form[1] not in "fd":
            values = struct.unpack(f"<{len(data) // struct.calcsize(form)}{form[1]}", data)
            dtype, form, data = "F32", "<f", struct.pack(f"<{len(values)}f", *values)
        width = struct.calcsize(form)
        at = position * width
        result.tensors = dict(self.tensors, **{name: (dtype, shape, data[:at] + struct.pack(form, value) + data[at + width:])})
        return result.bytes()


def packed(tensors, metadata):
    header, body = {"__metadata__": metadata}, b""
    for name, (dtype, shape, data) in sorted(tensors.items(), key=lambda item: (-{"8": 0, "6": 8, "4": 8, "2": 4}.get(item[1][0][-1], 1), item[0])):
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def headed(header, body=b"\0" * 16, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode() if not isinstance(header, str) else header.encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def damaged(inputs, cuts, flips):
    """Empty, cut at any byte, any flipped bit, more after the end; from a file and through a
    pipe."""
    chance = random.Random(5)
    for stage in STAGES:
        whole = inputs[stage]
        places = [0, 1, 7, 8, 9, 15, 16, 17, len(whole) - 1] + [chance.randrange(len(whole)) for _ in range(cuts)]
        bad = [(f"cut at {at}", whole[:at]) for at in places]
        size = struct.unpack("<Q", whole[:8])[0]
        for number in range(flips):
            at, bit = chance.randrange(8 + size if number % 2 else len(whole)), chance.randrange(8)
            flipped = bytearray(whole)
            flipped[at] ^= 1 << bit
            bad.append((f"bit {bit} of byte {at} flipped", bytes(flipped)))
        bad += [("a byte after the end", whole + b"\0"), ("two streams", whole + whole), ("a text after the end", whole + b"\n")]
        for number, (what, data) in enumerate(bad):
            yield from both_ways(stage, what, data, number)


def both_ways(stage, what, data, number, says=(), **limits):
    """The same bytes as a file or, every other time, through a pipe."""
    if number % 2:
        yield Case(f"{stage} | {what}", command(stage, "-"), 65, stdin=data, says=says, **limits)
    else:
        yield Case(f"{stage} {what}", command(stage, "in.st"), 65, files={"in.st": data}, says=says, **limits)


def tensor(shape, start, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def hostile_headers():
    """(what is wrong, the bytes)."""
    for length in (1 << 63, 1 << 32, (1 << 64) - 1, 99_999_999, 100_000_001, 0):
        yield f"header of {length} bytes", headed("{}", length=length)
    yield "shapes whose product wraps", headed({"X": tensor([1 << 33, 1 << 33], 0, 16)})
    yield "a shape of 2^63", headed({"X": tensor([1 << 63], 0, 16)})
    yield "a shape of 2^47 cells and no genes", headed({"X": tensor([1 << 47, 0], 0, 0)}, b"")
    yield "a negative shape", headed({"X": tensor([-1, -4], 0, 16)})
    yield "a fraction for a shape", headed('{"X":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}')
    yield "100,000 tiny tensors", headed({f"t{i}": tensor([1], 4 * i, 4 * i + 4) for i in range(100_000)}, b"\0" * 400_000)
    yield "100,000 tensors of one name", headed("{" + ",".join('"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}' for _ in range(100_000)) + "}", b"")
    yield "duplicate names", headed('{"X":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"X":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}')
    yield "tensors that overlap", headed({"a": tensor([3], 0, 12), "b": tensor([3], 4, 16)})
    yield "a hole between tensors", headed({"a": tensor([1], 0, 4), "b": tensor([1], 12, 16)})
    yield "offsets that fall", headed({"a": tensor([4], 16, 0)})
    yield "offsets past the end", headed({"a": tensor([1 << 20], 0, 1 << 22)})
    yield "an unknown dtype", headed({"a": tensor([4], 0, 16, "F33")})
    yield "nested 100,000 deep", headed("[" * 100_000)
    yield "objects 100,000 deep", headed('{"a":' * 100_000)
    yield "an unclosed string", headed('{"a')
    yield "a broken escape", headed('{"\\ud800":1}')
    yield "not UTF-8", headed(b'{"\xff\xfe":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}')
    yield "metadata that is no text", headed('{"__metadata__":{"a":1},"X":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}')
    yield "a number too long", headed('{"X":{"dtype":"F32","shape":[' + "9" * 5000 + '],"data_offsets":[0,16]}}')
    yield "a name of a megabyte", headed({"x" * (1 << 20): tensor([3], 0, 16)})
    yield "control bytes in a name", headed({"a\x1b[31m\r\n": tensor([3], 0, 16)})
    yield "only spaces", headed(" " * 64)
    yield "a list", headed("[]")


def hostile():
    """All stages; the time and memory of a refusal are small."""
    for stage in STAGES:
        for number, (what, data) in enumerate(hostile_headers()):
            if stage == "sc-cluster" and what.startswith("100,000 tiny"):
                continue  # sound, but without cells: sc-cluster asks for a model and ends with 64
            for turn in (number, number + 1):
                yield from both_ways(stage, what, data, turn, processor=3, memory=128)


def invalid_values(inputs):
    """Valid streams with values that a stage must refuse."""
    bad = {"NaN": float("nan"), "Inf": float("inf"), "-Inf": float("-inf")}
    for name, value in bad.items():
        for stage, tensors in {"sc-preprocess": ["X.data"], "sc-knn": ["X.data", "var.mean", "var.std"],
                               "sc-pretrain": ["X.data", "layers.counts.data", "obs.size_factors", "var.std", "obsm.X_pca", "obsp.distances.data"],
                               "sc-cluster": ["obsm.X_latent", "obsp.distances.data", "obsp.connectivities.data", "layers.counts.data", "obs.size_factors"],
                               "sc-eval": ["obsm.X_latent", "obsp.connectivities.data"]}.items():
            stream = Stream(inputs[stage])
            for tensor_name in tensors:
                if tensor_name not in stream.tensors:
                    raise SystemExit(f"faults: the stream for {stage} has no {tensor_name}")
                yield Case(f"{stage}: {name} in {tensor_name}", command(stage, "in.st"), 65, files={"in.st": stream.changed(tensor_name, 3, value)})
    for stage in ("sc-pretrain", "sc-cluster"):
        stream = Stream(inputs[stage])
        for graph in ("distances", "connectivities"):
            largest = lambda part: (1 << 8 * struct.calcsize(FORMS[stream.tensors[f"obsp.{graph}.{part}"][0]]) - 1) - 1
            for what, tensor_name, place, value in [
                ("index too large", "indices", 5, largest("indices")), ("an entry twice", "indices", 1, None), ("indptr falls", "indptr", 4, 0),
                ("indptr past the end", "indptr", 4, largest("indptr")),
            ]:
                if value is None:
                    value = stream.value(f"obsp.{graph}.{tensor_name}", 0)
                yield Case(f"{stage}: {graph}, {what}", command(stage, "in.st"), 65,
                           files={"in.st": stream.changed(f"obsp.{graph}.{tensor_name}", place, value)})
    stream = Stream(inputs["sc-cluster"])
    for method in ("spectral", "leiden"):
        more = "--method leiden" if method == "leiden" else "--method spectral"
        yield Case(f"sc-cluster {more}: connectivities not symmetric", command("sc-cluster", "in.st", more), {0, 65},
                   files={"in.st": stream.changed("obsp.connectivities.data", 0, 7.0)})
        yield Case(f"sc-cluster {more}: negative connectivity", command("sc-cluster", "in.st", more), 65,
                   files={"in.st": stream.changed("obsp.connectivities.data", 0, -1.0)})
    for value, says in ((-1.0, "negative"), (2.5, "not an integer"), (float(1 << 25), "2\\^24")):
        yield Case(f"sc-preprocess: a count of {value}", command("sc-preprocess", "in.st"), 65, says=("cell '", "gene '", says),
                   files={"in.st": Stream(inputs["sc-preprocess"]).changed("X.data", 5, value)})
    for stage, name in (("sc-pretrain", "layers.counts.data"), ("sc-pretrain", "obs.size_factors"), ("sc-knn", "var.std")):
        for value in (0.0, -1.0):
            if name == "layers.counts.data" and value == 0:
                continue
            yield Case(f"{stage}: {value} in {name}", command(stage, "in.st"), 65, files={"in.st": Stream(inputs[stage]).changed(name, 3, value)})
    missing = {"sc-knn": ["X"], "sc-pretrain": ["obsp.distances", "layers.counts", "obs.size_factors"], "sc-cluster": ["model"], "sc-eval": ["obs.type"]}
    for stage, groups in missing.items():
        for group in groups:
            stream = Stream(inputs[stage])
            stream.tensors = {name: value for name, value in stream.tensors.items() if not (name == group or name.startswith(group + "."))}
            stream.metadata = {key: value for key, value in stream.metadata.items() if not key.startswith(group + ".")}
            # Without a model sc-cluster has another method.
            line, expect = command(stage, "in.st"), 65
            if group == "model":  # another method takes over, which has no epochs
                line, expect = command(stage, "in.st", "--method kmeans"), 0
            if group == "obsp.distances":  # connectivities show who is a neighbor of whom
                expect = {0, 65}
            yield Case(f"{stage}: without {group}", line, expect, files={"in.st": stream.bytes()})
