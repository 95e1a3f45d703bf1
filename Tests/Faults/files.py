"""Faults of the files that sc-preprocess reads: HDF5, Matrix Market, text, gzip; names and values
that are wrong in them."""
import gzip, os, random, zlib
from promise import Case

READ = "sc-preprocess -q -t 1"
# Every hostile file of hostile_hdf5.c: the statuses that are right, and what the line must say.
HDF5 = {
    "external-link": (65, "link to another file"), "external-group": (65, "link to another file"),
    "external-behind-soft-link": (65, "link to another file"), "external-storage": (65, "stored in another file"),
    "external-names": (65, "stored in another file"), "virtual": (65, "virtual dataset"), "link-loop": (65, "too many links"),
    "group-for-array": (65, "group where an array"), "text-for-numbers": (65, "text where numbers"), "numbers-for-text": (65, "matrix/barcodes"),
    "dimension-bomb": (65, "claims"), "many-values": (65, "claims"), "large-pieces": (65, "."), "deflate-bomb": (65, "48 values for 33554432"),
    "chunk-that-swells": (65, "."), "filter-blosc": (69, r"filter 32001 \(blosc\)"), "filter-zstd": (69, r"filter 32015 \(zstd\)"),
    "filter-bzip2": (69, r"filter 307 \(bzip2\)"), "filter-unknown": (69, "filter 512"), "two-dimensions": (65, "matrix/data"),
    "records": (65, "records where numbers"), "named-type": (65, "neither a group nor an array"), "no-data": (65, "matrix/data: is missing"),
    "no-shape": (65, "matrix/shape: is missing"), "no-indptr": (65, "matrix/indptr: is missing"), "indptr-falls": (65, "falls from 28 to 20"),
    "index-too-large": (65, r"indices\[9\]: index 8"), "index-negative": (65, r"indices\[9\]: index -1"), "shape-negative": (65, "matrix/shape"),
    "shape-of-genes": (65, "matrix"), "shape-of-cells": (65, "matrix"), "value-negative": (65, "cell 'cell2', gene 'gene4': value -3.0 is negative"),
    "value-not-whole": (65, "cell 'cell2', gene 'gene4': value 0.5 is not an integer"), "value-too-large": (65, r"cell 'cell2', gene 'gene4': .*2\^24"),
    "value-infinite": (65, "cell cell2, gene gene4"), "value-nan": (65, "cell cell2, gene gene4"), "cells-twice": (65, "cell cell0 .*twice"),
    "dense-bomb": (65, "claims"), "dense-wrong-cells": (65, "claims"), "deep": ({0, 65}, "without end"), "circle": ({0, 65}, "without end"),
}


def read(name):
    with open(name, "rb") as file:
        return file.read()


def without_secret(secret, elsewhere):
    """Nothing of a file outside came into the result; none of the others was opened."""
    def check(outcome, folder):
        path = os.path.join(folder, "out.st")
        data = read(path) if os.path.exists(path) else b""
        found = ["a result holds bytes of a file outside"] if any(secret[at:at + 16] in data for at in range(0, 64, 16)) else []
        trace = os.path.join(folder, "trace")
        if os.path.exists(trace) and any(name in read(trace) for name in elsewhere):
            found.append("opens a file outside")
        return found
    return check


def hdf5(folder, secret_path, has_strace, plugins):
    secret = read(secret_path)
    for name, (status, says) in HDF5.items():
        data = read(f"{folder}/{name}.h5")
        check = without_secret(secret, [b"sound.h5", os.path.basename(secret_path).encode()])
        trace = "strace -f -qq -o trace -e trace=open,openat " if has_strace and name.startswith(("external", "virtual", "link")) else ""
        for where, given in (("in.h5", {"files": {"in.h5": data}}), ("-", {"stdin": data})):
            yield Case(f"sc-preprocess {'from standard input, ' if where == '-' else ''}HDF5: {name}", f"{trace}{READ} {where} -o out.st", status,
                       says=says, check=check, memory=None if trace else 600, processor=None if trace else 4, **given)
    yield Case("HDF5: a plug-in stands ready for the filter", f"{READ} in.h5 -o out.st", 69, files={"in.h5": read(f"{folder}/filter-zstd.h5")},
               environment={"HDF5_PLUGIN_PATH": plugins}, check=lambda o, f: ["loads it"] if os.path.exists(os.path.join(f, "loaded")) else [])
    for stage in ("sc-knn", "sc-eval --clusters-column x"):
        for name in ("external-link", "external-storage", "virtual", "dimension-bomb", "filter-blosc", "circle"):
            # A circle is reported only when it is walked.
            yield Case(f"{stage} HDF5: {name}", f"{stage} -q in.h5 -o out.st", {65, 69}, files={"in.h5": read(f"{folder}/{name}.h5")}, timeout=20)


