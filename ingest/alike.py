"""Candidates that are the same program as another, or nearly: only one of them is kept."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.candidates import Candidate
from ingest.duplicates import NearDuplicates, code_runs, program_key
from knowledge.schema import Pattern


class Follower(NamedTuple):
    """A candidate that is like one before it."""

    candidate: Candidate
    same: bool
    """Whether it is the same program; else nearly the same."""


class Group(NamedTuple):
    """Candidates of which one is enough."""

    first: Candidate | None
    known: str
    """Id of the first one, or of a pattern that is known already."""
    others: list[Follower]


def grouped(candidates: Sequence[Candidate], *, kept: set[str], known: Iterable[Pattern]) -> list[Group]:
    """Every candidate once, in groups. One that is `kept` already, or was written as a pattern, follows no other.

    `known` are the patterns that no candidate stands for.
    """
    if not any(candidate.program for candidate in candidates):
        return [Group(candidate, candidate.pattern.id, []) for candidate in candidates]
    groups: dict[str, Group] = {}
    leader: dict[str, str] = {}
    same: dict[str, str] = {}
    near = NearDuplicates()
    for pattern in known:
        groups[pattern.id] = Group(None, pattern.id, [])
        leader[pattern.id] = same[program_key(pattern.code)] = pattern.id
        near.add(pattern.id, code_runs(pattern.code))
    for candidate in sorted(candidates, key=lambda one: not _leads(one, kept)):
        code, name = candidate.pattern.code, candidate.pattern.id
        key = program_key(code)
        like = near.add(name, code_runs(code))
        earlier = None if _leads(candidate, kept) else same.get(key) or like
        leader[name] = leader[earlier] if earlier else name
        if earlier is None:
            same.setdefault(key, name)
            groups[name] = Group(candidate, name, [])
        else:
            groups[leader[name]].others.append(Follower(candidate, same.get(key) == leader[name]))
    return [group for group in groups.values() if group.first or group.others]


def _leads(candidate: Candidate, kept: set[str]) -> bool:
    return candidate.program is None or candidate.pattern.id in kept
