"""The report for people: counts by reason, with the first few of each, however many documents there were."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from ingest.schema import IngestReport

SHOWN, MOST_REASONS, WIDTH = 3, 25, 160
RAISED = re.compile(r"^(the program raised \w+).*", re.DOTALL)
OLD = re.compile(r"^(the program uses what is deprecated).*", re.DOTALL)
ENDED = re.compile(r"^(the program ended as \w+).*", re.DOTALL)
SAME = re.compile(r"^((?:nearly )?the same program as )\S+")
PARSE = re.compile(r"^(?:the code at (?:line|cell) \d+: )?(it does not parse).*", re.DOTALL)


def summary(report: IngestReport) -> Iterator[str]:
    """Line by line; the last one has all the counts."""
    yield from _by_reason("rejected", [(one.source, one.reason) for one in report.rejected])
    yield from _by_reason("duplicate", [(one.source, one.reason) for one in report.duplicates])
    nothing = [(file.source, file.reason) for file in report.files if file.reason]
    yield from _by_reason("left out", nothing)
    yield from _by_reason("flagged", [(file.source, ", ".join(file.flags)) for file in report.files if file.flags])
    yield from _by_reason("changed", [(file.source, remark) for file in report.files for remark in file.remarks])
    if report.skipped:
        endings = sorted(report.skipped.items(), key=lambda item: (-item[1], item[0]))
        yield f"skipped    {', '.join(f'{count} {ending}' for ending, count in endings[:12])}"
    yield (
        f"{len(report.admitted)} admitted, {len(report.unchanged)} unchanged, {len(report.rejected)} rejected, "
        f"{len(report.duplicates)} duplicates, {report.notes} notes; {len(report.files)} documents"
    )


def _by_reason(name: str, told: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The reasons, the most frequent first, each with the first few of its sources."""
    by_reason: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for source, reason in told:
        by_reason[_kind(reason)].append((source, reason))
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    for kind, cases in ordered[:MOST_REASONS]:
        if len(cases) == 1:
            yield f"{name:10s} {_short(f'{cases[0][0]}: {cases[0][1]}')}"
            continue
        yield f"{name:10s} {len(cases)} times: {_short(kind)}"
        yield from (f"             {_short(_case(source, reason, kind))}" for source, reason in cases[:SHOWN])
        if len(cases) > SHOWN:
            yield f"             … and {len(cases) - SHOWN} more"
    if len(ordered) > MOST_REASONS:
        rest = sum(len(cases) for _, cases in ordered[MOST_REASONS:])
        yield f"{name:10s} {rest} more, for {len(ordered) - MOST_REASONS} other reasons; --json has them all"


def _case(source: str, reason: str, kind: str) -> str:
    """A source, with what its reason says beyond that of its group."""
    rest = reason.removeprefix(kind).strip(" :;") if reason.startswith(kind) else ""
    return f"{source}: {rest}" if rest else source


def _kind(reason: str) -> str:
    """The reason without what differs from one program to the next."""
    for pattern in (RAISED, OLD, ENDED, SAME, PARSE):
        if found := pattern.match(reason):
            return found[1] + ("another" + reason[found.end() :] if pattern is SAME else "")
    return re.sub(r"^\d+ (lines?) of", r"\1 of", reason)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
