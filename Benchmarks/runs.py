"""Runs of the real programs on labeled sets, for study.py and table3.py: training, clustering and
scoring. A table of the measurements grows row by row.

A SET is FILE:LABELS:CLUSTERS[:LABEL TO LEAVE OUT]; CLUSTERS may be `auto/TYPES` (or `auto`), so
that the data show the number. A setting is four strings: options of sc-preprocess, sc-knn,
sc-pretrain (a tuple to train several models) and sc-cluster. Settings that agree in the first three
share one training.
"""
import concurrent.futures, json, os, re, statistics, struct, subprocess, sys, tempfile, threading, time

COLUMNS = ["set", "clusters", "setting", "seed", "acc", "nmi", "ari", "found", "acc_sure", "acc_unsure", "seconds", "peak_mib", "note"]


def set_name(item):
    return os.path.basename(item.split(":")[0]).split(".")[0]


def tensors(path, names):
    """The named tensors of a stream, without any library."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start, result = file.tell(), {}
        for name in names:
            entry = header[name]
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            kinds = {"F32": "f", "I32": "i", "I64": "q", "F64": "d", "U8": "B", "I8": "b", "I16": "h"}
            kind = kinds[entry["dtype"]]
            data = file.read(end - begin)
            result[name] = struct.unpack(f"<{len(data) // struct.calcsize(kind)}{kind}", data)
        return result


def with_clusters(path, out, codes):
    """A copy of a stream with `obs.cluster`, a number a cell; its checksums are left out
    (--no-verify)."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    notes = header["__metadata__"]
    for name in ("crc32", "header_crc32"):
        notes.pop(name, None)
    columns = [name for name in json.loads(notes.get("obs.columns", "[]")) if name != "cluster"]
    notes["obs.columns"] = json.dumps([*columns, "cluster"])
    kept = {name: (entry, data[slice(*entry["data_offsets"])]) for name, entry in header.items()
            if name not in ("__metadata__", "obs.cluster") and not name.startswith("obs.cluster.")}
    kept["obs.cluster"] = ({"dtype": "I32", "shape": [len(codes)]}, struct.pack(f"<{len(codes)}i", *codes))
    # Without gaps, wide numbers first.
    header, begin = {"__metadata__": notes}, 0
    for name, (entry, values) in sorted(kept.items(), key=lambda item: -int(re.sub(r"\D", "", item[1][0]["dtype"]) or 8)):
        header[name] = {**entry, "data_offsets": [begin, begin + len(values)]}
        begin += len(values)
    data = b"".join(kept[name][1] for name in header if name != "__metadata__")
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(out, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def calibration(path, labels):
    """The share of cells in the most frequent type of their cluster, above the median confidence
    and up to it."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    column = next((n for n in header if n.startswith(f"obs.{labels}") and n.endswith(("codes", labels))), None)
    cluster = next((n for n in header if n.startswith("obs.cluster") and n.endswith(("codes", "cluster"))), None)
    if column is None or cluster is None or "obs.confidence" not in header:
        return "", ""
    values = tensors(path, [column, cluster, "obs.confidence"])
    cells = list(zip(values[column], values[cluster], values["obs.confidence"]))
    counts = {}
    for truth, found, _ in cells:
        counts.setdefault(found, {}).setdefault(truth, 0)
        counts[found][truth] += 1
    major = {found: max(table, key=table.get) for found, table in counts.items()}
    middle = statistics.median(sure for _, _, sure in cells)
    share = lambda group: f"{sum(major[f] == t for t, f in group) / len(group):.4f}" if group else ""
    return share([(t, f) for t, f, s in cells if s > middle]), share([(t, f) for t, f, s in cells if s <= middle])


class Cost:
    """Seconds of the clock, and MiB of the largest process."""

    def __init__(self, seconds=0.0, peak=0.0):
        self.seconds, self.peak = seconds, peak

    def __add__(self, other):
        return Cost(self.seconds + other.seconds, max(self.peak, other.peak))


class Failure(RuntimeError):
    """A command that failed: its status, its messages, its cost."""

    def __init__(self, command, status, said, cost):
        super().__init__(f"{command}\n{said[-600:].rstrip()}")
        self.status, self.said, self.cost = status, said.rstrip(), cost


def shell(command):
    """What a command prints, and its cost; a failed one throws its messages."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(["bash", "-o", "pipefail", "-c", command], stdout=output, stderr=errors)
        # The largest of all processes that the shell waited for.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        cost = Cost(time.monotonic() - start, usage.ru_maxrss / 1024)
        errors.seek(0)
        if child.returncode:
            raise Failure(command, child.returncode, errors.read().decode(errors="replace"), cost)
        output.seek(0)
        return output.read().decode(), cost


class Programs:
    """The five programs, by the text before their names."""

    def __init__(self, prefix, threads):
        self.prefix, self.threads = prefix, threads

    def train(self, item, setting, seed, folder):
        """The file with the trained models of a setting, or with the graph alone if it trains none
        (nil), and its cost."""
        path, labels = item.split(":")[:2]
        pre, knn, options, _ = setting
        common = f"-q --seed {seed} -t {self.threads}"
        trained = os.path.join(folder, "trained.safetensors")
        stages = [options] if isinstance(options, str) else options or ()
        training = "".join(f" | {self.prefix}sc-pretrain {stage} {common}" for stage in stages)
        _, cost = shell(
            f"{self.prefix}sc-preprocess '{path}' --labels '{labels}' {pre} {common} | {self.prefix}sc-knn {knn} {common}{training} > '{trained}'")
        return trained, cost

    def score(self, item, name, setting, seed, trained, cost):
        """The row of a setting."""
        path, labels, clusters, *left_out = item.split(":", 3)
        out = trained.removesuffix(".safetensors") + ".clustered.safetensors"
        number = clusters.split("/")[0]
        _, own = shell(f"{self.prefix}sc-cluster '{trained}' --clusters {number} {setting[3]} -q --seed {seed} -t {self.threads} -o '{out}'")
        cost += own
        ignored = f"--ignore-label '{left_out[0]}'" if left_out else ""
        scores = json.loads(shell(f"{self.prefix}sc-eval '{out}' --labels '{labels}' {ignored} --json -q")[0])
        found = json.loads(shell(f"{self.prefix}sc-eval '{out}' --json -q")[0]).get("clusters", "")
        sure, unsure = calibration(out, labels)
        figures = [f"{scores[key]:.4f}" for key in ("acc", "nmi", "ari")]
        return [set_name(item), clusters, name, seed, *figures, found, sure, unsure, f"{cost.seconds:.1f}", f"{cost.peak:.0f}", ""]


def read(table):
    """The rows of a table, by the names in its first line."""
    if not os.path.exists(table):
        return []
    with open(table) as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    # A line that an interruption has cut is run again.
    return [dict(zip(lines[0], line)) for line in lines[1:] if len(line) == len(lines[0])] if lines else []


def run(programs, table, items, settings, seeds, jobs, others=()):
    """Appends the rows of items × settings (by name) × seeds that the table lacks, each as soon as
    it is known; returns the failures.

    Others are runs of other programs: (item, name, a function that gives the row of a seed in an
    empty folder).
    """
    lock, failures = threading.Lock(), []
    rows = read(table)
    done = {(row["set"], row["clusters"], row["setting"], row["seed"]) for row in rows}
    columns = list(rows[0]) if rows else COLUMNS
    # Written whole: without a line that an interruption has cut.
    os.makedirs(os.path.dirname(os.path.abspath(table)), exist_ok=True)
    with open(table + ".new", "w") as file:
        for line in [columns, *([row[key] for key in columns] for row in rows)]:
            file.write("\t".join(map(str, line)) + "\n")
    os.replace(table + ".new", table)

    def task(group, names, seed):
        """Sets that differ in the number of clusters, and settings in what follows training, share
        it."""
        left = [(item, name) for name in names for item in group
                if (set_name(item), item.split(":")[2], name, str(seed)) not in done]
        if not left:
            return
        with tempfile.TemporaryDirectory() as folder:
            trained, cost = programs.train(left[0][0], settings[left[0][1]], seed, folder)
            for item, name in left:
                try:
                    row = programs.score(item, name, settings[name], seed, trained, cost)
                except RuntimeError as failure:
                    failures.append(str(failure))
                    continue
                append(row)

    def append(row):
        with lock, open(table, "a") as file:
            file.write("\t".join(map(str, row[: len(columns)])) + "\n")
            print(*row, sep="\t", file=sys.stderr, flush=True)

    def other(item, name, row, seed):
        if (set_name(item), item.split(":")[2], name, str(seed)) in done:
            return
        with tempfile.TemporaryDirectory() as folder:
            append(row(seed, folder))

    trainings, groups = {}, {}
    for name, setting in settings.items():
        trainings.setdefault(setting[:3], []).append(name)
    for item in items:
        path, labels, _, *rest = item.split(":")
        groups.setdefault((path, labels, *rest), []).append(item)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        work = [pool.submit(task, group, names, seed) for seed in seeds for names in trainings.values() for group in groups.values()]
        work += [pool.submit(other, *run, seed) for seed in seeds for run in others]
        return failures + [str(job.exception()) for job in work if job.exception()]


def mean_and_spread(values, digits=3):
    """`.776 ± .012` of several values, `.776` of one."""
    if not values:
        return ""
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


def dots(left, top, row, width, columns, names, values, highlighted=0):
    """SVG of the points of every name in every column, from 0 to 1: `values[name, column]` is a
    list."""
    out = []
    for i, column in enumerate(columns):
        x = left + i * width
        out.append(f'<text x="{x}" y="{top - 20}">{escaped(column[:22])}</text>')
        for tick in (0, 0.5, 1):
            place = x + tick * (width - 30)
            out.append(f'<line x1="{place}" y1="{top - 8}" x2="{place}" y2="{top + row * len(names)}" stroke="#ddd"/>'
                       f'<text x="{place}" y="{top - 10}" fill="#666" font-size="9">{tick}</text>')
    for j, name in enumerate(names):
        y = top + row * j + row / 2
        out.append(f'<text x="8" y="{y + 4}">{escaped(name)}</text>')
        for i, column in enumerate(columns):
            for value in values.get((name, column), []):
                color = "#D55E00" if j == highlighted else "#0072B2"
                out.append(f'<circle cx="{left + i * width + max(0, value) * (width - 30):.1f}" cy="{y}" r="4" fill="{color}" fill-opacity="0.6"/>')
    return out


def svg(path, width, height, parts):
    """Writes a picture."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="11">'
    with open(path, "w") as file:
        file.write("\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>"]) + "\n")


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
