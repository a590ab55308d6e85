"""Which programs are the same, or nearly: what runs of them, and MinHash over their tokens."""

import ast
import hashlib
import io
import tokenize
from functools import lru_cache

from ingest.errors import Unreadable
from ingest.python_source import parsed

NEAR = 0.85
"""Share of runs of tokens that two programs have in common, from which on they are nearly the same."""
RUN, BANDS, ROWS = 5, 24, 4
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def program_key(code: str) -> str:
    """The same for two programs that differ in comments, docstrings and layout only."""
    try:
        same = what_runs(code)
    except Unreadable:
        same = code
    return hashlib.sha256(same.encode()).hexdigest()


@lru_cache(maxsize=1)  # the key and the runs of one program are asked for in turn
def what_runs(code: str) -> str:
    """What runs of a program, in one way of writing it: no comments, docstrings or other constants that stand alone.

    Raises Unreadable.
    """
    tree = parsed(code)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            node.body = kept or ([] if isinstance(node, ast.Module) else [ast.Pass()])  # type: ignore[attr-defined]
    try:
        return ast.unparse(tree)
    except RecursionError:
        raise Unreadable("it is nested too deep to be written anew") from None


def code_runs(code: str) -> set[int]:
    """Every run of tokens of a program, hashed."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(what_runs(code)).readline)
        return _runs([token.string for token in tokens if token.type not in LAYOUT])
    except (Unreadable, SyntaxError, tokenize.TokenError):
        return _runs(code.split())


def text_runs(text: str) -> set[int]:
    """Every run of words of a text, hashed."""
    return _runs("".join(c if c.isalnum() else " " for c in text.lower()).split())


def _runs(words: list[str]) -> set[int]:
    runs = {" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}
    return {int.from_bytes(hashlib.blake2b(run.encode(), digest_size=4).digest()) for run in runs}


class NearDuplicates:
    """Finds the first of what was added before that is nearly the same."""

    def __init__(self) -> None:
        import numpy as np

        random = np.random.default_rng(0)
        size = (BANDS * ROWS, 1)
        self._factors = random.integers(0, 2**64, size=size, dtype=np.uint64) | np.uint64(1)
        self._shifts = random.integers(0, 2**64, size=size, dtype=np.uint64)
        self._buckets: dict[tuple[int, bytes], list[str]] = {}
        self._runs: dict[str, set[int]] = {}

    def add(self, name: str, runs: set[int]) -> str | None:
        """Remember this one; the name of an earlier one that it nearly equals, if there is one."""
        near: dict[str, None] = {}
        for bucket in self._bands(runs):
            near |= dict.fromkeys(self._buckets.setdefault(bucket, []))
            self._buckets[bucket].append(name)
        self._runs[name] = runs
        return next((other for other in near if other != name and _overlap(runs, self._runs[other]) >= NEAR), None)

    def _bands(self, runs: set[int]) -> list[tuple[int, bytes]]:
        """Those with much in common agree in at least one band of their signatures, almost surely."""
        import numpy as np

        hashes = np.fromiter(runs, dtype=np.uint64, count=len(runs))
        signature = ((self._factors * hashes + self._shifts) >> np.uint64(32)).astype(np.uint32)
        rows: np.ndarray = signature.min(axis=1).reshape(BANDS, ROWS)
        return [(band, row.tobytes()) for band, row in enumerate(rows)]


def _overlap(one: set[int], other: set[int]) -> float:
    return len(one & other) / max(1, len(one | other))
