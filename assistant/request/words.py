"""Whether a question's words hold what a model says they do: its quotes, and the numbers in them."""

import re
from typing import Any

from assistant.request.data import ONE_CHANNEL, THREE_CHANNELS
from assistant.request.numbers import read_quantities
from assistant.request.reading import tidy, wanted

FEWEST_LETTERS = 2
FEWEST_WORDS = 3
ANY_NUMBER = re.compile(r"(?<![a-z_.])(\d+(?:\.\d+)?(?:e[-+]?\d+)?|\.\d+)(\s?%)?")
NAMED_NUMBERS = {"one": 1.0, "single": 1.0, "zero": 0.0, "half": 0.5, "a quarter": 0.25, "thousand": 1000.0}
JOINED_AFTER = re.compile(r"^\W{0,2}(?:or|and|vs|versus)\b|^\s*[,/]")
JOINED_BEFORE = re.compile(r"(?:\b(?:or|and|vs\.?|versus|either|between)|/)\s*(?:an?|the|with)?\s*$")
JOINED = re.compile(r"\b(?:or|and|vs|versus)\b")


def occurs(quote: str, question: str) -> bool:
    """True where the quote's words stand in the question, in a row; spaces, case and marks do not matter."""
    return _place(quote, question) is not None


def decides(quote: str, question: str) -> bool:
    """True where the quote says which, rather than being one of the alternatives, or all of them."""
    place = _place(quote, question)
    if place is None or len(quote.split()) < FEWEST_WORDS or JOINED.search(quote.lower()):
        return False
    plain = _plain(question)
    return not (JOINED_AFTER.match(plain[place[1] :]) or JOINED_BEFORE.search(plain[: place[0]]))


def numbers_stand(value: Any, quote: str) -> bool:
    """True where each number of the value stands in the quote, as digits or as a word; other values have none."""
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, list | tuple):
        return all(_stands(item, quote) or _is_channels(value, n, quote) for n, item in enumerate(value))
    return _stands(value, quote)


def number_of_another(name: str, value: Any, quote: str) -> bool:
    """True where the quote, read alone, gives this number to another field: "20 epochs" is no batch size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    named = read_quantities(tidy(quote)).fields
    return name not in named and value in named.values()


def _stands(value: Any, quote: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return any(abs(value - number) <= 1e-9 * max(1.0, abs(number)) for number in _numbers(quote))


def _numbers(quote: str) -> list[float]:
    text = tidy(quote)
    found = [float(number) / (100 if percent else 1) for number, percent in ANY_NUMBER.findall(text)]
    return [*found, *(value for word, value in NAMED_NUMBERS.items() if re.search(rf"\b{word}\b", text))]


def _is_channels(shape: Any, place: int, quote: str) -> bool:
    """ "RGB" and "grayscale" are numbers of channels."""
    said = {1: ONE_CHANNEL, 3: THREE_CHANNELS}.get(shape[place])
    return place == 0 and len(shape) == 3 and said is not None and wanted(said, tidy(quote))


def _place(quote: str, question: str) -> tuple[int, int] | None:
    plain = _plain(quote)
    if len(re.findall(r"\w", plain)) < FEWEST_LETTERS and not plain.isdigit():
        return None
    match = re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", _plain(question))
    return match.span() if match else None


def _plain(text: str) -> str:
    text = re.sub(r"[\u2018\u2019\u201c\u201d\"'`]", "'", text.lower())
    return re.sub(r"\s+", " ", text).strip(" .,;:!?'")
