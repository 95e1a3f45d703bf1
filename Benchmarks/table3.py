#!/usr/bin/env python3
"""Which method suits labeled data: sets × methods × seeds through the real programs. The number of
clusters is that of the types, or the one that the data show.

    SC=.build/release/ Benchmarks/table3.py FOLDER SET [SET ...] [--methods NAME ...]
        [--seeds 0 1 2] [--counts given auto] [--jobs 2] [--peer-dir DIR]
    Benchmarks/table3.py FOLDER --report TABLE [TABLE ...]

A SET is FILE:LABELS:TYPES[:LABEL TO LEAVE OUT], for example
../shared/data/rna/10X_PBMC_top2000.h5:Y:8. Rows go to FOLDER/runs.tsv as soon as they are known. A
row that is there already is not run again, so that an interrupted table continues.

At the end, and with --report from other tables of runs, FOLDER gets table3.tsv, table3.md and
table3.svg. They have means, deviations over the seeds, ranks, Friedman's test, Nemenyi's critical
difference, seconds, and the memory of the largest process.

True labels are read by sc-eval alone. Two runs at a time share the cores, a thread each: seconds
are then only a guide. A method NAME:PRESET has that preset in both stages. NAME+NAME trains both
models one after another, and clusters by the consensus of their codes. scemc, scmdc, dcca, scmcs
and scmvae run on paired data (.h5mu) alone. A method that one of the sets lacks has no rank.
Published programs that the user has are methods too: DIR/peers.tsv names them and their commands
(see published.py). A program that fails has a row with the reason.
"""
import argparse, functools, os, statistics, sys

import published, ranks, runs

MODELS = ["sctpf", "sctag", "scdsc", "scdeepcluster", "sczidesk", "desc", "scemc", "scmdc", "dcca", "scmcs", "scmvae"]
PAIRED = ["scemc", "scmdc", "dcca", "scmcs", "scmvae"]
# Without a model: what sc-cluster makes of the components and of the graph.
BASELINES = {
    "k-means of components": ("", "", None, "--method kmeans --use X_pca"),
    "spectral of the graph": ("", "", None, "--method spectral"),
    "Leiden of the graph": ("", "", None, "--method leiden"),
    "SC3": ("", "", None, "--method sc3"),
}
# Beside all types: what the table says of the number of clusters.
COUNTS = {"given": "as many clusters as types", "auto": "as many clusters as the data show"}
SUMMARY = ["clusters", "set", "method", "runs", "acc", "nmi", "ari", "ari_deviation", "rank", "found", "seconds", "peak_mib", "note"]


def setting(name):
    """The options of a method."""
    if name in BASELINES:
        return BASELINES[name]
    if "+" in name:
        return "", "", tuple(f"--model {model}" for model in name.split("+")), "--method consensus"
    model, _, preset = name.partition(":")
    options = f"--preset {preset}" if preset else ""
    return "", "", f"--model {model} {options}", f"--method {model} {options}"


def method(name):
    """A method by its name, as an option."""
    model, _, preset = name.partition(":")
    if name in BASELINES or model in MODELS and preset in ("", "default", "paper", "released"):
        return name
    if "+" in name and set(name.split("+")) <= set(MODELS):
        return name
    known = ", ".join([*MODELS, *(f"'{baseline}'" for baseline in BASELINES)])
    raise argparse.ArgumentTypeError(f"'{name}' is none of {known}; a model may have a preset behind a colon, and + joins models")


def is_paired(name):
    """Whether a method needs paired data."""
    return any(model.partition(":")[0] in PAIRED for model in name.split("+"))


def peers(folder):
    """A folder of published programs, as an option."""
    try:
        found = published.read(folder)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None
    taken = [name for name in found if name in BASELINES or name.partition(":")[0] in MODELS]
    if taken:
        raise argparse.ArgumentTypeError(f"{folder}: '{taken[0]}' is a method of the table; give the program another name")
    return found


def peer_runs(programs, options):
    """The runs of published programs, for `runs.run`: with the number of types if the command takes
    one, else with a number of their own."""
    for item in options.sets:
        for name, peer in options.peer_dir.items():
            if options.peers and name not in options.peers:
                continue
            count = "given" if peer.takes_clusters else "auto"
            for counted_item in counted(item, [count] if count in options.counts else []):
                yield counted_item, name, functools.partial(published.score, programs, peer, counted_item)


def labeled_set(item):
    """A set, as an option."""
    parts = item.split(":", 3)
    if len(parts) < 3 or not parts[2].isdigit() or int(parts[2]) < 1:
        raise argparse.ArgumentTypeError(f"'{item}' is not FILE:LABELS:TYPES with a number of types")
    if not os.path.exists(parts[0]):
        raise argparse.ArgumentTypeError(f"'{item}': there is no file '{parts[0]}'")
    return item


def counted(item, counts):
    """The set with each number of clusters: `8`, `auto/8`."""
    path, labels, types, *rest = item.split(":", 3)
    return [":".join([path, labels, types if count == "given" else f"auto/{types}", *rest]) for count in counts]


