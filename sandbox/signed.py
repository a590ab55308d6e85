"""Tells frames of the observers from others: each carries a word that only they were told, anew for each run.

A program that writes to the channel does not know the word. One that searches the memory of its process can find it.
"""

import secrets
from collections.abc import Iterable
from typing import Any

KEY = "word"


def new_word() -> str:
    return secrets.token_hex(16)


def genuine(frames: Iterable[dict[str, Any]], word: str) -> tuple[list[dict[str, Any]], int]:
    """The frames that the observers sent, without the word, and the number of the others."""
    given = list(frames)
    kept = [{name: value for name, value in one.items() if name != KEY} for one in given if one.get(KEY) == word]
    return kept, len(given) - len(kept)
