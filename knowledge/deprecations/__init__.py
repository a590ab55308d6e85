"""What PyTorch, TensorFlow, Keras and their company gave up: how it reads in code, and what to write instead.

The .toml files hold what was proved by running it; `harvested.jsonl` what the installed wheels say of themselves.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from knowledge.schema import Framework

FOLDER = Path(__file__).parent
ALSO_CALLED = {"tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly")}
"""One framework, several distributions."""


class Deprecation(BaseModel):
    """One thing not to write any more. What is given of `symbol`, `method` and the argument must all match."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    framework: Framework | None = None
    """None for a library that both frameworks are used with."""
    distribution: str
    """Whose version decides: "torch", "tensorflow", "keras", "transformers"."""
    since: str
    """The first version known to warn or raise, and to have what is named instead."""
    symbol: str | None = None
    """Dotted public name, itself or anything below it; "keras.layers.*" is every name in there.

    What begins with "keras." is also meant where it is reached as "tensorflow.keras.".
    """
    exactly: bool = False
    """The symbol is not meant under "tensorflow.keras." too."""
    also: list[str] = []
    """Further symbols that are gone in the same way."""
    method: str | None = None
    """Attribute of an object whose type is not known; only names that mean nothing else."""
    receiver: str | None = None
    """Pattern of the whole of what stands before `method`, where the method's name alone would not do."""
    keyword: str | None = None
    """The call gives this argument."""
    lacks: str | None = None
    """The call does not give this argument."""
    position: int | None = None
    """Where the argument of `keyword` or `lacks` stands when it is given without its name, counted from 0."""
    value: str | None = None
    """Pattern that the whole argument matches where it is a literal: a string's text, or the source of the rest."""
    when: str | None = None
    """Another argument without which it is right: it must be given, and not as False."""
    unless: str | None = None
    """Another argument that makes it right, when it is given and is not False."""
    removed: bool = False
    """It raises, or silently does nothing; otherwise it still works and warns."""
    fix: str
    """What to write instead, in a sentence."""
    source: str
    """Where that is written, as file:line of the distribution or as the address of its documentation."""
    needs: list[str] = []
    """Modules without which there is nothing to write instead; the rule holds only where they can be imported."""


class CuratedDeprecation(Deprecation):
    """A deprecation with a wrong and a right snippet; a test runs both."""

    id: str
    wrong: str
    right: str
    outcome: str | None
    """What the wrong snippet does: "raises TypeError", "warns FutureWarning", "logs legacy"; None: not proved."""


@lru_cache(maxsize=1)
def curated() -> tuple[CuratedDeprecation, ...]:
    """Every row of the .toml files, with what stands at the top of its file filled in."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        common = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = common.pop("deprecation")
        found += [CuratedDeprecation.model_validate({"outcome": None} | common | row) for row in rows]
    return tuple(found)


@lru_cache(maxsize=1)
def harvested() -> tuple[Deprecation, ...]:
    lines = (FOLDER / "harvested.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Deprecation.model_validate_json(line) for line in lines)


def deprecations(
    versions: Mapping[str, str] | None = None, importable: frozenset[str] | None = None
) -> list[Deprecation]:
    """Those that hold for these versions (distribution -> version; what is installed here by default), curated first.

    Without `importable`, none whose replacement is a package of its own.
    """
    rules: list[Deprecation] = [*curated(), *harvested()]
    there = {name: _version_of(name, versions) for name in {rule.distribution for rule in rules}}
    return [
        rule
        for rule in rules
        if there[rule.distribution] >= _numbers(rule.since) and set(rule.needs) <= (importable or frozenset())
    ]


def _version_of(distribution: str, versions: Mapping[str, str] | None) -> tuple[int, ...]:
    """Empty, which is less than any, where the distribution is not installed."""
    for name in ALSO_CALLED.get(distribution, (distribution,)):
        if found := _installed(name) if versions is None else versions.get(name):
            return _numbers(found)
    return ()


@lru_cache(maxsize=16)
def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    """(2, 13) for "2.13.0+cpu": a patch release deprecates nothing."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
