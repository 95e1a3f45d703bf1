#!/usr/bin/env python3
"""Sentences of the pages have at most 25 words: scripts/check-sentences.py [FILE ...]

Code, tables, headings, comments and pictures are passed over. A span
of code is one word. It names the sentences that are longer and ends with 1. Without files it takes
README.md, docs/ and the pages about the project.
"""
import re, subprocess, sys

MOST = 25
PROJECT = ["ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md"]
ITEM = re.compile(r"^\s*(?:[-*] |[1-9]\. )")
# What is no prose at the beginning of a line.
OTHER = re.compile(r"    |[|#<>]|!\[|\[!")


def paragraphs(text):
    """The paragraphs and items of a page: the number of the first line, and the text."""
    lines, start, fenced = [], 0, False
    for number, line in enumerate(text.split("\n") + [""], 1):
        is_fence, is_item = line.startswith("```"), bool(ITEM.match(line))
        fenced ^= is_fence
        is_prose = bool(line.strip()) and not is_fence and not fenced and (is_item or not OTHER.match(line))
        if lines and (is_item or not is_prose):
            yield start, " ".join(lines)
            lines = []
        if is_prose:
            start = start if lines else number
            lines.append(ITEM.sub("", line, count=1).strip())


def sentences(text):
    """The sentences of a paragraph, without the marks of Markdown."""
    text = re.sub(r"`[^`]*`", "code", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("*", "")
    return re.split(r"(?<=[.!?])(?<!al\.)\)?\s+", text)


def main():
    files = sys.argv[1:] or subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard", "--", "README.md", "docs/*.md", *PROJECT], text=True).split()
    found = 0
    for path in files:
        with open(path) as file:
            for number, paragraph in paragraphs(file.read()):
                for sentence in sentences(paragraph):
                    count = sum(any(map(str.isalnum, word)) for word in sentence.split())
                    if count > MOST:
                        found += 1
                        print(f"{path}:{number}: {count} words, where {MOST} are the most: {sentence[:80]} …")
    return 1 if found else 0


sys.exit(main())
