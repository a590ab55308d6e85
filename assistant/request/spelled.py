"""Numbers in words, up to 999: "two hundred", "one hundred and twenty-eight". A lone "one" is no number."""

import re

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = (
    {word: value for value, word in enumerate((*_UNITS, *_TEENS), start=1)}
    | {word: 10 * value for value, word in enumerate(_TENS, start=2)}
    | {"a": 1}
)
_REST = rf"(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<units>{'|'.join(_UNITS)}))?|(?P<small>{'|'.join((*_UNITS, *_TEENS))})"
_SPELLED = re.compile(
    rf"\b(?:(?P<hundreds>a|{'|'.join(_UNITS)})[ -])?(?P<hundred>hundred)"
    rf"(?:(?: and|-and)?[ -](?:{_REST})\b(?![ -](?:hundred|layer|level|class|dimension)))?\b"
    rf"|\b(?:(?P<only_tens>{'|'.join(_TENS)})(?:[ -](?P<only_units>{'|'.join(_UNITS)}))?"
    rf"|(?P<only_small>{'|'.join((*_UNITS[1:], *_TEENS))}))\b"
)


def with_digits(text: str) -> str:
    """The text, in lower case, with digits for its numbers in words."""
    return _SPELLED.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    words = ("tens", "units", "small", "only_tens", "only_units", "only_small")
    below = sum(_VALUES[match[name]] for name in words if match[name])
    return str(100 * _VALUES[match["hundreds"] or "a"] + below if match["hundred"] else below)
