#!/usr/bin/env python3
"""Comments and prose wrap at 100 columns: scripts/wrap-prose.py [--write] [FILE ...]

Without --write it names the lines that are longer and ends with 1. With it, paragraphs that have
such a line are filled again. Code, tables, headings, links and other text that cannot be broken
stay as they are. So does what a comment indents: equations, usage, columns. Without files it takes
all that are tracked.
"""
import re, subprocess, sys

WIDTH = 100
COMMENTS = {".swift": r"///?", ".c": r"//", ".h": r"//", ".sh": r"#", ".py": r"#", ".mk": r"#", ".awk": r"#",
            ".smk": r"#", ".yaml": r"#", ".yml": r"#", ".R": r"#", ".nf": r"//", ".config": r"//"}
# What begins a paragraph of its own: a list item, a tag of a test, an aligned formula.
ITEM = re.compile(r"(?:[-*] |\d+\. )")


def filled(first, rest, words):
    """The words in lines of at most WIDTH columns, the first behind `first`, the others behind
    `rest`."""
    lines, line = [], first
    for word in words:
        candidate = line + ("" if line in (first, rest) else " ") + word
        if len(candidate) > WIDTH and line not in (first, rest):
            lines.append(line)
            line = rest + word
        else:
            line = candidate
    return lines + [line]


def units(text):
    """Words, but spans of code with blanks in them as one, so that they are not broken."""
    out, open_ticks = [], ""
    for word in text.split():
        if open_ticks:
            out[-1] += " " + word
        else:
            out.append(word)
        if word.count("`") % 2:
            open_ticks = "" if open_ticks else "`"
    return out if not open_ticks else text.split()


def paragraph(lines, prefix):
    """A paragraph behind one prefix, filled again where a line is too long."""
    if all(len(line) <= WIDTH for line in lines):
        return lines
    text = [line[len(prefix):] for line in lines]
    item = ITEM.match(text[0].lstrip())
    indent = " " * (len(text[0]) - len(text[0].lstrip()))
    hang = indent + (" " * len(item.group()) if item else "")
    if len(text) > 1 and item:
        hang = " " * (len(text[1]) - len(text[1].lstrip())) or hang
    body = " ".join(part.strip() for part in text)
    if item:
        body = body[len(item.group()):]
        return filled(prefix + indent + item.group(), prefix + hang, units(body))
    return filled(prefix + indent, prefix + indent, units(body))


def paragraphs(lines, prefix):
    """Filled again, one by one: blank lines, items, and a change of indentation part them."""
    out, part, depth = [], [], None
    for line in lines + [None]:
        text = line[len(prefix):] if line is not None else ""
        indent = len(text) - len(text.lstrip())
        is_item = bool(ITEM.match(text.lstrip()))
        # Text indented further than its paragraph is a formula or code.
        ends = line is None or not text.strip() or is_item or indent != depth
        if ends and part:
            is_prose = ITEM.match(part[0][len(prefix):].lstrip()) or not part[0][len(prefix):].startswith("  ")
            out += paragraph(part, prefix) if is_prose else part
            part = []
        if line is None:
            break
        if not text.strip():
            out.append(line)
            depth = None
            continue
        if is_item:
            depth = indent + len(ITEM.match(text.lstrip()).group())
        elif not part:
            depth = indent
        part.append(line)
    return out


def wrapped_code(text, mark):
    """A source file; only whole-line comments are looked at."""
    comment = re.compile(rf"^(\s*(?:{mark}))(?: |$)")
    out, block, prefix = [], [], None
    lines = text.split("\n")
    for line in lines + [None]:
        match = comment.match(line) if line is not None else None
        # Their commands and their headings are no prose.
        if match and (line.startswith("#!") or "swift-format-ignore" in line or "hadolint" in line or "$schema" in line):
            match = None
        if block and (match is None or match.group(1) + " " != prefix):
            out += paragraphs([b if b.startswith(prefix) else prefix for b in block], prefix)
            block = []
        if line is None:
            break
        if match:
            prefix = match.group(1) + " "
            block.append(line)
        else:
            out.append(line)
    return "\n".join(line.rstrip() if comment.match(line) else line for line in out)


def wrapped_docstrings(text):
    """Python's docstrings. The first line begins behind the quotes, the last may end with them."""
    def filled_again(match):
        indent, lines = match[1], match[2].split("\n")
        if all(len(line) <= WIDTH for line in match[0].split("\n")):
            return match[0]
        closing = [lines.pop()] if lines[-1].strip() == '"""' else []
        ends = (at for at, line in enumerate(lines) if at and (not line.strip() or line[len(indent):].startswith(" ")))
        count = next(ends, len(lines))
        opening = [indent + '"""' + lines[0], *lines[1:count]]
        if any(len(line) > WIDTH for line in opening):
            opening = filled(indent + '"""', indent, units(" ".join(lines[:count])))
        return "\n".join(opening + paragraphs(lines[count:], indent) + closing)

    return re.sub(r'^([ ]*)"""((?:[^"]|"(?!""))*?""")', filled_again, text, flags=re.MULTILINE)


def wrapped_markdown(text):
    out, block, fenced = [], [], False

    def flush():
        nonlocal block
        out.extend(paragraphs(block, ""))
        block = []

    for line in text.split("\n"):
        if line.startswith("```") or line.startswith("---"):
            fenced = not fenced if line.startswith("```") else fenced
            flush()
            out.append(line)
        elif fenced or not line.strip() or re.match(r"[|#<]|    |!\[|\[!", line):
            flush()
            out.append(line)
        else:
            block.append(line)
    flush()
    return "\n".join(out)


def too_long(path, before):
    """The numbers of lines that filling would break."""
    after = wrapped(path, before)
    kept = set(after.split("\n"))
    return [number for number, line in enumerate(before.split("\n"), 1) if len(line) > WIDTH and line not in kept]


def ending(path):
    name = path.rsplit("/", 1)[-1]
    return {"Makefile": ".mk", "sc": ".sh", "run": ".sh"}.get(name, "." + name.rsplit(".", 1)[-1] if "." in name else "")


def wrapped(path, text):
    kind = ending(path)
    if kind == ".md":
        return wrapped_markdown(text)
    if kind not in COMMENTS:
        return text
    text = wrapped_code(text, COMMENTS[kind])
    return wrapped_docstrings(text) if kind in (".py", ".smk") else text


def main():
    arguments = sys.argv[1:]
    writes = "--write" in arguments
    files = [name for name in arguments if name != "--write"]
    if not files:
        files = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], text=True).split("\n")
    found = 0
    for path in files:
        if (ending(path) not in COMMENTS and ending(path) != ".md") or path.startswith("Benchmarks/runs/"):
            continue
        with open(path) as file:
            text = file.read()
        numbers = too_long(path, text)
        if not numbers:
            continue
        found += len(numbers)
        if writes:
            with open(path, "w") as file:
                file.write(wrapped(path, text))
        else:
            for number in numbers:
                print(f"{path}:{number}: longer than {WIDTH} columns; scripts/wrap-prose.py --write fills it again")
    return 0 if writes or not found else 1


sys.exit(main())
