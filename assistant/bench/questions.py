"""The questions of a run: our own set, or a file with one on each line."""

import hashlib
import json
from pathlib import Path

from pydantic import ValidationError

from assistant.bench.schema import Question
from assistant.errors import RequestError

OWN = Path(__file__).parent / "questions.jsonl"
"""Both frameworks, from easy to hard, each with data that needs no download and trains in seconds on a CPU."""


def read_questions(path: Path | None = None) -> list[Question]:
    """The set in the file, or our own. RequestError names the line that cannot be read.

    A line is a question in words, or an object like {"question": "…", "framework": "pytorch"}; empty lines and
    lines that begin with # are passed over.
    """
    path = path or OWN
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{str(path)!r} cannot be read ({error}); give a file with one question a line") from error
    questions = [
        _read(line.strip(), f"{path.name}:{n}")
        for n, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not questions:
        raise RequestError(f"{str(path)!r} holds no question; write one on each line")
    return questions


def digest(questions: list[Question]) -> str:
    """The same for the same questions in the same order."""
    text = json.dumps([question.model_dump() for question in questions], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(line: str, where: str) -> Question:
    if not line.startswith("{"):
        return Question(question=line)
    try:
        return Question.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "the line"
        raise RequestError(f"{where}: {name} is wrong ({first['msg'].lower()})") from error
