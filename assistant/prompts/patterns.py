"""Vetted patterns as a prompt shows them: whole, correct and wrong, with the reason."""

from collections.abc import Iterable, Sequence

from assistant.prompts.context import Part
from assistant.prompts.quote import Quoter, fenced, one_line
from knowledge.schema import Hit, Pattern


def related_parts(hits: Sequence[Hit]) -> list[Part]:
    """Patterns found for a question or a fault: here the wrong example may be just what was done."""
    return [part for hit in hits for part in example_parts(hit, "pattern for a fault", "wrong example for a fault")]


def example_parts(hit: Hit, kind: str, wrong_kind: str) -> Iterable[Part]:
    """The correct example of a pattern, and the wrong one where it has one."""
    name = f"pattern {hit.pattern.id}"
    yield Part(name=name, group="patterns", text=_correct(hit.pattern), kind=kind, pattern=hit.pattern.id)
    if hit.pattern.wrong:
        wrong = f"wrong example of {hit.pattern.id}"
        yield Part(name=wrong, group="patterns", text=_wrong(hit.pattern), kind=wrong_kind, belongs_to=name)


def patterns_block(parts: Sequence[Part], quoter: Quoter) -> str:
    """All the patterns of a prompt between one pair of markers; empty where there are none."""
    return quoter.data("vetted patterns", "\n\n".join(part.text for part in parts)) if parts else ""


def _correct(pattern: Pattern) -> str:
    lines = [f"### {one_line(pattern.title)} ({pattern.id})"]
    if pattern.source != "original":
        # The words are whoever's wrote the document: only the code was proved.
        return "\n".join([*lines, f"Taken from {one_line(pattern.source)}.", fenced(pattern.code, "python")])
    lines += [f"Why: {one_line(pattern.why)}"]
    lines += [f"Beware: {one_line(pattern.pitfalls)}"] if pattern.pitfalls else []
    lines += [f"Not for: {one_line(pattern.when_not)}"] if pattern.when_not else []
    return "\n".join([*lines, fenced(pattern.code, "python")])


def _wrong(pattern: Pattern) -> str:
    outcome = one_line(pattern.wrong_outcome or "does not do what it seems to")
    return f"Wrong; it {outcome}\n{fenced(pattern.wrong or '', 'python')}"
