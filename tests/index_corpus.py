"""Patterns and vectors for tests of the index where what they say does not matter, and a program that builds one."""

import sys
import zlib
from pathlib import Path

import numpy as np
from pydantic import SecretStr

from knowledge.connection import Server
from knowledge.index import build_index
from knowledge.notes import Note
from knowledge.schema import Framework, Pattern


def note(name: str, title: str, text: str, framework: Framework | None, **fields: object) -> Note:
    return Note.model_validate(
        {
            "id": f"note.guide.{name}",
            "title": title,
            "framework": framework,
            "topic": "tensors",
            "text": text,
            "document": "guide.md",
            "source": "guide.md:1-9",
            "license": "unknown",
            "sha256": name,
            "reason": "it shows no code",
            **fields,
        }
    )


def lesson(number: int, **given: object) -> Pattern:
    """A pattern that is about its number."""
    fields = {
        "id": f"pt.topic.number-{number}",
        "framework": "pytorch",
        "title": f"Lesson {number} about tensors",
        "topic": "topic",
        "questions": [f"lesson {number} please", f"what is in lesson {number}", f"teach me lesson {number}"],
        "apis": [f"torch.lesson_{number}"],
        "why": f"since {number} matters",
        "code": f"print({number})\n",
        "path": f"number_{number}.py",
        "sha256": f"{number:064}",
        "status": "vetted",
    }
    return Pattern.model_validate(fields | given)


class Scattered:
    """Stands in for a model where thousands of texts are embedded: a direction of its own for each text."""

    name, dim, english_only, folder = "scattered/1", 32, False, Path()

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = [np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.dim) for text in texts]
        array = np.array(rows, dtype=np.float32).reshape(len(texts), self.dim)
        return array / np.linalg.norm(array, axis=1, keepdims=True)

    def embed_query(self, text: str) -> np.ndarray:
        return self.embed([text])[0]


def main(home: str, url: str, count: str, rebuilds: str) -> None:
    """Build an index of so many lessons, so many times."""
    server = Server(url=url, api_key=SecretStr("write")) if url else None
    lessons = [lesson(number) for number in range(int(count))]
    for _ in range(int(rebuilds)):
        build_index(lessons, Path(home), Scattered(), rebuild=True, server=server)


if __name__ == "__main__":
    main(*sys.argv[1:])
