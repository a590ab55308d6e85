"""Retrieval: the vetted pattern for each part of a project, and those that explain a question."""

from assistant.design.roles import Need, needed_roles
from assistant.schema import PythonMLDLRequest, UsedPattern
from knowledge.index import Index
from knowledge.schema import Framework, Hit

CANDIDATES = 20
"""More than any role has choices: the one that was asked for is among them, with its score beside the others."""
EXPLAINING = 3
"""Patterns shown for a question that needs no code: whole ones, few, the best first."""


def retrieve_roles(request: PythonMLDLRequest, index: Index) -> dict[str, Hit]:
    """Role -> the vetted pattern found for it; a role without one is missing from the result."""
    hits = {need.role: _best(need, request.framework or "pytorch", index) for need in needed_roles(request)}
    return {role: hit for role, hit in hits.items() if hit}


def missing_patterns(request: PythonMLDLRequest, found: dict[str, Hit]) -> list[str]:
    """The parts of the project for which no vetted pattern was found, in words."""
    return [f"{need.role} ({need.provides})" for need in needed_roles(request) if need.role not in found]


def retrieve_explanations(question: str, framework: Framework | None, index: Index) -> list[Hit]:
    """The vetted patterns that answer a question; empty where none is near enough."""
    return index.search(question, framework=framework, k=EXPLAINING)


def used_patterns(patterns: dict[str, Hit], sources: dict[str, list[str]]) -> list[UsedPattern]:
    """The patterns behind the files of a project, each with the file that it became."""
    where = {pattern: file for file, ids in sources.items() for pattern in ids}
    return [
        UsedPattern(
            id=hit.pattern.id,
            title=hit.pattern.title,
            score=round(hit.score, 4),
            used_for=f"{role} in {where[hit.pattern.id]}",
        )
        for role, hit in patterns.items()
        if hit.pattern.id in where
    ]


def _best(need: Need, framework: Framework, index: Index) -> Hit | None:
    found = index.search(need.query, framework=framework, role=need.role, k=CANDIDATES)
    return next((hit for hit in found if hit.pattern.provides == need.provides), None)