def damaged_hdf5(samples, cuts, flips):
    """Truncated and flipped files: refused, or read as something else if the payload has no
    checksum; never a crash."""
    chance = random.Random(17)
    for name, data in samples.items():
        places = [1, 7, 8, 100, len(data) // 2, len(data) - 1] + [chance.randrange(len(data)) for _ in range(cuts)]
        for at in places:
            yield Case(f"{name} cut at {at}", f"{READ} in.h5 -o out.st", 65, files={"in.h5": data[:at]})
        for _ in range(flips):
            flipped = bytearray(data)
            where = []
            for _ in range(chance.choice((1, 1, 2, 8))):
                at = chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 4096))
                flipped[at] ^= 1 << chance.randrange(8)
                where.append(at)
            # 69 and 71: a flip may ask for a filter or for memory that there is not.
            yield Case(f"{name} flipped at {where}", f"{READ} in.h5 -o out.st", {0, 65, 69, 71}, files={"in.h5": bytes(flipped)})


def found(folder):
    """What fuzzing has found, in Fuzzing/Found/TARGET: read or refused now."""
    names = {"stream": "in.st", "market": "in.mtx", "text": "in.csv", "hdf5": "in.h5", "zarr": "in.zarr.zip"}
    for target, name in names.items():
        place = os.path.join(folder, target)
        for entry in sorted(os.listdir(place)) if os.path.isdir(place) else []:
            yield Case(f"found by fuzzing: {target}/{entry}", f"{READ} {name} -o out.st", {0, 64, 65, 69, 71}, files={name: read(os.path.join(place, entry))})


def tenx(matrix, genes="".join(f"E{i}\tgene{i}\n" for i in range(4)), cells="".join(f"cell{i}\n" for i in range(6)), packed=False):
    files = {"m/matrix.mtx": matrix, "m/genes.tsv": genes, "m/barcodes.tsv": cells}
    return {name: data if isinstance(data, bytes) else data.encode() for name, data in files.items()}


ENTRIES = [(1 + (i * 3 + k) % 4, 1 + i, 1 + (i + k) % 5) for i in range(6) for k in range(3)]
BANNER = "%%MatrixMarket matrix coordinate integer general\n"


def market(entries=None, banner=BANNER, sizes="4 6 18\n", newline="\n", last=True):
    rows = newline.join(" ".join(map(str, entry)) for entry in (ENTRIES if entries is None else entries))
    return (banner + sizes).replace("\n", newline) + rows + (newline if last else "")


