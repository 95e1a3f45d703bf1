#!/usr/bin/env python3
"""Sentences of pages and comments have at most 25 words, and none begins with "Of":

    scripts/check-sentences.py [FILE ...]

In pages, code, tables, headings, comments and pictures are passed over. In sources, comments and
docstrings are read. Lines that a comment indents are equations or usage, and are passed over. A
span of code or an equation counts as one word. Shapes and citations in parentheses, and addresses,
do not count. Each fault is named as file:line: words: sentence, and the exit code is then 1.
Without files the script takes the pages, and the sources of COMMENTED.
"""
import re, subprocess, sys

MOST = 25
PAGES = ["README.md", "docs/*.md", "ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md",
         "CONTRIBUTING.md", "SECURITY.md"]
COMMENTED = ["*.swift", "*.h", "*.c", "*.py", "*.smk", "*.yaml", "*.R", "*.sh", "*.mk", "*.awk", "*.nf", "Makefile",
             "Dockerfile", "apptainer.def", ".ci/run", "Sources/sc/sc", "pipelines/Snakefile", "pipelines/Makefile"]
ITEM = re.compile(r"^\s*(?:[-*] |[1-9]\. )")
# What is no prose at the beginning of a line of a page, and of a comment.
OTHER = re.compile(r"    |[|#<>]|!\[|\[!")
INDENTED = re.compile(r"  |[|#<>]|!")
# Headings of sections, and commands to other programs.
MARKS = re.compile(r"#!|\W*(?:MARK:|swift-format-ignore|hadolint|swiftlint|noqa|type: ignore|yaml-language-server|-\*-)")
DOCSTRING = re.compile(r'(?<![\w\'"=(,\[+])[rR]?"""(.*?)"""', re.DOTALL)


def paragraphs(lines, other=OTHER):
    """The paragraphs and items in numbered lines: the number of the first line, and the text."""
    kept, start, fenced, in_item = [], 0, False, False
    for number, line in [*lines, (0, "")]:
        is_fence, is_item = line.startswith("```"), bool(ITEM.match(line))
        fenced ^= is_fence
        # An item's further lines are indented, but not as far as code.
        is_other = OTHER.match(line) if in_item and other is not OTHER and kept else other.match(line)
        is_prose = bool(line.strip()) and not is_fence and not fenced and (is_item or not is_other)
        if kept and (is_item or not is_prose):
            yield start, " ".join(kept)
            kept = []
        if is_prose:
            in_item = is_item or (in_item and bool(kept))
            start = start if kept else number
            kept.append(ITEM.sub("", line, count=1).strip())


def comments(lines, mark):
    """The comments of numbered lines, each as its own numbered lines without the mark."""
    whole = re.compile(rf"^(\s*)({mark})(?: (.*))?$")
    behind = re.compile(rf"^(.*?\S)\s+({mark}) (.*)$")
    block, kind = [], None
    for number, line in [*lines, (0, "")]:
        match = None if MARKS.match(line) else whole.match(line)
        if block and (not match or (match[1], match[2]) != kind):
            yield block
            block = []
        if match:
            kind = (match[1], match[2])
            block.append((number, match[3] or ""))
        elif (found := behind.match(line)) and found[1].count('"') % 2 == 0 and found[1].count("'") % 2 == 0:
            yield [(number, found[3])]


def spans(text, pattern):
    """What a pattern with one group finds over several lines, as numbered lines with their
    indents."""
    for match in pattern.finditer(text):
        first = text.count("\n", 0, match.start(1)) + 1
        lines = [line.rstrip(" \\") for line in match[1].split("\n")]
        inner = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
        cut = min(inner, default=0)
        yield [(first + at, line[cut:] if at else line.strip()) for at, line in enumerate(lines)]


def prose(path, text):
    """The paragraphs of a page, or of a source's comments."""
    lines = list(enumerate(text.split("\n"), 1))
    if path.endswith(".md"):
        yield from paragraphs(lines)
        return
    blocks = list(comments(lines, "///?" if re.search(r"\.(swift|nf|[ch])$", path) else "#+"))
    if path.endswith((".h", ".c")):
        blocks += spans(re.sub(r"(?m)^ \* ", "   ", text), re.compile(r"/\*(.*?)\*/", re.DOTALL))
    if path.endswith((".py", ".smk", "Snakefile")):
        blocks += spans(text, DOCSTRING)
    for block in blocks:
        yield from paragraphs(block, INDENTED)


def sentences(text):
    """The sentences of a paragraph, without the marks of Markdown."""
    text = re.sub(r"`[^`]*`", "code", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("*", "")
    return re.split(r"(?<=[.!?])(?<!al\.)(?<!e\.g\.)(?<!i\.e\.)(?<!eq\.)(?<!vs\.)\)?\s+", text)


SHAPE = re.compile(r"\((?:[A-Za-zα-ωΑ-Ω′|]{1,9}|\d+)(?:(?:, ?| × )(?:[A-Za-zα-ωΑ-Ω′|]{1,9}|\d+))+\)")
CITATION = re.compile(r"\([^()]*\b(?:1[89]|20)\d\d\b[^()]*\)|\b(?:doi|arXiv):\S+|https?://\S+")
OPERATOR = re.compile(r"^(?:[-+=·×/≤≥<>≈∈←→*^]|<-|->|:=|[=!<>]=|\|\||←)$")
TERM = re.compile(r"[=·×≤≥≈∈∑Σ√^_|]|\(.*\)|\[.*\]|^\W*[A-Za-z]?\W*$|\d")


def count(sentence):
    """The words of a sentence; an equation is one."""
    sentence = CITATION.sub(" ", SHAPE.sub(" ", sentence))
    words, formula = 0, False
    tokens = sentence.split()
    for at, token in enumerate(tokens):
        beside = (at > 0 and OPERATOR.match(tokens[at - 1])) or (
            at + 1 < len(tokens) and OPERATOR.match(tokens[at + 1]))
        if OPERATOR.match(token) or beside and (formula or TERM.search(token) or len(token) < 15):
            words += not formula and any(map(str.isalnum, token))
            formula = formula or any(map(str.isalnum, token))
            if token[-1] in ",;:.":
                formula = False
            continue
        formula = False
        words += any(map(str.isalnum, token))
    return words


def faults(path):
    """The sentences of a file to mend: number of the line, and what it is."""
    with open(path) as file:
        text = file.read()
    for number, paragraph in prose(path, text):
        for sentence in sentences(paragraph):
            words = count(sentence)
            if words > MOST:
                yield number, f"{words} words, at most {MOST}: {sentence}"
            if sentence.startswith("Of "):
                yield number, f"begins with Of; put the subject first: {sentence}"


def main():
    files = sys.argv[1:] or subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *PAGES, *COMMENTED], text=True).split()
    found = 0
    for path in files:
        for number, fault in faults(path):
            found += 1
            print(f"{path}:{number}: {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