class Table:
    """The runs with one way to choose the number of clusters."""

    def __init__(self, rows):
        self.sets, self.methods = ([*dict.fromkeys(row[key] for row in rows)] for key in ("set", "setting"))
        self.runs = {}
        for row in rows:
            self.runs.setdefault((row["setting"], row["set"]), []).append(row)
        self.ranked = [method for method in self.methods if all(self.values(method, name, "ari") for name in self.sets)]
        blocks = [[self.mean(method, name, "ari") for method in self.ranked] for name in self.sets]
        self.ranks = dict(zip(self.ranked, ranks.mean_ranks(blocks))) if self.ranked else {}
        self.set_ranks = {(method, name): rank for name, block in zip(self.sets, blocks) for method, rank in zip(self.ranked, ranks.ranks(block))}
        tested = len(self.sets) > 1 and len(self.ranked) > 2
        self.friedman = ranks.Friedman(blocks) if tested else None
        self.difference = ranks.critical_difference(len(self.ranked), len(self.sets)) if tested else None

    def values(self, method, name, key):
        return [float(row[key]) for row in self.runs.get((method, name), []) if row.get(key)]

    def mean(self, method, name, key):
        values = self.values(method, name, key)
        return statistics.mean(values) if values else None

    def notes(self, method, name):
        """Why runs of a method have no figures."""
        return [*dict.fromkeys(row["note"] for row in self.runs.get((method, name), []) if row.get("note"))]

    def by_rank(self):
        """The methods from best to worst, those without a rank last."""
        return sorted(self.methods, key=lambda method: self.ranks.get(method, float("inf")))

    def verdict(self):
        if not self.friedman:
            return "A test of ranks needs two sets and three methods."
        differ = "differ" if self.friedman.chance < 0.05 else "do not differ"
        bound = f" Two methods differ where their mean ranks do by {self.difference:.2f} (Nemenyi, 5 %)." if self.difference else ""
        return (f"Friedman's χ² is {self.friedman.statistic:.2f} over {len(self.sets)} sets and {len(self.ranked)} methods (p = {self.friedman.chance:.2g}): "
                f"the mean ranks {differ} by more than chance at 5 %.{bound}")


def lines(count, table):
    """The rows of table3.tsv."""
    number = lambda value, digits: "" if value is None else f"{value:.{digits}f}"
    for name in table.sets:
        for method in table.methods:
            found = table.runs.get((method, name))
            if not found:
                continue
            aris = table.values(method, name, "ari")
            means = {key: table.mean(method, name, key) for key in ("acc", "nmi", "ari", "found", "seconds", "peak_mib")}
            yield [count, name, method, len(found), *(number(means[key], 4) for key in ("acc", "nmi", "ari")),
                   f"{statistics.stdev(aris):.4f}" if len(aris) > 1 else "", number(table.set_ranks.get((method, name)), 1), number(means["found"], 1),
                   number(means["seconds"], 1), number(means["peak_mib"], 0), "; ".join(table.notes(method, name))]


def markdown(count, table):
    """One table of figures and one of costs."""
    head = lambda first, names: ["| " + " | ".join([first, *names]) + " |", "|---" * (len(names) + 1) + "|"]
    out = [f"## {COUNTS[count][0].upper()}{COUNTS[count][1:]}", "", "Adjusted Rand index, mean and deviation over the seeds.", ""]
    out += head("method", [*table.sets, "mean", "mean rank"])
    for method in table.by_rank():
        cells = [runs.mean_and_spread(table.values(method, name, "ari")) or ("failed" if table.notes(method, name) else "") for name in table.sets]
        whole = f"{statistics.mean(table.mean(method, name, 'ari') for name in table.sets):.3f}" if method in table.ranks else ""
        rank = f"{table.ranks[method]:.2f}" if method in table.ranks else ""
        out.append(f"| {method} | " + " | ".join([*cells, whole, rank]) + " |")
    out += ["", table.verdict(), "", "Seconds, and MiB of the largest process.", "", *head("method", table.sets)]
    for method in table.by_rank():
        costs = [(table.mean(method, name, "seconds"), table.mean(method, name, "peak_mib")) for name in table.sets]
        out.append(f"| {method} | " + " | ".join("" if None in cost else f"{cost[0]:.0f} s, {cost[1]:.0f} MiB" for cost in costs) + " |")
    failed = [(method, name, note) for method in table.by_rank() for name in table.sets for note in table.notes(method, name)]
    if failed:
        out += ["", *(f"- {method} on {name}: {note}" for method, name, note in failed)]
    return out + [""]