def matrix_market():
    def case(what, expect, says=(), more="", **parts):
        return Case(f"Matrix Market: {what}", f"{READ} m -o out.st --min-cells-fraction 0 {more}", expect, says=says, **parts)

    bad = lambda what, matrix, says=r"line \d+", **more: case(what, 65, says, files=tenx(matrix), **more)
    good = lambda what, matrix, **more: case(what, 0, files=tenx(matrix), **more)
    swap = lambda at, entry: ENTRIES[:at] + [entry] + ENTRIES[at + 1:]
    half = market([(*entry[:2], "0.37" if number == 7 else entry[2]) for number, entry in enumerate(ENTRIES)], BANNER.replace("integer", "real"))
    negative = market([(*entry[:2], "-4" if number == 7 else entry[2]) for number, entry in enumerate(ENTRIES)], BANNER.replace("integer", "real"))
    yield good("as it should be", market())
    yield good("no last newline", market(last=False))
    yield good("CRLF", market(newline="\r\n"))
    yield good("real", market(banner=BANNER.replace("integer", "real")))
    yield good("pattern", market([entry[:2] for entry in ENTRIES], BANNER.replace("integer", "pattern")))
    yield good("comments and blank lines", market(banner=BANNER + "% a\n\n%\n"))
    yield good("upper case", market(banner=BANNER.upper()))
    yield good("any order", market(list(reversed(ENTRIES))))
    for what, names in {
        "of kb": ("cells_x_genes.mtx", "cells_x_genes.genes.txt", "cells_x_genes.barcodes.txt"), "of alevin-fry": ("quants_mat.mtx", "quants_mat_cols.txt", "quants_mat_rows.txt"),
        "of STARsolo": ("matrix.mtx", "features.tsv", "barcodes.tsv"), "with a prefix": ("GSM1_matrix.mtx", "GSM1_genes.tsv", "GSM1_barcodes.tsv"),
    }.items():
        turned = market([(entry[1], entry[0], *entry[2:]) for entry in ENTRIES], sizes="6 4 18\n") if what in ("of kb", "of alevin-fry") else market()
        parts = dict(zip((f"m/{name}" for name in names), (part.encode() for part in (turned, "".join(f"E{i}\n" for i in range(4)), "".join(f"cell{i}\n" for i in range(6))))))
        yield case(what, 0, files=parts)
        yield case(f"{what}, a gene too many", 65, "in the lists", files={**parts, f"m/{names[1]}": b"E\n" * 5})
        yield case(f"{what}, without the list of genes", 66, names[1].split(".")[0], files={name: data for name, data in parts.items() if names[1] not in name})
    velocity = {f"m/{name}.mtx": market().encode() for name in ("spliced", "unspliced", "ambiguous")}
    lists = {f"m/{name}.tsv": data for name, data in (("features", b"".join(b"E%d\n" % i for i in range(4))), ("barcodes", b"".join(b"cell%d\n" % i for i in range(6))))}
    yield case("spliced, unspliced and ambiguous counts", 0, files={**velocity, **lists})
    yield case("ambiguous counts of other cells", 65, "in the lists", files={**velocity, **lists, "m/ambiguous.mtx": market(sizes="4 7 18\n").encode()})
    yield case("spliced counts alone among others", 64, "several matrices", files={**{k: v for k, v in velocity.items() if "/spliced" not in k}, **lists})
    yield bad("fewer entries than announced", market(sizes="4 6 19\n"))
    yield bad("more entries than announced", market(sizes="4 6 17\n"))
    yield bad("index 0", market(swap(3, (0, 2, 1))), "line 6")
    yield bad("index too large", market(swap(3, (5, 2, 1))), "line 6")
    yield bad("column too large", market(swap(3, (1, 7, 1))), "line 6")
    yield bad("index negative", market(swap(3, (-1, 2, 1))), "line 6")
    yield good("an entry twice: added", market(swap(4, ENTRIES[3])))
    yield good("float for real", market(banner=BANNER.replace("integer", "float")))
    yield case("what macOS leaves beside", 0, files={**tenx(market()), "m/._matrix.mtx": b"\0\5\x16\7", "m/._genes.tsv": b"\0", "m/.DS_Store": b"x"})
    parse = {"m/all_genes.csv": b"gene_id,gene_name\n" + b"".join(b"E%d,gene%d\n" % (i, i) for i in range(4)),
             "m/cell_metadata.csv": b"bc_wells,sample\n" + b"".join(b"01_01_%02d,s\n" % i for i in range(6))}
    by_cells = market([(entry[1], entry[0], *entry[2:]) for entry in ENTRIES], sizes="6 4 18\n").encode()
    for name in ("DGE.mtx", "count_matrix.mtx"):
        yield case(f"of Parse Biosciences, {name}", 0, files={**parse, f"m/{name}": by_cells})
        yield case(f"{name}, a gene too many", 65, "in the lists", files={**parse, f"m/{name}": by_cells, "m/all_genes.csv": parse["m/all_genes.csv"] + b"E,x\nE,y\n"})
        yield case(f"{name}, a ragged list", 65, "line 3", files={**parse, f"m/{name}": by_cells, "m/all_genes.csv": b"gene_id,gene_name\nE0,a\nE1\nE2,c\nE3,d\n"})
    yield case("lists by their own names", 0, files={"m/GSM1_x.mtx": market().encode(), "m/GSM1_genes_x.tsv": b"a\nb\nc\nd\n",
                                                    "m/GSM1_cells_x.tsv": b"".join(b"c%d\n" % i for i in range(6))})
    yield case("barcodes for genes and genes for barcodes", 65, "exchange the lists", files=tenx(
        market([(1, 1, 2), (2, 2, 3)], sizes="2 2 2\n"),
        genes="AAACCTGAGAAACC\nAAACCTGAGAAAGG\n", cells="ACTB\nGAPDH\n"))
    yield case("an orientation against the lists", 65, "lengths of the lists", files=tenx(market()), more="--orientation cells")
    yield bad("a word for a number", market(swap(2, (1, 1, "many"))), "line 5")
    yield bad("two columns", market(swap(2, (1, 1))), "line 5")
    yield bad("four columns", market(swap(2, (1, 1, 1, 1))), "line 5")
    yield bad("nan", market(swap(2, (1, 1, "nan"))))
    yield bad("inf", market(swap(2, (1, 1, "1e999"))))
    yield bad("10^30 for an index", market(swap(2, ("1" + "0" * 30, 1, 1))), "line 5")
    yield bad("10^30 rows", market(sizes="1" + "0" * 30 + " 6 18\n"), "line 2")
    yield bad("10^12 entries", market(sizes="4 6 1000000000000\n"), "line 2")
    yield bad("10^18 rows", market(sizes="1000000000000000000 6 18\n"), "line 2")
    yield bad("negative sizes", market(sizes="-4 6 18\n"), "line 2")
    yield bad("two sizes", market(sizes="4 6\n"), "line 2")
    yield bad("no sizes", BANNER, ".")
    yield bad("symmetric", market(banner=BANNER.replace("general", "symmetric")), "line 1")
    yield bad("skew-symmetric", market(banner=BANNER.replace("general", "skew-symmetric")), "line 1")
    yield bad("array", market(banner=BANNER.replace("coordinate", "array")), "line 1")
    yield bad("complex", market(banner=BANNER.replace("integer", "complex")), "line 1")
    yield bad("another banner", market(banner="%%MatrixMarket tensor\n"), "line 1")
    yield bad("no banner", market(banner=""), ".")
    yield bad("empty", b"", ".")
    yield bad("zeros", bytes(4096), ".")
    yield bad("a line of ten megabytes", BANNER + "%" * (10 << 20), ".")
    yield bad("a negative value", negative, "cell '.*gene '.*negative")
    yield case("half a count", 65, "cell '.*gene '.*not an integer", files=tenx(half))
    yield case("half a count, let through", 0, files=tenx(half), more="--allow-noninteger")
    yield case("too few genes named", 65, "in the lists", files=tenx(market(), genes="E0\tgene0\n"))
    yield case("too many cells named", 65, "in the lists", files=tenx(market(), cells="".join(f"cell{i}\n" for i in range(7))))
    yield case("barcodes twice", 65, "twice", files=tenx(market(), cells="cell0\n" * 6))
    yield case("genes twice", 0, files=tenx(market(), genes="E\tgene\n" * 4))
    yield case("genes that are numbers", 0, files=tenx(market(), genes="".join(f"{i}\t{i}\n" for i in range(4))))
    yield case("empty gene names", {0, 65}, files=tenx(market(), genes="\t\n" * 4))
    yield case("gene names that are not UTF-8", {0, 65}, files=tenx(market(), genes=b"".join(b"E\xff%d\tg\xfe%d\n" % (i, i) for i in range(4))))
    yield case("control bytes in barcodes", {0, 65}, files=tenx(market(), cells="".join(f"c\x1b[31m\x07{i}\n" for i in range(6))))
    yield case("control bytes in names, and a fault", 65, files=tenx(half,
                                                                      cells="".join(f"c\x1b[31m{i}\n" for i in range(6))))
    yield case("names that are paths", 0, files=tenx(market(), genes="".join(f"../../x{i}\t/etc/passwd{i}\n" for i in range(4)),
                                                      cells="".join(f"../../../tmp/y{i}\n" for i in range(6))))
    yield case("an empty list of barcodes", 65, files=tenx(market(), cells=""))
    yield Case("Matrix Market: no list of barcodes", f"{READ} m -o out.st", 66, files={k: v for k, v in tenx(market()).items() if "barcodes" not in k})
    yield Case("Matrix Market: a matrix alone", f"{READ} m.mtx -o out.st --min-cells-fraction 0", 0, files={"m.mtx": market().encode()})


