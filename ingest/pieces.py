"""From the blocks of a document to Python that can be run: prompts and magics dropped, names known."""

import ast
import doctest
import re

from pydantic import BaseModel

from ingest.errors import Unreadable
from ingest.names import Names, names_of
from ingest.python_source import parsed, parses
from ingest.readers import Block, Section

PYTHON = {"python", "py", "python3", "py3", "python2", "ipython", "ipython3", "pycon", "pydoc", "doctest"}
PROMPT = re.compile(r"^\s*>>> ", re.MULTILINE)
CELL_PROMPT = re.compile(r"^(?:In ?\[\d*\]: |   \.\.\.: )", re.MULTILINE)
SHELL = re.compile(r"^(?P<indent>\s*)(?:[!%?]|pip3? install |conda install |\$ ).*$|^\s*[\w.]+\?{1,2}$", re.MULTILINE)
OTHER_CELL = re.compile(r"\A\s*%%(?!time|capture|timeit|prun)\w+")
CELL_MAGIC = re.compile(r"\A(?:\s*%%\w+.*\n)+")
WRONG = re.compile(
    r"❌|✗|🚫|\b(?:wrong|incorrect|bad|broken|buggy|anti-?pattern)\b(?![\w ,]*\b(?:predict|classif|label|answer|batch))"
    r"|\b(?:do not|don't|never) (?:do|use|write) (?:this|it|the following)\b"
    r"|\b(?:raises?|throws?|fails?|results? in|gives?|get|produces?)"
    r" (?:an? |the |this |with an? )?(?:\w*error|exception)\b",
    re.IGNORECASE,
)
"""How documents present code that is not to be copied: that it runs proves nothing for it."""


class Piece(BaseModel):
    """One block that parses."""

    code: str
    first: int
    last: int
    """Lines of the document, or cells of the notebook."""
    section: int
    names: Names
    remark: str = ""
    """What was dropped from it."""


def piece_of(block: Block, *, section: int, by_cells: bool) -> Piece | None:
    """The block as Python; None where it is in another language, or says nothing and looks like none.

    Raises Unreadable where it says that it is Python and does not parse.
    """
    if block.language and block.language not in PYTHON:
        return None
    code, remark = _cleaned(block.code)
    try:
        tree = parsed(code)
    except Unreadable as fault:
        if block.language:
            raise Unreadable(f"the code at {'cell' if by_cells else 'line'} {block.line}: {fault}") from None
        return None
    if not tree.body or not (block.language or _looks_like_a_program(tree)):
        return None
    if _is_called_wrong(block):
        raise Unreadable("the document presents it as wrong, or as failing")
    last = block.line if by_cells else block.line + block.code.count("\n")
    return Piece(code=code, first=block.line, last=last, section=section, names=names_of(tree), remark=remark)


def _is_called_wrong(block: Block) -> bool:
    """By the sentence that leads to it, or by the comment that it begins with."""
    sentence = re.split(r"(?<=[.!?])\s", block.lead.strip())[-1]
    comment = re.match(r"(?:\s*#.*\n?)+", block.code)
    return bool(WRONG.search(sentence) or (comment and WRONG.search(comment[0])))


def _cleaned(code: str) -> tuple[str, str]:
    """The program in a block, and what was dropped from it."""
    if parses(code):
        return code, ""
    if PROMPT.search(code):
        return _examples(code), "the output shown beside the prompts was dropped"
    code = CELL_PROMPT.sub("", code)
    if OTHER_CELL.match(code):
        return "", "a cell in another language was dropped"
    kept = SHELL.sub(lambda found: f"{found['indent']}pass" if found["indent"] else "", CELL_MAGIC.sub("", code))
    return kept, "lines of shell or magic were dropped" if kept != code else ""


def _examples(code: str) -> str:
    try:
        examples = doctest.DocTestParser().get_examples(code)
    except ValueError:  # prompts that are not followed by a blank, or other indents
        return ""
    return "".join(example.source for example in examples)


def _looks_like_a_program(tree: ast.Module) -> bool:
    """Output, shell lines and settings parse as Python now and then; a program calls or defines something."""
    telling = (ast.Import, ast.ImportFrom, ast.Call, ast.FunctionDef, ast.ClassDef)
    return any(isinstance(node, telling) for node in ast.walk(tree))


def pieces_of(sections: list[Section], *, by_cells: bool) -> tuple[list[Piece], dict[int, str]]:
    """Every piece of a document in its order, and section -> why code in it is none."""
    pieces: list[Piece] = []
    faults: dict[int, str] = {}
    for number, section in enumerate(sections):
        for block in section.blocks:
            try:
                piece = piece_of(block, section=number, by_cells=by_cells)
            except Unreadable as fault:
                faults.setdefault(number, str(fault))
                continue
            if piece is not None:
                pieces.append(piece)
    return pieces, faults
