"""A candidate without the pieces that keep it from running: a tutorial's later parts often need what is not here."""

from ingest.apis import used_apis
from ingest.candidates import Candidate, candidate_of
from ingest.errors import Unreadable
from ingest.pieces import Piece
from ingest.programs import pieces_that_need, without
from ingest.python_source import parsed
from knowledge.errors import PatternError


def failing_at(candidate: Candidate, line: int) -> list[Piece]:
    """Which piece holds this line of the pattern's code."""
    if candidate.program is None:
        return []
    above = candidate.pattern.code.count("\n") - candidate.program.code.count("\n")
    piece = candidate.program.piece_at(line - above)
    return [piece] if piece else []


def needing(candidate: Candidate, module: str) -> list[Piece]:
    """Which pieces cannot do without a package."""
    if candidate.program is None or candidate.reading is None:
        return []
    return pieces_that_need(module, candidate.program, candidate.reading.pieces)


def cut(candidate: Candidate, failing: list[Piece], reason: str) -> Candidate | None:
    """The candidate without these pieces and all that builds on them; None where too little is left."""
    reading, program = candidate.reading, candidate.program
    rest = without(program, failing, reading.pieces) if reading and program and failing else None
    if reading is None or rest is None:
        return None
    where = ", ".join(reading.where(piece.first, piece.last).removeprefix("#") for piece in failing)
    remark = f"left out {where} and what builds on it: {reason}"
    whole, cuts = candidate.whole or candidate.pattern.id, candidate.cuts + 1
    try:
        apis = used_apis(parsed(rest.code))
        made = candidate_of(reading, rest, apis, pattern_id=cut_id(whole, cuts))
    except (Unreadable, PatternError):
        return None
    return made.model_copy(update={"whole": whole, "cuts": cuts, "remarks": [*candidate.remarks, remark]})


def cut_id(whole: str, cuts: int) -> str:
    """Id of a program of which pieces were left out so many times."""
    return f"{whole}-cut{cuts}"
