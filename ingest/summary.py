"""The report for people: counts by reason, with the first few of each, however many documents there were."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ingest.schema import IngestReport, Rejected

SHOWN, MOST_REASONS, WIDTH = 3, 25, 160


def summary(report: IngestReport) -> Iterator[str]:
    """Line by line; the last one has all the counts."""
    yield from _by_reason("rejected", report.rejected)
    yield from _by_reason("duplicate", report.duplicates)
    yield from _by_reason("left out", _told((file.source, file.reason) for file in report.files if file.reason))
    yield from _by_reason("flagged", _told((file.source, ", ".join(file.flags)) for file in report.files if file.flags))
    yield from _by_reason("changed", _told((file.source, one) for file in report.files for one in file.remarks))
    if report.skipped:
        endings = sorted(report.skipped.items(), key=lambda item: (-item[1], item[0]))
        yield f"skipped    {', '.join(f'{count} {ending}' for ending, count in endings[:12])}"
    yield (
        f"{len(report.admitted)} admitted, {len(report.unchanged)} unchanged, {len(report.rejected)} rejected, "
        f"{len(report.duplicates)} duplicates, {report.notes} notes; {len(report.files)} documents"
    )


def _told(cases: Iterable[tuple[str, str]]) -> list[Rejected]:
    return [Rejected(source=source, reason=reason) for source, reason in cases]


def _by_reason(name: str, told: Iterable[Rejected]) -> Iterator[str]:
    """The reasons, the most frequent first, each with the first few of its sources."""
    by_reason: dict[str, list[Rejected]] = defaultdict(list)
    for one in told:
        by_reason[one.about or one.reason].append(one)
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    for about, cases in ordered[:MOST_REASONS]:
        if len(cases) == 1:
            yield f"{name:10s} {_short(f'{cases[0].source}: {cases[0].reason}')}"
            continue
        yield f"{name:10s} {len(cases)} times: {_short(about)}"
        yield from (f"             {_short(_case(one, about))}" for one in cases[:SHOWN])
        if len(cases) > SHOWN:
            yield f"             … and {len(cases) - SHOWN} more"
    if len(ordered) > MOST_REASONS:
        rest = sum(len(cases) for _, cases in ordered[MOST_REASONS:])
        yield f"{name:10s} {rest} more, for {len(ordered) - MOST_REASONS} other reasons; --json has them all"


def _case(one: Rejected, about: str) -> str:
    """A source, with what its reason says beyond that of its group."""
    rest = one.reason.removeprefix(about).strip(" :;") if one.reason.startswith(about) else ""
    return f"{one.source}: {rest}" if rest else one.source


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
