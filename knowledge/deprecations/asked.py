"""Old names in a question: what someone asks about that no longer should be written, and what to write instead."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from pydantic import BaseModel

from knowledge.deprecations import Deprecation, deprecations

NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
ALIASES = {
    "tf": "tensorflow",
    "tensorflow.keras": "keras",
    "K": "keras.backend",
    "F": "torch.nn.functional",
    "nn": "torch.nn",
    "optim": "torch.optim",
    "np": "numpy",
}
"""How people shorten the beginning of a name."""
MANY = 6
"""Names that were given up together, as those of keras.backend were, which have the same names elsewhere."""
SHORTEST = 5
"""Letters of a name that means something without what it belongs to."""


class Outdated(BaseModel):
    """One old name that a question holds."""

    name: str
    """As it was asked."""
    since: str
    """Distribution and version that first warned of it, or went without it: "torch 2.4"."""
    removed: bool
    """It is gone; otherwise it still works and warns."""
    fix: str
    """What to write instead, in a sentence."""
    source: str

    @property
    def told(self) -> str:
        """One line of Markdown."""
        state = "is gone" if self.removed else "is deprecated"
        return f"`{self.name}` {state} since {self.since}. {self.fix}"


def outdated_names(text: str) -> list[Outdated]:
    """The old names in a question, in its order; those of the versions installed here."""
    found: dict[str, Outdated] = {}
    for name in dict.fromkeys(NAME.findall(text)):
        rule = next(_rules_of(name, text), None)
        if rule is not None:
            since = f"{rule.distribution} {rule.since}"
            told = Outdated(name=name, since=since, removed=rule.removed, fix=rule.fix, source=rule.source)
            found.setdefault(rule.fix, told)
    return list(found.values())


def _rules_of(name: str, text: str) -> Iterator[Deprecation]:
    dotted = _in_full(name)
    last = dotted.rpartition(".")[2]
    for symbol, rule in _by_last_part().get(last, []):
        if _is_meant(dotted, symbol, rule) and (rule.keyword is None or re.search(rf"\b{rule.keyword}\s*=", text)):
            yield rule
    for parent in _parents(dotted):
        for symbol, rule in _by_last_part().get(parent.rpartition(".")[2], []):
            if symbol == parent and rule.keyword is None:
                yield rule


def _is_meant(dotted: str, symbol: str, rule: Deprecation) -> bool:
    """Whether this is how someone writes the symbol: the whole of it, its end, or a last part that says enough."""
    if "." in dotted:
        return symbol == dotted or symbol.endswith(f".{dotted}") or symbol == dotted.rpartition(".")[2]
    telling = len(dotted) >= SHORTEST and ("_" in dotted.strip("_") or re.search(r"[a-z][A-Z]", dotted) is not None)
    # The same last part in what replaces it: `GradScaler` alone may be the new one, and what is given up by the dozen
    # mostly has its name elsewhere.
    renamed = re.search(rf"\b{dotted}\b", rule.fix) is None and len(rule.also) < MANY
    return (telling and renamed) or (rule.keyword is not None and len(dotted) > 3)


def _in_full(name: str) -> str:
    for short, full in ALIASES.items():
        if name.startswith(f"{short}."):
            return _in_full(full + name[len(short) :])
    return name


def _parents(dotted: str) -> Iterator[str]:
    """What the name lies in, the nearest first, as long as it is more than a package."""
    above = dotted.rpartition(".")[0]
    while "." in above:
        yield above
        above = above.rpartition(".")[0]


@lru_cache(maxsize=1)
def _by_last_part() -> dict[str, list[tuple[str, Deprecation]]]:
    """Last part -> symbols (or a method's bare name) and their rules.

    Left out is what only the arguments' values make wrong, which a question does not show.
    """
    found: dict[str, list[tuple[str, Deprecation]]] = defaultdict(list)
    for rule in deprecations():
        if rule.value is None and rule.lacks is None:
            for symbol in filter(None, (rule.symbol, *rule.also, rule.method)):
                found[symbol.rpartition(".")[2]].append((symbol, rule))
    return found
