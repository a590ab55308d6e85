"""Questions as people ask them, and which patterns answer them: by what these use and say, never by their ids.

tests/data/retrieval/queries.jsonl was written without sight of the patterns' own questions. A pattern has the grade of
the best criterion that it meets: 2 answers the question, 1 helps.
"""

import ast
import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from ingest.apis import used_apis
from knowledge.schema import Framework, Pattern

QUERIES = Path(__file__).parent / "data" / "retrieval" / "queries.jsonl"
Split = Literal["tune", "held-out"]


class Criterion(BaseModel):
    """What a pattern must use and say."""

    grade: Literal[1, 2]
    uses: list[str] = []
    """Ends of dotted names, of which the pattern uses one; any, where there are none."""
    says: str | None = None
    """Regular expression for its title, summary and explanation."""


class Query(BaseModel):
    """One question with its labels."""

    query: str
    framework: Framework | None
    kind: str
    area: str
    relevant: list[Criterion]

    @property
    def in_scope(self) -> bool:
        return self.area != "out-of-scope"

    @property
    def split(self) -> Split:
        """Half of the questions were used to choose the constants of the search; figures are told of the others."""
        return "tune" if hashlib.sha256(self.query.encode()).digest()[0] % 2 else "held-out"

    def grade(self, subject: "Subject") -> int:
        """2, 1, or 0 where this pattern is no answer."""
        if self.framework is not None and subject.pattern.framework != self.framework:
            return 0
        return max((one.grade for one in self.relevant if subject.meets(one)), default=0)


class Subject:
    """One pattern as the labels see it."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self._text = " ".join([pattern.title, pattern.summary, pattern.why])

    @cached_property
    def _uses(self) -> set[str]:
        """Every end of every dotted name: "torch.optim.Adam", "optim.Adam", "Adam"."""
        names = {*used_apis(ast.parse(self.pattern.code)), *self.pattern.apis}
        parts = [name.split(".") for name in names]
        return {".".join(part[start:]) for part in parts for start in range(len(part))}

    def meets(self, criterion: Criterion) -> bool:
        if criterion.uses and not self._uses & set(criterion.uses):
            return False
        return criterion.says is None or re.search(criterion.says, self._text, re.IGNORECASE | re.DOTALL) is not None


def read_queries(split: Split | None = None) -> list[Query]:
    """All questions, or those of one half."""
    lines = QUERIES.read_text(encoding="utf-8").splitlines()
    queries = [Query.model_validate(json.loads(line)) for line in lines]
    return [query for query in queries if split in (None, query.split)]
