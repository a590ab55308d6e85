"""What changed between drafts, computed from the files: for the prompt, and for the note that the user reads."""

import ast
import difflib

from assistant.drafters.base import Draft, Failure
from assistant.prompts.context import Part
from assistant.prompts.quote import Quoter, cap_lines, fenced
from assistant.python_source import parse
from assistant.schema import Files

MOST_DIFF = 80
MOST_SAID = 200


def differs(before: Files, after: Files) -> bool:
    """Whether any file does something else than before: layout and comments alone are no change."""
    return before.keys() != after.keys() or any(
        _meaning(before[name], name) != _meaning(after[name], name) for name in before
    )


def change_note(before: Files, after: Files, *, fault: str, said: str) -> str:
    """The files that changed, with the lines added and removed, and the first sentence of what the model said."""
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    counts = [_counted(name, before.get(name), after.get(name)) for name in names]
    shown = ", ".join(counts[:5]) + (f" and {len(counts) - 5} more" if len(counts) > 5 else "")
    sentence = _first_sentence(said)
    return f"For {fault}: {shown}." + (f" The model says: {sentence}" if sentence else "")


def history_parts(failure: Failure, quoter: Quoter) -> list[Part]:
    """The notes of the earlier repairs, and the last one's diff."""
    drafts = [*failure.earlier, failure.draft]
    notes = [f"{n}. {draft.note}" for n, draft in enumerate(drafts) if draft.note]
    parts = []
    if notes:
        text = quoter.data("notes of the repairs so far", cap_lines("\n".join(notes), most=12))
        parts.append(Part(name="the notes of earlier repairs", group="history", text=text, kind="notes of repairs"))
    diff = _unified(drafts[-2], drafts[-1]) if len(drafts) > 1 else ""
    if diff:
        text = quoter.data("what the last repair changed", fenced(cap_lines(diff, most=MOST_DIFF), "diff"))
        parts.append(Part(name="the last repair's diff", group="history", text=text, kind="diff of a repair"))
    return parts


def _unified(before: Draft, after: Draft) -> str:
    """The lines that differ, file by file; binary files are passed over."""
    found: list[str] = []
    for name in sorted({*before.files, *after.files}):
        old, new = before.files.get(name, ""), after.files.get(name, "")
        if isinstance(old, str) and isinstance(new, str):
            found += difflib.unified_diff(
                old.splitlines(), new.splitlines(), f"a/{name}", f"b/{name}", n=2, lineterm=""
            )
    return "\n".join(found)


def _counted(name: str, old: str | bytes | None, new: str | bytes | None) -> str:
    if new is None:
        return f"{name} removed"
    if old is None:
        return f"{name} added"
    if isinstance(old, bytes) or isinstance(new, bytes):
        return f"{name} replaced"
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
    return f"{name} +{sum(line[0] == '+' for line in lines)} -{sum(line[0] == '-' for line in lines)}"


def _first_sentence(said: str) -> str:
    text = " ".join(said.split())
    end = text.find(". ")
    sentence = text if end < 0 else text[: end + 1]
    return sentence if len(sentence) <= MOST_SAID else f"{sentence[: MOST_SAID - 1]}…"


def _meaning(content: str | bytes, name: str) -> str | bytes:
    if isinstance(content, bytes) or not name.endswith(".py"):
        return content
    tree = parse(content)
    try:
        return ast.dump(tree) if tree else content
    except RecursionError:
        return content