def text():
    def case(what, content, expect, says=(), more="--min-cells-fraction 0", name="in.csv", **parts):
        data = content if isinstance(content, bytes) else content.encode()
        return Case(f"text: {what}", f"{READ} {name} -o out.st {more}", expect, says=says, files={name: data}, **parts)

    rows = [[str((i * 5 + j * 3) % 7) for j in range(4)] for i in range(6)]
    def table(change=None, delimiter=",", newline="\n", last=True):
        lines = [["", *(f"gene{j}" for j in range(4))]] + [[f"cell{i}", *row] for i, row in enumerate(rows)]
        if change:
            change(lines)
        return newline.join(delimiter.join(line) for line in lines) + (newline if last else "")

    def put(line, field, value):
        return table(lambda lines: lines[line].__setitem__(field, value))

    for delimiter in ",\t;":
        yield case(f"delimiter {delimiter!r}", table(delimiter=delimiter), 0)
    yield case("CRLF", table(newline="\r\n"), 0)
    yield case("no last newline", table(last=False), 0)
    yield case("transposed", table(), 0, more="--transpose --min-cells-fraction 0")
    yield case("byte order mark", b"\xef\xbb\xbf" + table().encode(), 0)
    yield case("comments in front", "# a, b; c\n##\n" + table(), 0)
    yield case("several blanks", table(delimiter="  ").replace("  gene0", "name  gene0", 1), 0)
    yield case("a tab at every end", table(delimiter="\t").replace("\n", "\t\n"), 0)
    yield case("no header", "\n".join(table().split("\n")[1:]), 65, "line 1: holds numbers, not names")
    yield case("genes in rows", ",cell1,cell2\nMT-ND1,1,2\nGAPDH,3,4\n", 65, "give --transpose .*--orientation genes")
    yield case("genes in rows, kept", ",cell1,cell2\nMT-ND1,1,2\nGAPDH,3,4\n", 0, more="--orientation cells")
    yield case("genes in rows, turned", ",cell1,cell2\nMT-ND1,1,2\nGAPDH,3,4\n", 0, more="--orientation genes")
    yield case("columns about the cells", table(lambda lines: [line.insert(1, "leiden" if not i else "a") for i, line in enumerate(lines)]), 0)
    yield case("a long table", "gene\tcell\tcount\nG1\tc1\t2\nG2\tc1\t1\nG1\tc2\t3\n", 0)
    yield case("a long table, a word for a count", "gene\tcell\tcount\nG1\tc1\t2\nG2\tc1\tx\n", 65, "line 3, column 3")
    yield case("a long table, a ragged line", "gene\tcell\tcount\nG1\tc1\t2\nG2\tc1\n", 65, "line 3")
    yield case("a table of words", "a,b,c\nx,y,z\nx,y,z\n", 65, "a table of words")
    yield case("numbers of rows for names, no name for a cell", "GAPDH,ACTB\n5,1\n7,2\n", 65, "'GAPDH' holds numbers")
    yield case("UTF-16", table().encode("utf-16"), 65, "iconv -f UTF-16")
    yield case("carriage returns alone", table(newline="\r"), 65, "carriage returns")
    yield case("a word in a cell", put(3, 2, "many"), 65, ("line 4", "column 3"))
    yield case("an empty cell", put(3, 2, ""), 65, "line 4")
    yield case("a quote that is not closed", put(3, 2, '"1'), 65, "line 4")
    yield case("a ragged row", table(lambda lines: lines[3].pop()), 65, "line 4")
    yield case("a row too long", table(lambda lines: lines[3].append("1")), 65, "line 4")
    for value in ("nan", "inf", "-inf", "1e999"):
        yield case(f"{value} in a cell", put(3, 2, value), 65, "line 4|cell")
    yield case("a negative value", put(3, 2, "-2"), 65, "negative")
    yield case("half a count", put(3, 2, "0.37"), 65, "not an integer")
    yield case("more than 2^24", put(3, 2, "16777218"), 65, r"2\^24")
    yield case("10^30", put(3, 2, "1" + "0" * 30), 65)
    yield case("barcodes twice", put(3, 0, "cell0"), 65, "twice")
    yield case("genes twice", put(0, 3, "gene0"), 0)
    yield case("control bytes in a barcode", put(3, 0, "c\x1b]0;x\x07"), {0, 65})
    yield case("bytes that are not UTF-8", table().encode().replace(b"gene1", b"gen\xff\xfe"), {0, 65})
    yield case("zero bytes", table().encode().replace(b"gene1", b"ge\0e1"), 65)
    yield case("a header alone", ",a,b\n", 65)
    yield case("all zero", table(lambda lines: [line.__setitem__(j, "0") for line in lines[1:] for j in range(1, 5)]), 65, "no cells are left")
    yield case("an empty cell and an empty gene", table(lambda lines: ([lines[2].__setitem__(j, "0") for j in range(1, 5)],
                                                                     [line.__setitem__(2, "0") for line in lines[1:]])), 0)
    yield case("spaces for content", " " * 5000, 65)
    yield case("a line of 50 megabytes", b"a" * (50 << 20), 65, processor=5, memory=600)
    yield case("a header of a million genes, no cells", "," + ",".join(f"g{i}" for i in range(1_000_000)) + "\n", 65, processor=8)


