"""The words that patterns are written in: what a question misspells is mended by them, and another language is known.

words.txt has them, the most common first, and then the names that the frameworks have. `python -m knowledge.words`
writes it anew, after patterns were added.
"""

import re
import string
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.embed import model_folder
from knowledge.schema import Pattern

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILE = Path(__file__).with_name("words.txt")
SHORTEST = 3
SHORT = 5
"""With another letter, so short a word is most often another word: "smell" is not "small"."""
SEVERAL = 3
"""Patterns with the word in their questions or code, where none tells it."""
TORCH = ("", ".nn", ".nn.functional", ".optim", ".optim.lr_scheduler", ".linalg", ".distributions")
KERAS = ("layers", "losses", "metrics", "optimizers", "callbacks", "activations", "initializers", "applications", "ops")
PLAIN = re.compile(r"(?<![\w.`'=(/-])[A-Za-z][a-z]{3,23}(?![\w`'=(/]|[.-]\w)")
"""A word that belongs to no name, and is long enough to have few others beside it."""


@lru_cache(maxsize=1)
def known_words() -> dict[str, int]:
    """Word -> its place, the most common first."""
    return {word: place for place, word in enumerate(FILE.read_text(encoding="utf-8").split())}


@lru_cache(maxsize=64)
def well_spelt(query: str) -> str:
    """The query with each plain word that nobody knows as the most common one that patterns hold a single slip away.

    What begins with a capital within a sentence is a name, and left as it is.
    """
    return PLAIN.sub(lambda found: found[0] if found[0][0].isupper() and found.start() else _mended(found[0]), query)


def _mended(word: str) -> str:
    known = known_words()
    if word.lower() in known or is_english(word):
        return word
    near = [other for other in _one_slip_away(word.lower()) if other in known]
    return min(near, key=lambda other: known[other], default=word)


def _one_slip_away(word: str) -> set[str]:
    """With a letter left out, two swapped, one wrong or one too many (Norvig, norvig.com/spell-correct.html)."""
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = string.ascii_lowercase
    return {
        *(left + right[1:] for left, right in splits if right),
        *(left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1),
        *(left + letter + right[1:] for left, right in splits if right and len(word) > SHORT for letter in letters),
        *(left + letter + right for left, right in splits for letter in letters),
    }


def common_words(patterns: Iterable[Pattern]) -> list[str]:
    """The words that these patterns tell, and those that several of them hold; the most common first."""
    held: Counter[str] = Counter()
    told: set[str] = set()
    asked: Counter[str] = Counter()
    for pattern in patterns:
        prose = [pattern.title, pattern.summary, pattern.why, pattern.pitfalls, pattern.when_not]
        telling = _words([*prose, *pattern.apis, *pattern.replaces, *pattern.errors])
        told |= telling
        held.update(telling | _words([pattern.code]))
        asked.update(_words(pattern.questions))
    # Questions are misspelt on purpose: what only they hold has to be English.
    several = {word for word in held if held[word] >= SEVERAL}
    several |= {word for word in asked if asked[word] >= SEVERAL and is_english(word)}
    return sorted(told | several, key=lambda word: (-held[word] - asked[word], word))


def is_english(word: str) -> bool:
    """Whether the default model reads this word in one piece, as it does some 20,000 common ones."""
    return _vocabulary().token_to_id(word.lower()) is not None


@lru_cache(maxsize=1)
def _vocabulary() -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(model_folder() / "tokenizer.json"))


def framework_names() -> list[str]:
    """What the installed frameworks call their layers, losses, optimizers and functions, in small letters."""
    packages = [*(f"torch{package}" for package in TORCH), *(f"keras.{package}" for package in KERAS)]
    names = {name.lower() for package in packages for name in dir(import_module(package))}
    return sorted(name for name in names if re.fullmatch(rf"[a-z]{{{SHORTEST},}}", name))


def _words(texts: Iterable[str]) -> set[str]:
    return set(re.findall(rf"[a-z]{{{SHORTEST},}}", " ".join(texts).lower()))


if __name__ == "__main__":
    from knowledge.patterns import REPOSITORY, read_patterns

    words = dict.fromkeys([*common_words(read_patterns(REPOSITORY)), *framework_names()])
    FILE.write_text("\n".join(words) + "\n", encoding="utf-8")
