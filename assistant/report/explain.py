"""What a fault is: its title and reason, how it shows, and an example that is wrong beside one that is right."""

import json
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from rich.syntax import Syntax
from rich.text import Text

from assistant.errors import RequestError
from assistant.report.console import console
from sandbox.faults.catalogue import Fault, faults
from sandbox.faults.examples import Line, example, examples, lines
from sandbox.faults.shown import shown

NAMES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}
STYLES = {"wrong": ("-", "red"), "right": ("+", "green"), None: (" ", "")}


def find_explained(word: str) -> list[Fault]:
    """The fault of this id, or all of this catalogue number. Raises RequestError with the nearest names."""
    known = faults()
    if word in known:
        return [known[word]]
    numbered = [one for one in known.values() if one.number and one.number.upper() == word.upper()]
    if not numbered:
        near = get_close_matches(word.lower(), known, n=3) or [id for id in known if word.lower() in id][:3]
        nearest = f"did you mean {' or '.join(near)}?" if near else "the ids are those that a report names"
        raise RequestError(f"there is no fault {word!r}; {nearest}")
    return numbered


def explain(word: str, *, as_json: bool) -> None:
    """Print what is known of a fault, or of all faults of a catalogue number. Runs nothing."""
    found = find_explained(word)
    if as_json:
        sys.stdout.write(json.dumps({"faults": [_described(one) for one in found]}, ensure_ascii=False) + "\n")
        return
    for fault in found:
        _show(fault)


def _described(fault: Fault) -> dict[str, Any]:
    versions = [
        {
            "framework": framework,
            "wrong": example(text, "wrong"),
            "right": example(text, "right"),
            "diff": "\n".join(f"{STYLES[line.only][0]}{line.text}" for line in lines(text)),
            "shows": shown(fault.id, framework),
        }
        for framework, text in examples(fault.id).items()
    ]
    return {**fault.model_dump(mode="json"), "examples": versions}


def _show(fault: Fault) -> None:
    out = console()
    number = f" [{fault.number}]" if fault.number else ""
    out.print(Text.assemble((fault.id, "bold"), (number, "dim")))
    out.print(Text(f"{fault.title}. {fault.why}"), soft_wrap=True)
    if len(fault.frameworks) == 1:
        out.print(Text(f"Found in {NAMES[fault.frameworks[0]]} only.", style="dim"))
    if not examples(fault.id) and fault.unexampled:
        out.print(Text(fault.unexampled, style="dim"), soft_wrap=True)
    for framework, text in examples(fault.id).items():
        out.print()
        out.print(Text(NAMES[framework], style="bold underline"))
        _show_diff(lines(text))
        if told := shown(fault.id, framework):
            out.print(Text.assemble(("shows as: ", "dim"), told), soft_wrap=True)
    out.print()


def _show_diff(diff: Sequence[Line]) -> None:
    """The program once, with the lines of the wrong version numbered and marked `-`, those of the right one `+`."""
    out = console()
    coloured = Syntax("", "python", background_color="default")
    number = 0
    for line in diff:
        sign, style = STYLES[line.only]
        number += line.only != "right"
        text = Text(line.text, style=style) if style else coloured.highlight(line.text)
        text.rstrip()
        label = "" if line.only == "right" else str(number)
        out.print(Text.assemble((f"{label:>4} ", "dim"), (f"{sign} ", style), text), soft_wrap=True)
