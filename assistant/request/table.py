"""The profile of an attached table: its columns, what they hold, and the same table as plain comma-separated UTF-8."""

import csv
import io
import re
from collections import Counter
from typing import Literal

from pydantic import BaseModel

from assistant.errors import RequestError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
MIN_ROWS = 10
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
IDENTIFIER_NAME = re.compile(r"(?:^|[_\W])(?:id|uuid|guid|index|key)$|^unnamed: 0$", re.IGNORECASE)
MAX_CLASSES = 20
"""A column of whole numbers with more distinct values is a quantity, not a class."""


class Column(BaseModel):
    """One column of a table."""

    name: str
    kind: Literal["numeric", "categorical", "text", "identifier"]
    distinct: int
    rarest: int
    """How often the rarest value occurs."""
    missing: int
    whole: bool = False
    """Every value is a whole number."""

    @property
    def holds_classes(self) -> bool:
        return self.kind == "categorical" or (self.kind == "numeric" and self.whole and self.distinct <= MAX_CLASSES)


class TableProfile(BaseModel):
    """What a table holds."""

    rows: int
    columns: list[Column]
    notes: list[str] = []
    """What was done to read it, one sentence each."""


def profile_table(content: bytes, *, name: str) -> tuple[TableProfile, bytes]:
    """The profile, and the table as comma-separated UTF-8; RequestError where it is not a table with a header."""
    text, notes = _decode(content, name)
    delimiter = _sniff(text)
    header, *rows = _parse(text, delimiter, name)
    header = _check_header(header, rows, name)
    _check_rows(header, rows, name)
    if delimiter != ",":
        notes.append(f"{name} is separated by {DELIMITERS[delimiter]}; the project's copy has commas.")
    if delimiter != "," and any(DECIMAL_COMMA.fullmatch(cell) for row in rows[:100] for cell in row):
        rows = [[cell.replace(",", ".") if DECIMAL_COMMA.fullmatch(cell) else cell for cell in row] for row in rows]
        notes.append(f"Decimal commas of {name} are read as decimal points.")
    rows = [["" if cell.lower() in MISSING else cell for cell in row] for row in rows]
    columns = [_profile_column(title, [row[n] for row in rows]) for n, title in enumerate(header)]
    return TableProfile(rows=len(rows), columns=columns, notes=notes), _write(header, rows)


def _decode(content: bytes, name: str) -> tuple[str, list[str]]:
    if not content.strip():
        raise RequestError(f"{name!r} is empty; attach a CSV with a header row and at least {MIN_ROWS} rows.")
    if b"\0" in content[:100_000] or content.startswith((b"PK\3\4", b"%PDF")):
        raise RequestError(f"{name!r} is not a text file; export the table as CSV in UTF-8.")
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("latin-1"), [f"{name} is not UTF-8 and was read as Latin-1; check its accented letters."]


def _sniff(text: str) -> str:
    """The delimiter that cuts the first lines into the same number of parts, and into the most."""
    lines = [line for line in text[:50_000].splitlines()[:20] if line.strip()]

    def parts(delimiter: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        return len(set(widths)) == 1, min(widths, default=1)

    try:
        best = max(DELIMITERS, key=lambda item: (parts(item)[1] > 1, *parts(item)))
    except csv.Error:
        return ","
    return best if parts(best)[1] > 1 else ","


def _parse(text: str, delimiter: str, name: str) -> list[list[str]]:
    try:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise RequestError(f"{name!r} cannot be read as CSV ({error}); export it again as CSV in UTF-8.") from error
    return [row for row in rows if any(row)]


def _check_header(header: list[str], rows: list[list[str]], name: str) -> list[str]:
    if len(header) < 2:
        raise RequestError(
            f"{name!r} has a single column; a target and at least one input column are needed, separated by commas."
        )
    if any(NUMBER.fullmatch(title) for title in header):
        raise RequestError(
            f"{name!r} has no header row: its first line holds the number {_first_number(header)}; "
            "add a line with column names."
        )
    named = ["Unnamed: 0", *header[1:]] if not header[0] else header
    if "" in named:
        raise RequestError(
            f"Column {named.index('') + 1} of {name!r} has no name; name every column in the header row."
        )
    twice = next((title for title in named if named.count(title) > 1), None)
    if twice is not None:
        raise RequestError(f"{name!r} has two columns called {twice!r}; give each column its own name.")
    if len(rows) < MIN_ROWS:
        raise RequestError(
            f"{name!r} has {len(rows)} rows below its header; at least {MIN_ROWS} are needed to train and test on."
        )
    return named


def _first_number(header: list[str]) -> str:
    return next(title for title in header if NUMBER.fullmatch(title))


def _check_rows(header: list[str], rows: list[list[str]], name: str) -> None:
    ragged = next((n for n, row in enumerate(rows) if len(row) != len(header)), None)
    if ragged is not None:
        raise RequestError(
            f"Data row {ragged + 1} of {name!r} has {len(rows[ragged])} values and the header names "
            f"{len(header)} columns; "
            "mend the row, or quote values that contain the separator."
        )


def _profile_column(name: str, cells: list[str]) -> Column:
    values = [cell for cell in cells if cell]
    distinct = set(values)
    numeric = bool(values) and all(NUMBER.fullmatch(value) for value in distinct)
    whole = numeric and all(float(value).is_integer() for value in distinct if "inf" not in value)
    kind = _kind(name, values, distinct, numeric=numeric)
    counts = Counter(values)
    return Column(
        name=name,
        kind=kind,
        distinct=len(distinct),
        rarest=min(counts.values(), default=0),
        missing=len(cells) - len(values),
        whole=whole,
    )


def _kind(
    name: str, values: list[str], distinct: set[str], *, numeric: bool
) -> Literal["numeric", "categorical", "text", "identifier"]:
    unique = len(distinct) == len(values) and len(values) > 1
    if unique and IDENTIFIER_NAME.search(name):
        return "identifier"
    if numeric:
        return "numeric"
    words = sum(len(value.split()) for value in values) / max(1, len(values))
    if words >= 3 and len(distinct) > len(values) / 4:
        return "text"
    return "identifier" if unique and words < 2 else "categorical"


def _write(header: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode("utf-8")
