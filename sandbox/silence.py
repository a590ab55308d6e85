"""Comments by which an author says that a finding is meant.

`# gradproof: ignore[finding-id]` stands on a line of the statement, or alone above it, and takes several ids with
commas; `# gradproof: ignore-file[finding-id]` is for the whole file. Checks that failed cannot be silenced.
"""

import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from io import StringIO

from pydantic import BaseModel

from sandbox.faults.catalogue import faults
from sandbox.findings.finding import Maker
from sandbox.report import Finding, RunReport, verdict

COMMENT = re.compile(r"#\s*gradproof:\s*([\w-]+)\s*(?:\[([^\]]*)\])?")
WORDS = ("ignore", "ignore-file")


class Silencer(BaseModel):
    """One comment, and the lines that it speaks of."""

    file: str
    line: int
    ids: list[str]
    lines: tuple[int, int] | None
    """First and last line of the statement; None for the whole file."""
    unknown: str | None = None
    """What stands where `ignore` or `ignore-file` should; such a comment silences nothing."""

    def covers(self, finding: Finding, id: str) -> bool:
        here = finding.file == self.file and finding.id == id and self.unknown is None
        if self.lines is None or not here:
            return here
        return finding.line is not None and self.lines[0] <= finding.line <= self.lines[1]


def silence(report: RunReport, files: Mapping[str, str | bytes]) -> RunReport:
    """The report without the findings that the files' comments name, and with a word on comments in vain."""
    comments = [one for path, text in files.items() if isinstance(text, str) for one in read_silencers(path, text)]
    if not comments:
        return report
    quiet = [one for one in report.findings if any(by.covers(one, id) for by in comments for id in by.ids)]
    vain = [told for by in comments for told in _in_vain(by, report.findings)]
    left = [*(one for one in report.findings if one not in quiet), *vain]
    status = report.status if report.status == "error" else verdict(report.checks, left)
    return report.model_copy(update={"findings": left, "silenced": quiet, "status": status})


def read_silencers(path: str, text: str) -> list[Silencer]:
    """The comments of one file; none where it cannot be read as Python."""
    if not path.endswith(".py") or "gradproof:" not in text:
        return []
    try:
        tokens = list(tokenize.generate_tokens(StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    statements = _statements(tokens)
    found = []
    for token in tokens:
        match = COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if match and (match[2] is not None or get_close_matches(match[1], WORDS)):  # Anything else is prose.
            ids = [id.strip() for id in (match[2] or "").split(",") if id.strip()]
            lines = None if match[1] == "ignore-file" else _spoken_of(token.start[0], statements)
            unknown = match[1] if match[1] not in WORDS else None
            found.append(Silencer(file=path, line=token.start[0], ids=ids, lines=lines, unknown=unknown))
    return found


def _statements(tokens: Sequence[tokenize.TokenInfo]) -> list[tuple[int, int]]:
    """First and last line of each logical line, in order."""
    found, first = [], None
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    for token in tokens:
        if token.type == tokenize.NEWLINE and first is not None:
            found.append((first, token.start[0]))
            first = None
        elif token.type not in silent and first is None:
            first = token.start[0]
    return found


def _spoken_of(line: int, statements: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The statement that a comment is part of, or the next one below it."""
    return next((one for one in statements if line <= one[1]), (line, line))


def _in_vain(by: Silencer, findings: Sequence[Finding]) -> Iterator[Finding]:
    make, at = Maker(by.file), (by.file, by.line)
    if by.unknown is not None:
        message = f"{by.unknown!r} is neither 'ignore' nor 'ignore-file', so this comment silences nothing."
        yield make("unused-silencer", "info", message, "Write # gradproof: ignore[finding-id].", at=at)
        return
    if not by.ids:
        message = "This comment names no finding, so it silences none."
        yield make("unused-silencer", "info", message, "Write # gradproof: ignore[finding-id].", at=at)
    for id in by.ids:
        if id not in faults():
            near = get_close_matches(id, faults(), n=1)
            fix = f"Write {near[0]!r}, if that is meant." if near else "Take the id from the report."
            yield make("unused-silencer", "info", f"There is no finding {id!r}.", fix, at=at)
        elif not any(by.covers(one, id) for one in findings):
            where = "in this file" if by.lines is None else "on this line"
            yield make("unused-silencer", "info", f"{id!r} was not found {where}.", "Remove the comment.", at=at)