def foreign():
    """Other kinds of files, by name and by a pipe: called what they are."""
    table = ",g1,g2\na,1,2\nb,3,4\n".encode()
    kinds = {
        "npy": (b"\x93NUMPY\1\0v\0{'descr'", "NumPy array"), "npz": (b"PK\3\4" + bytes(26) + b"data.npy", "NumPy archive"), "pickle": (b"\x80\4\x95" + bytes(20), "pickle"),
        "zarr.zip": (b"PK\3\4" + bytes(26) + b".zgroup", "zarr store"), "xlsx": (b"PK\3\4" + bytes(26) + b"[Content_Types].xml", "Excel"), "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(20), "PNG"),
        "JPEG": (b"\xff\xd8\xff\xe0" + bytes(20), "JPEG"), "PDF": (b"%PDF-1.7\n1 0 obj\n", "PDF"), "parquet": (b"PAR1" + bytes(20), "parquet"), "RDS": (gzip.compress(b"X\n\0\0\0\3" + bytes(20)), "data of R"),
        "twice packed": (gzip.compress(gzip.compress(table)), "packed twice"), "UTF-16BE": (table.decode().encode("utf-16-be"), "iconv -f UTF-16BE"), "web page": (b"<!DOCTYPE html>\n<p>a, b", "web page"),
        "AppleDouble": (b"\0\5\x16\7\0\2\0\0Mac OS X        ", "AppleDouble"), "HDF5 cut, packed": (gzip.compress(b"\x89HDF\r\n\x1a\n" + bytes(100)), "."),
    }
    for name, (data, says) in kinds.items():
        for where, given in (("in.x", {"files": {"in.x": data}}), ("-", {"stdin": data})):
            yield Case(f"{name}{', from standard input' if where == '-' else ''}", f"{READ} {where} -o out.st", 65, says=says, **given)
    bomb = swelling(b"\x89HDF\r\n\x1a\n", b"\0", 300 << 20)
    yield Case("gzip: a bomb of HDF5", f"{READ} in.h5ad.gz --max-memory 100M -o out.st", 71, says="gunzip", files={"in.h5ad.gz": bomb}, processor=5)


