"""Published programs compared with ours, for table3.py: commands that a user has, run on the
labeled sets, and their clusters scored by the same figures.

A folder holds `peers.tsv`: one line for each program, NAME<TAB>COMMAND; lines that begin with # are
comments. The command runs in that folder, by bash. It may contain
    {input}     the file of the set
    {clusters}  the number of types; a command without it finds a number of its own
    {seed}      the seed of the run
    {output}    where it writes its clusters: text, or with {output}.h5ad an AnnData file with
                obs/cluster
Text has one line for each cell, in the order of the input: the cluster, or barcode and cluster with
a tab between them. A first line of `barcode` and a name is skipped. True labels are no part of a
command. A command that fails, or writes nothing readable, has a row with the reason.
"""
import json, os, re, shlex

import runs

PLACES = {"input", "clusters", "seed", "output"}


class Peer:
    """A published program."""

    def __init__(self, name, command, folder):
        self.name, self.command, self.folder = name, command, folder

    @property
    def takes_clusters(self):
        return "{clusters}" in self.command


def read(folder):
    """The programs of a folder; ValueError describes the fault of its table."""
    path, peers = os.path.join(folder, "peers.tsv"), {}
    if not os.path.exists(path):
        raise ValueError(f"{path}: there is no such table; it names programs and commands, a tab between them")
    with open(path) as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\r\n")
            if not line.strip() or line.startswith("#"):
                continue
            name, _, command = line.partition("\t")
            name, command = name.strip(), command.strip()
            if not name or not command:
                raise ValueError(f"{path}: line {number}: not a name and a command with a tab between them")
            unknown = [place for place in re.findall(r"\{(\w+)\}", command) if place not in PLACES]
            if unknown:
                raise ValueError(f"{path}: line {number}: there is no {{{unknown[0]}}}, only {', '.join(f'{{{place}}}' for place in sorted(PLACES))}")
            for place in ("input", "output"):
                if f"{{{place}}}" not in command:
                    raise ValueError(f"{path}: line {number}: the command does not name {{{place}}}")
            if name in peers:
                raise ValueError(f"{path}: line {number}: there are two programs '{name}'")
            peers[name] = Peer(name, command, os.path.abspath(folder))
    if not peers:
        raise ValueError(f"{path}: there is no program in it")
    return peers


def found_clusters(output):
    """Barcodes (or None) and clusters of a program's output; ValueError describes its fault."""
    if os.path.exists(output + ".h5ad"):
        try:
            import h5py
        except ImportError:
            raise ValueError("an .h5ad was written, but this Python has no h5py: install it, or write text") from None
        with h5py.File(output + ".h5ad") as file:
            obs = file["obs"]
            if "cluster" not in obs:
                raise ValueError("its .h5ad has no obs/cluster")
            column = obs["cluster"]
            values = column["codes"][:] if isinstance(column, h5py.Group) else column[:]
            index = obs[obs.attrs.get("_index", "_index")].asstr()[:]
            plain = [value.decode() if isinstance(value, bytes) else str(value) for value in values]
            return list(index), plain
    if not os.path.exists(output):
        raise ValueError("it wrote no clusters")
    with open(output, errors="replace") as file:
        rows = [line.rstrip("\r\n").split("\t") for line in file if line.strip()]
    if rows and rows[0][0] == "barcode":
        rows = rows[1:]
    if not rows:
        raise ValueError("it wrote no clusters")
    widths = {len(row) for row in rows}
    if widths == {1}:
        return None, [row[0] for row in rows]
    if min(widths) >= 2:
        return [row[0] for row in rows], [row[1] for row in rows]
    raise ValueError("some of its lines have a barcode and some have none")


def barcodes(stream):
    """The cells of a stream of sc-preprocess."""
    values = runs.tensors(stream, ["obs._index.bytes", "obs._index.offsets"])
    text, offsets = bytes(values["obs._index.bytes"]), values["obs._index.offsets"]
    return [text[begin:end].decode() for begin, end in zip(offsets, offsets[1:])]


def score(programs, peer, item, seed, folder):
    """The row of a program on a set. The row has the program's faults; RuntimeError has ours."""
    path, labels, clusters, *left_out = item.split(":", 3)
    output = os.path.join(folder, "clusters")
    places = {"input": os.path.abspath(path), "clusters": clusters.split("/")[-1], "seed": str(seed), "output": output}
    command = re.sub(r"\{(\w+)\}", lambda match: shlex.quote(places[match[1]]), peer.command)
    head = [runs.set_name(item), clusters, peer.name, seed]
    cost = runs.Cost()

    def failed(reason):
        note = " ".join(reason.split())[:200]
        return [*head, "", "", "", "", "", "", f"{cost.seconds:.1f}", f"{cost.peak:.0f}", note]

    try:
        _, cost = runs.shell(f"cd {shlex.quote(peer.folder)} || exit\n{command}")
    except runs.Failure as failure:
        cost = failure.cost
        return failed(f"failed with status {failure.status}: {failure.said.splitlines()[-1] if failure.said else 'it says nothing'}")
    try:
        names, values = found_clusters(output)
    except (ValueError, OSError) as problem:
        return failed(f"failed: {problem}")
    common = f"-q -t {programs.threads}"
    plain, joined = (os.path.join(folder, name) for name in ("plain.safetensors", "joined.safetensors"))
    # The cells on which all methods are compared, with the true labels if these are a column.
    runs.shell(f"{programs.prefix}sc-preprocess {shlex.quote(path)} {common} -o {shlex.quote(plain)}")
    cells = barcodes(plain)
    if names is None and len(values) != len(cells):
        return failed(f"failed: it wrote {len(values)} lines for {len(cells)} cells")
    found = dict(zip(names or cells, values))
    lacking = next((cell for cell in cells if cell not in found), None)
    if lacking is not None:
        return failed(f"failed: it gave no cluster to the cell '{lacking}'")
    numbers = {value: number for number, value in enumerate(dict.fromkeys(found[cell] for cell in cells))}
    runs.with_clusters(plain, joined, [numbers[found[cell]] for cell in cells])
    ignored = f"--ignore-label {shlex.quote(left_out[0])}" if left_out else ""
    scores = json.loads(runs.shell(
        f"{programs.prefix}sc-eval {shlex.quote(joined)} --no-verify --labels {shlex.quote(labels)} --clusters-column cluster {ignored} --json {common}")[0])
    figures = [f"{scores[key]:.4f}" for key in ("acc", "nmi", "ari")]
    return [*head, *figures, len(numbers), "", "", f"{cost.seconds:.1f}", f"{cost.peak:.0f}", ""]
