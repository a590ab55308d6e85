"""Python files: tutorials that alternate prose and code, modules with examples in their docstrings, plain programs."""

import ast
import re

from ingest.python_source import docstring_of, parsed, parses, runs_something, title_of
from ingest.readers.markdown import add_markdown
from ingest.readers.outline import Outline, Section

CELL = re.compile(r"^#{20,}\s*$|^# ?%%")
FIELD = re.compile(
    r"^(Title|Author|Authors|Date created|Last modified|Description|Accelerator|Converted to Keras \d by):"
)
EXAMPLE = re.compile(r"^\s*>>> ", re.MULTILINE)


def read_python(text: str) -> list[Section]:
    """One block for each stretch of code of a tutorial; else the whole file, then its docstrings' examples.

    Raises Unreadable where the text is no Python.
    """
    tree = parsed(text)
    strings = _bare_strings(tree)
    lines = text.split("\n")
    cells = sum(bool(CELL.match(line)) for line in lines)
    if cells or len(strings) > 1:
        sections = _tutorial(lines, strings)
        # A comment that looks like a cell may stand in the middle of a function.
        if all(parses(block.code) for section in sections for block in section.blocks):
            return sections
    return _module(text, tree)


def _module(text: str, tree: ast.Module) -> list[Section]:
    outline = Outline()
    docstring = ast.get_docstring(tree) or ""
    outline.heading(1, title_of(docstring), line=1)
    outline.prose(docstring.partition("\n")[2])
    outline.code(text, line=1, language="python")
    if not any(runs_something(node) for node in tree.body):
        for node in tree.body:
            said = docstring_of(node)
            if said and EXAMPLE.search(said):
                outline.heading(2, node.name, line=node.lineno)  # type: ignore[attr-defined]
                outline.prose(said.partition("\n")[0])
                outline.code(said, line=node.lineno, language="pycon")
    return outline.finish()


def _tutorial(lines: list[str], strings: dict[int, tuple[int, str]]) -> list[Section]:
    outline = Outline()
    code: list[str] = []
    number = 0

    def flush() -> None:
        blank = next((at for at, line in enumerate(code) if line.strip()), 0)
        outline.code("\n".join(code), line=number - len(code) + blank + 1, language="python")
        code.clear()

    while number < len(lines):
        if number + 1 in strings:
            flush()
            end, prose = strings[number + 1]
        elif CELL.match(lines[number]):
            flush()
            end, prose = _comment(lines, number)
        else:
            code.append(lines[number])
            number += 1
            continue
        _prose(prose, outline, line=number + 1)
        number = end
    flush()
    return outline.finish()


def _comment(lines: list[str], start: int) -> tuple[int, str]:
    """Where a cell of comments ends, and what it says."""
    end = start + 1
    while end < len(lines) and lines[end].startswith("#") and not re.match(r"# ?%%", lines[end]):
        end += 1
    title = re.sub(r"^# ?%%\s*(\[\w+\])?|^#+", "", lines[start]).strip()
    said = [re.sub(r"^#+ ?", "", line) for line in lines[start + 1 : end]]
    return end, "\n".join([f"## {title}" if title else "", *said])


def _prose(text: str, outline: Outline, *, line: int) -> None:
    """Markdown; the underlined titles of reStructuredText are titles in it too."""
    titled = re.search(r"^Title:\s*(.+)$", text, re.MULTILINE)
    if titled:
        outline.heading(1, titled[1], line=line)
    kept = "\n".join(one for one in text.split("\n") if not FIELD.match(one))
    add_markdown(kept, outline, line=line, with_code=False)


def _bare_strings(tree: ast.Module) -> dict[int, tuple[int, str]]:
    """First line of each string that stands alone at the top level -> the line it ends on, and its text."""
    alone = [
        node
        for node in tree.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return {node.lineno: (node.end_lineno or node.lineno, node.value.value) for node in alone}  # type: ignore[attr-defined]
