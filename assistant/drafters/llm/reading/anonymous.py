"""Python code of a reply that names no file: one program, parts of one, or several versions of it."""

import ast
import re

from assistant.drafters.llm.reading.fences import parses
from assistant.drafters.llm.reading.given import file_text
from assistant.python_source import defined_names, parse

ENTRY = "train.py"
_MOST_BLOCKS = 40


def one_program(blocks: list[list[str]]) -> tuple[list[str], list[str]]:
    """The lines of `train.py`, and one sentence for each thing that was decided on the way.

    Blocks that define the same names are versions, of which the last whole one is taken. Others are parts
    and are joined in order. What only calls a program that stands in another block is no part of it.
    """
    if len(blocks) == 1:
        return blocks[0], []
    parts = [block for block in blocks[:_MOST_BLOCKS] if not _only_uses(block)] or blocks[:1]
    if len(parts) == 1:
        return parts[0], [f"Of {len(blocks)} code blocks without a file name the one that is a program became {ENTRY}."]
    if _are_versions(parts):
        whole = [block for block in parts if parses("\n".join(block))] or parts
        return whole[-1], [
            f"{len(parts)} code blocks without a file name look like versions of one program; the last became {ENTRY}."
        ]
    lines = [line for block in parts for line in [*file_text(block).split("\n")]]
    return lines, [
        f"{len(parts)} code blocks without a file name look like parts of one program; joined they became {ENTRY}."
    ]


def _only_uses(block: list[str]) -> bool:
    """True for an example of how to call the program: short, and importing it."""
    text = "\n".join(block)
    return (
        len(block) < 15 and re.search(rf"^[ \t]*+(?:from|import) {ENTRY.removesuffix('.py')}\b", text, re.M) is not None
    )


def _are_versions(blocks: list[list[str]]) -> bool:
    seen: set[str] = set()
    for block in blocks:
        names = _defined("\n".join(block))
        if names & seen:
            return True
        seen |= names
    return False


def _defined(code: str) -> set[str]:
    """Names of the functions and classes that the code defines at its top, and "" for a main block."""
    tree = parse(code)
    if tree is None:
        return set(re.findall(r"^(?:class|def) (\w+)", code, re.M))
    main = any(isinstance(node, ast.If) and "__name__" in ast.dump(node.test) for node in tree.body)
    return defined_names(tree) | ({""} if main else set())