def labels():
    names = [f"cell{i}" for i in range(6)]
    data = market().encode()
    files = {"m/matrix.mtx": data, "m/genes.tsv": b"".join(b"E%d\n" % i for i in range(4)), "m/barcodes.tsv": "".join(f"{n}\n" for n in names).encode()}
    two = "".join(f'{n},"T, {i % 2}"\n' for i, n in enumerate(names))

    def case(what, text, expect, says=(), option="l.csv"):
        content = text if isinstance(text, bytes) else text.encode()
        return Case(f"labels: {what}", f"{READ} m --labels {option} -o out.st --min-cells-fraction 0", expect, says=says, files={**files, "l.csv": content})

    yield case("quoted", two, 0)
    yield case("R's short header", "type\n" + "".join(f"{n} T{i % 2}\n" for i, n in enumerate(names)), 0)
    yield case("gzip", gzip.compress(two.encode()), 0)
    yield case("gzip, cut", gzip.compress(two.encode())[:-4], 65, "cut short")
    yield case("byte order mark", b"\xef\xbb\xbf" + two.encode(), 0)
    yield case("not UTF-8", two.replace("T", "\xff").encode("latin-1"), 65, "UTF-8")
    yield case("UTF-16", two.encode("utf-16"), 65, "iconv")
    yield case("other cells", two.replace("cell", "other"), 65, "contains none of the 6 cell names")
    yield case("two labels for a cell", two + "cell0,x\n", 65, "line 7")
    yield case("three columns", two.replace("\n", ",1\n"), 65, "l.csv:COLUMN")
    yield case("three columns, one named", two.replace("\n", ",1\n"), 0, option="l.csv:2")
    yield case("a column that is not there", two, 65, "no column", option="l.csv:x")
    yield case("a ragged line", two + "cell0\n", 65, "line 7")
    yield case("none at all", two.replace('"T, 0"', "NA").replace('"T, 1"', ""), 65, "no label")
    yield case("nothing", b"", 65)
    yield case("a line of ten megabytes", b"a" * (10 << 20), 65)


