"""What a query says besides its words: names, a framework, a traceback; and when a pattern answers it."""

import re
from typing import NamedTuple

from knowledge.deprecations.asked import outdated_names
from knowledge.schema import Framework
from knowledge.words import is_english, known_words, well_spelt

SURE_COSINE = 0.56
COVERAGE_COUNTS = 0.4
SURE_BOTH = 0.68
"""For the cosine plus COVERAGE_COUNTS times the coverage."""
FAR_COSINE = 0.25
COVERED = 0.75
"""Share of the query's tokens in a pattern. All of these were set on one half of tests/data/retrieval/queries.jsonl."""
MAX_QUERY = 4000
TRACEBACK = "Traceback (most recent call last)"
PRODUCTS = re.compile(r"\b(PyTorch|TensorFlow|TensorBoard|NumPy|SciPy|GitHub|JavaScript)\b")
"""Written like identifiers, but said by everyone."""
LEXICAL = re.compile(r"\w\.\w*[a-z_]{2}|\w_\w|[a-z][A-Z]|\w\(|\w=|(Error|Warning|Exception)\b")
NAME = re.compile(r"\w\.\w*[a-z_]{2}|\w_\w|[a-z][A-Z]|\w\(")
OTHER_SCRIPT = re.compile(r"[\u0370-\u1dff\u2c00-\ud7ff\uf900-\uffef]+")
"""Letters that are not Latin, from Greek to Hangul. A single one may be a symbol."""
FRAMEWORKS = re.compile(r"\b(py)?torch\b|\btensorflow\b|\btf\b|\bkeras\b", re.IGNORECASE)
SPOKEN = re.compile(r"(?<!\S)[^\W\d_]{3,}(?=[.,:;!?]*(?:\s|$))")
FEW_WORDS = 3
"""Fewer tell no language."""
TELLING = 5
"""Letters of a word that languages seldom share."""
SIGNS: dict[Framework, re.Pattern[str]] = {
    "pytorch": re.compile(
        r"\b(py)?torch(vision|audio)?\b|\b(nn|F|optim)\.\w|\bcuda:\d|state_dict|zero_grad|requires_grad|no_grad\b|inference_mode"
        r"|\.backward\(|lr_scheduler|clip_grad_|register_buffer|ModuleList|DataLoader\b|collate_fn|num_workers|worker_init_fn"
        r"|pin_memory|channels_last|packed_sequence|pack_padded|GradScaler|mat1 and mat2|expected scalar type",
        re.IGNORECASE,
    ),
    "tensorflow": re.compile(
        r"\b(keras|tensorflow|tf|tflite|litert)\b|\.keras\b|@tf\.|GradientTape|KerasTensor|model\.(fit|compile)\b|\.fit\("
        r"|fit_generator|predict_classes|from_logits|steps_per_epoch|validation_split|train_step|from_tensor_slices"
        r"|from_generator|TFRecord|SavedModel|PyDataset|ImageDataGenerator|TextVectorization|ModelCheckpoint|EarlyStopping",
        re.IGNORECASE,
    ),
}
"""What is said or written with one framework only."""


def meant_framework(query: str) -> Framework | None:
    """The framework that the query is about, as far as its words and names tell: None where both or neither do."""
    named = [framework for framework, signs in SIGNS.items() if signs.search(query)]
    return named[0] if len(named) == 1 else None


def names_something(query: str) -> bool:
    """Whether the query holds an identifier or an error text, which are better found word by word."""
    return LEXICAL.search(PRODUCTS.sub("", query)) is not None


def is_foreign(query: str) -> bool:
    """Whether the query is not in English: in other letters, or in words most of which no pattern holds."""
    if any(len(letters) > 1 for letters in OTHER_SCRIPT.findall(query)):
        return True
    # A slip counts half: "modelo" is one from "model".
    words = [*_spoken(query), *_spoken(well_spelt(query))]
    return len(words) >= 2 * FEW_WORDS and sum(map(_is_known, words)) < len(words) / 2


def _is_known(word: str) -> bool:
    """In a pattern, or else in English, as far as that is told from its neighbours: "die" is a word of several."""
    return word in known_words() or (len(word) >= TELLING and is_english(word))


def _spoken(query: str) -> list[str]:
    return SPOKEN.findall(without_frameworks(" ".join(word for word in query.split() if not NAME.search(word))).lower())


def without_frameworks(query: str) -> str:
    """The query without what nearly all patterns of a framework hold."""
    return FRAMEWORKS.sub(" ", query)


def names_in(query: str) -> str:
    """What can be searched for of a query in another language: names of code, and terms among other letters."""
    if not OTHER_SCRIPT.search(query):
        return " ".join(word for word in PRODUCTS.sub("", query).split() if NAME.search(word))
    terms = OTHER_SCRIPT.sub(" ", query)
    return terms if re.search("[A-Za-z]{2}", without_frameworks(terms)) else ""


def without_frames(query: str) -> str:
    """The query without the frames of a traceback, which say where and not what."""
    lines = query.strip().splitlines()
    if TRACEBACK in query:
        lines = [line for line in lines if line[:1].strip() and not line.startswith(TRACEBACK)]
    return "\n".join(lines)[:MAX_QUERY]


class Sought(NamedTuple):
    """What is looked for, worked out of a question."""

    text: str
    """Well spelt; of a question in another language its names alone."""
    words: str
    """As `text`, with the question as it was written, since what looks like a slip may be none."""
    lexical: bool
    """Whether it is better found word by word."""
    by_meaning: bool
    """Not of another language that names nothing: to a model that reads English it means anything."""


def seek(query: str, *, english_only: bool) -> Sought:
    """What to look for, where the model reads English only or any language."""
    names = names_in(query) if english_only and is_foreign(query) else query
    text = well_spelt(names) if names else without_frameworks(query)
    lexical = not names or names_something(text)
    # Whoever asks for an old name is to find what replaced it.
    instead = [old.fix for old in outdated_names(text)] if lexical else []
    return Sought(text, " ".join([text, query, *instead]), lexical, by_meaning=bool(names))


class Evidence(NamedTuple):
    """How one pattern relates to a query, apart from its rank."""

    cosine: float
    coverage: float
    """Share of the query's tokens that the pattern holds."""

    def answers(self, *, lexical: bool) -> bool:
        """Whether this pattern alone shows that the query is about something known here."""
        both = self.cosine + COVERAGE_COUNTS * self.coverage
        return self.cosine >= SURE_COSINE or both >= SURE_BOTH or (lexical and self.coverage >= COVERED)

    def is_near(self, *, lexical: bool) -> bool:
        """Whether it is worth showing beside one that answers."""
        return self.cosine >= FAR_COSINE or (lexical and self.coverage >= COVERED)
