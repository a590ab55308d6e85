"""Candidates that are the same program as another, or nearly: of each group of them one is admitted."""

import os
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

from ingest.admission import Admission, Done
from ingest.candidates import Candidate
from ingest.schema import Outcome
from ingest.shelf import Shelves
from ingest.similarity import NearDuplicates, code_runs, program_key
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


def admit_groups(groups: Sequence[Group], shelves: Shelves, admission: Admission) -> Generator[Done, None, None]:
    """What became of each candidate, as it comes. What runs is cancelled when the caller stops listening."""
    with ThreadPoolExecutor(max(2, len(os.sched_getaffinity(0)))) as pool:
        runs = [pool.submit(_admit_one_of, group, shelves, admission) for group in groups]
        try:
            for run in as_completed(runs):
                yield from run.result()
        finally:
            admission.cancel.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _admit_one_of(group: Group, shelves: Shelves, admission: Admission) -> list[Done]:
    """The first; where it fails, one that only nearly equals it gets a chance. All others are duplicates."""
    done = [admission.admit(group.first, shelves.for_file(group.first.file))] if group.first else []
    held = None if done and not done[0].holds else group.known
    second = None if held else next((other.candidate for other in group.others if not other.same), None)
    if second:
        done.append(admission.admit(second, shelves.own))
        held = done[-1].outcome.id if done[-1].holds else None
    rest = [other for other in group.others if other.candidate is not second]
    return done + [Done(other.candidate, _duplicate(other, first=group.known, held=held)) for other in rest]


def _duplicate(other: Follower, *, first: str, held: str | None) -> Outcome:
    """`held` is the one of the group that holds, which need not be its first one."""
    like = held or first
    same = other.same and like == first
    reason, about = (
        f"{'the same' if same else 'nearly the same'} program as {one}{'' if held else ', which was rejected'}"
        for one in (like, "another")
    )
    return Outcome(kind="duplicate", source=other.candidate.source, id=like, reason=reason, about=about)
