"""What the readers of a question share: its tidied text, its numbers, and whether a word is negated."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from assistant.request.spelled import with_digits

COUNTED = r"(?:hidden|conv|dense|layers?|epochs?|class|channel|unit|minutes?|hours?|block)"
UNITS = (
    r"(?:epochs?|layers?|class|features|columns|samples|rows|tokens|units|mins?\b|minutes?|secs?\b|"
    r"seconds?|ms\b|hours?)"
)
MISSPELT = (
    "pytorch",
    "tensorflow",
    "tensorboard",
    "convolutional",
    "classification",
    "classifier",
    "classify",
    "regression",
    "dropout",
    "learning",
    "schedule",
    "scheduler",
    "cosine",
    "transformer",
    "handwritten",
    "augmentation",
    "optimizer",
    "momentum",
    "checkpoint",
    "patience",
    "gradient",
    "accuracy",
    "exponential",
    "plateau",
    "recurrent",
    "without",
    "sentiment",
    "diabetes",
)
REAL_WORDS = {"transformed", "classified", "optimize", "optimized", "optimizes", "leaning"}
"""Within a slip of a term, and words of their own."""
TIDYING = (
    (r"[\u2010-\u2015\u2212]", "-"),
    (r"[\u2018\u2019]", "'"),
    (r"[\u00d7*](?=\s*\d)", "x"),
    (r"(?<=\d)\s*(?:x|by)\s*(?=\d)", "x"),
    (r"(?<![\d\[(,])(\d{1,3}),(\d{3})(?:,(\d{3}))?(?![\d,\])])", r"\1\2\3"),
    (r"(?<=\d) ?million\b", "000000"),
    (r"\b10\^-(\d+)", r"1e-\1"),
    (r" ?\bper ?cent\b", "%"),
    (r"\bhalf an hour\b", "30 minutes"),
    (r"\ban hour\b", "1 hour"),
    (r"\ba minute\b", "1 minute"),
    (r"\ba second\b", "1 second"),
    (rf"\b(?:one|a single)(?=[\s-]{COUNTED})", "1"),
    (rf"(?<=\d)(?={UNITS})", " "),
    (r"\s+", " "),
)
NUMBER = re.compile(r"(?<![\w./])(?P<value>[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)(?P<percent> ?%)?(?!\w|%|\.\d)")
NEGATOR = re.compile(
    r"\b(?:no|not|without|never|minus|skip|disable|drop|remove|omit|avoid|exclude|nor|except|"
    r"turn off|switch off|leave out|instead of|rather than|other than|get rid of|"
    r"(?:do not|don'?t|doesn'?t|shouldn'?t)(?: want| need| add| include| apply|"
    r" enable)?)\b(?: (?:using|use|any))?|\bw/o"
)
BREAK = re.compile(r"\b(?:but|for|on|in|from|to|at|during|with|use|using|then|plus|and|just|only|so)\b|,")
LISTED = re.compile(r"[\w ,-]{0,60}\b(?:or|nor)\b")
SWITCHED_OFF = re.compile(
    r"\s*(?:is |are |should be |turned |switched |= ?|: ?)*(?:off|disabled|false|not needed|unnecessary)\b"
)
MAX_NUMBERS = 300


@dataclass(frozen=True)
class Reading:
    """What one reader found. Keys of `fields` are dotted names of the request."""

    fields: dict[str, Any] = field(default_factory=dict)
    """Named by the user."""
    implied: dict[str, Any] = field(default_factory=dict)
    """Follows from what was named."""
    assumptions: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    """What must be known before anything can be built."""
    unsupported: list[str] = field(default_factory=list)
    """What was asked for and has no place in the request or no vetted pattern."""
    composing: dict[str, str] = field(default_factory=dict)
    """Questions that only composing from patterns raises -> what was asked for, for a drafter that can do it."""
    about: dict[str, str] = field(default_factory=dict)
    """Question -> dotted name of the field that answers it, where there is one."""

    def __or__(self, later: "Reading") -> "Reading":
        return Reading(
            fields=self.fields | later.fields,
            implied=self.implied | later.implied,
            assumptions=self.assumptions + later.assumptions,
            questions=self.questions + later.questions,
            unsupported=self.unsupported + later.unsupported,
            composing=self.composing | later.composing,
            about=self.about | later.about,
        )


def ask(question: str, *, about: str | None = None) -> Reading:
    """A question back, and the field whose value would answer it."""
    return Reading(questions=[question], about={question: about} if about else {})


@dataclass(frozen=True)
class Number:
    """A number of the question with the text on both sides of it."""

    value: float
    percent: bool
    text: str
    left: str
    right: str


def tidy(question: str) -> str:
    """Lower case, one kind of dash and quote, digits for number words, and the commonest misspellings mended."""
    text = unicodedata.normalize("NFKC", question).lower()
    for pattern, replacement in TIDYING:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"(?<![\w.])(\d{1,6}(?:\.\d{1,3})?)k\b", lambda match: f"{float(match[1]) * 1000:.0f}", text)
    return with_digits(re.sub(r"[a-z]{3,}", lambda word: _mend(word.group()), text)).strip()


def find_numbers(text: str) -> list[Number]:
    """The numbers that stand alone: not those of "28x28", of a name or of a version."""
    found = []
    for match in NUMBER.finditer(text):
        left, right = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + 60]
        found.append(Number(float(match["value"]), bool(match["percent"]), match["value"], left, right))
        if len(found) == MAX_NUMBERS:
            break
    return found


def mentions(pattern: str, text: str) -> list[bool]:
    """For each place where the pattern occurs: True where it is wanted, False where it is negated."""
    return [not negated(text, match.start(), match.end()) for match in re.finditer(pattern, text)]


def wanted(pattern: str, text: str) -> bool:
    """True where the pattern occurs and is not negated."""
    return any(mentions(pattern, text))


def negated(text: str, start: int, end: int) -> bool:
    """True where "no", "without" and the like govern text[start:end]: "no dropout, flips or early stopping"."""
    after = text[end : end + 80]
    if SWITCHED_OFF.match(after):
        return True
    clause = re.split(r"[.;:!?] ", text[max(0, start - 80) : start])[-1]
    governors = list(NEGATOR.finditer(clause))
    if not governors:
        return False
    between = clause[governors[-1].end() :]
    if "without" in governors[-1].group():
        between = re.sub(r"\band\b", " ", between)
    if LISTED.match(after) or re.search(r"\b(?:or|nor)\b", between):
        between = between.replace(",", " ")
    return not BREAK.search(between) and len(between.split()) <= 6


def _mend(word: str) -> str:
    if not 6 <= len(word) <= 20 or word in MISSPELT or word in REAL_WORDS:
        return word
    return next((MENDED[cut] for cut in (word, *_cuts(word)) if cut in MENDED), word)


def _cuts(word: str) -> list[str]:
    """The word with each one of its letters but the first left out."""
    return [word[:n] + word[n + 1 :] for n in range(1, len(word))]


MENDED = {cut: term for term in MISSPELT for cut in (*_cuts(term), term)}
"""Spellings within one slip of a term, by what is left when a letter is taken out of either."""