def ranks_drawn(table, top, left, width):
    """The axis of mean ranks with a bar over methods that do not differ; its parts, and its
    height."""
    order = [method for method in table.by_rank() if method in table.ranks]
    if len(order) < 2:
        return [], 0
    place = lambda rank: left + (rank - 1) / (len(order) - 1) * width
    out = [f'<line x1="{place(1)}" y1="{top}" x2="{place(len(order))}" y2="{top}" stroke="black"/>']
    for rank in range(1, len(order) + 1):
        out.append(f'<line x1="{place(rank)}" y1="{top - 5}" x2="{place(rank)}" y2="{top}" stroke="black"/>'
                   f'<text x="{place(rank)}" y="{top - 9}" text-anchor="middle">{rank}</text>')
    below = top + 12
    if table.difference:
        out.append(f'<line x1="{place(1)}" y1="{top - 28}" x2="{min(left + width, place(1 + table.difference)):.1f}" y2="{top - 28}" stroke="#D55E00" stroke-width="3"/>'
                   f'<text x="{place(1)}" y="{top - 34}">critical difference {table.difference:.2f}</text>')
        for first, last in ranks.groups([table.ranks[method] for method in order], table.difference):
            begin, end = place(table.ranks[order[first]]), place(table.ranks[order[last]])
            out.append(f'<line x1="{begin - 3:.1f}" y1="{below}" x2="{end + 3:.1f}" y2="{below}" stroke="black" stroke-width="4"/>')
            below += 8
    for number, method in enumerate(order):
        x, y = place(table.ranks[method]), below + 14 + 16 * number
        out.append(f'<polyline points="{x:.1f},{top} {x:.1f},{y} {left - 8},{y}" fill="none" stroke="#888"/>'
                   f'<text x="{left - 12}" y="{y + 4}" text-anchor="end">{runs.escaped(method)} ({table.ranks[method]:.2f})</text>')
    return out, below - top + 24 + 16 * len(order)


def draw(path, tables):
    """Ranks and points of every way to choose the number of clusters, one below the other."""
    left, column, row, y, parts = 260, 150, 22, 20, []
    width = left + max(max(len(table.sets) for table in tables.values()) * column, 360) + 20
    for count, table in tables.items():
        parts.append(f'<text x="8" y="{y}" font-size="14">{COUNTS[count][0].upper()}{COUNTS[count][1:]}: mean ranks, adjusted Rand index</text>')
        drawn, height = ranks_drawn(table, y + 60, left, 340)
        parts += drawn
        y += 60 + height + 40
        order = table.by_rank()
        values = {(method, name): table.values(method, name, "ari") for method in order for name in table.sets}
        parts += runs.dots(left, y, row, column, table.sets, order, values)
        y += row * len(order) + 50
    runs.svg(path, width, y, parts)


def report(folder, rows):
    """Writes the three forms of the table."""
    tables = {}
    for count in COUNTS:
        own = [row for row in rows if row["clusters"].startswith("auto") == (count == "auto")]
        if own:
            tables[count] = Table(own)
    if not tables:
        sys.exit("table3.py: there are no runs to report")
    texts = {
        "table3.tsv": ["\t".join(map(str, line)) for line in [SUMMARY, *(line for count, table in tables.items() for line in lines(count, table))]],
        "table3.md": [line for count, table in tables.items() for line in markdown(count, table)],
    }
    for name, text in texts.items():
        path = os.path.join(folder, name)
        with open(path + ".new", "w") as file:
            file.write("\n".join(text).rstrip() + "\n")
        os.replace(path + ".new", path)
    draw(os.path.join(folder, "table3.svg"), tables)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("sets", nargs="*", type=labeled_set)
    parser.add_argument("--methods", nargs="*", type=method, metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--counts", nargs="+", default=[*COUNTS], choices=[*COUNTS])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer-dir", type=peers, default={}, metavar="DIR")
    parser.add_argument("--peers", nargs="+", metavar="NAME", help="of these programs alone")
    parser.add_argument("--report", nargs="+", metavar="TABLE")
    options = parser.parse_args()
    if bool(options.sets) == bool(options.report):
        parser.error("give sets to run, or --report with tables of runs")
    for name in options.peers or []:
        if name not in options.peer_dir:
            parser.error(f"--peers '{name}': --peer-dir has no such program")
    if options.methods is None:
        options.methods = [*MODELS, *BASELINES]
    table = os.path.join(options.folder, "runs.tsv")
    os.makedirs(options.folder, exist_ok=True)
    failures = []
    if options.sets:
        programs = runs.Programs(os.environ.get("SC", ""), options.threads)
        paired = [item for item in options.sets if item.split(":")[0].endswith(".h5mu")]
        for names, sets in (([n for n in options.methods if not is_paired(n)], options.sets),
                            ([n for n in options.methods if is_paired(n)], paired)):
            items = [item for whole in sets for item in counted(whole, options.counts)]
            failures += runs.run(programs, table, items, {name: setting(name) for name in names}, options.seeds, options.jobs)
        failures += runs.run(programs, table, [], {}, options.seeds, options.jobs, peer_runs(programs, options))
    rows = [row for path in options.report or [table] for row in runs.read(path)]
    if rows or not (failures or options.peer_dir):
        report(options.folder, rows)
    if failures:
        sys.exit("\n".join(failures))


main()
