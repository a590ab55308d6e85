"""Retrieval: the vetted pattern for each part of a project, and those that explain a question or a fault."""

import ast

from assistant.design.roles import Need, needed_roles
from assistant.python_source import parse
from assistant.repair import Repair
from assistant.schema import Attempt, Files, PythonMLDLRequest, UsedPattern
from knowledge.schema import Framework, Hit
from knowledge.search import Index

CANDIDATES = 20
"""More than any role has choices: the one that was asked for is among them, with its score beside the others."""
EXPLAINING = 3
"""Patterns shown for a question that needs no code: whole ones, few, the best first."""
LESSONS = 4
"""Further patterns that a model is shown beside those of the project's parts."""
RELATED = 3
"""Patterns shown for a fault."""


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


def retrieve_lessons(request: PythonMLDLRequest, found: dict[str, Hit], index: Index) -> list[Hit]:
    """Further vetted patterns near to the user's own words, the best first; those that fill a role are left out."""
    known = {hit.pattern.id for hit in found.values()}
    hits = index.search(request.ml_task.problem_description, framework=request.framework, k=LESSONS + len(known))
    return [hit for hit in hits if hit.pattern.id not in known][:LESSONS]


def retrieve_for_fault(
    repair: Repair, attempt: Attempt, files: Files, index: Index, *, framework: Framework | None
) -> list[Hit]:
    """What is known of a fault, by its name, its message and the APIs on its line; the best first.

    After an approach that changed nothing, the patterns are those further down.
    """
    queries = [repair.instruction, repair.fault.replace("-", " "), " ".join(_symbols(attempt, files))]
    found: dict[str, Hit] = {}
    for hit in (hit for query in queries if query for hit in index.search(query, framework=framework, k=2 * RELATED)):
        if hit.pattern.id not in found or found[hit.pattern.id].score < hit.score:
            found[hit.pattern.id] = hit
    ranked = sorted(found.values(), key=lambda hit: -hit.score)
    first = 0 if repair.approach == "mend" else min(RELATED, max(0, len(ranked) - RELATED))
    return ranked[first : first + RELATED]


def _symbols(attempt: Attempt, files: Files) -> list[str]:
    """Dotted names on the lines that lint or the findings point at, such as "nn.CrossEntropyLoss"."""
    findings = attempt.verify.findings if attempt.verify else attempt.lint.diagnostics
    places = {(item.file, item.line) for item in findings}
    return list(dict.fromkeys(name for file, line in sorted(places, key=str) for name in _names(files.get(file), line)))


def _names(content: str | bytes | None, line: int | None) -> list[str]:
    """What is called on one line of a Python file."""
    tree = parse(content) if isinstance(content, str) and line is not None else None
    if tree is None:
        return []
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and node.lineno == line]


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