def swelling(head, filling, size):
    """A gzip file of `head` and `size` bytes of `filling`."""
    packer, piece = zlib.compressobj(9, wbits=31), filling * ((1 << 20) // len(filling))
    return packer.compress(head) + b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


def zipped():
    content = market().encode()
    whole = gzip.compress(content, mtime=0)
    flipped = bytearray(whole)
    flipped[-6] ^= 1
    length = bytearray(whole)
    length[-1] ^= 1
    body = bytearray(whole)
    body[len(body) // 2] ^= 4

    def case(what, data, expect, name="m.mtx.gz", more="", **limits):
        return Case(f"gzip: {what}", f"{READ} {name} -o out.st --min-cells-fraction 0 {more}", expect, files={name: data}, **limits)

    yield case("as it should be", whole, 0)
    yield case("two members", gzip.compress(content[:90]) + gzip.compress(content[90:]), 0)
    yield case("plain text named .gz", content, 0)
    yield case("packed, but not named so", whole, 0, name="m.mtx")
    for at in (0, 1, 2, 9, 10, 11, len(whole) // 2, len(whole) - 8, len(whole) - 4, len(whole) - 1):
        yield case(f"cut at {at}", whole[:at], 65)
    yield case("checksum flipped", bytes(flipped), 65)
    yield case("length flipped", bytes(length), 65)
    yield case("body flipped", bytes(body), 65)
    yield case("garbage after it", whole + b"garbage", 65)
    yield case("zeros after it", whole + bytes(64), {0, 65})
    yield case("unknown method", whole[:2] + b"\x09" + whole[3:], 65)
    bomb = swelling(BANNER.encode(), b"%", 200 << 20)
    yield case("a bomb, 200 KB to 200 MiB of a comment", bomb, 65, memory=200, processor=3)
    blanks = swelling(content, b"\n", 200 << 20)
    yield case("a bomb of blank lines after the end", blanks, 65, memory=200, processor=3)
    yield case("a bomb of a text table", swelling(b",", b"g,", 40 << 20), 65, name="in.csv.gz", memory=2000, processor=20)
    yield case("a bomb of zeros", swelling(b"", b"\0", 200 << 20), 65, memory=200, processor=3)
