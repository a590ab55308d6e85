"""What is written down as deprecated is so, on what is installed here: each curated row is executed."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.lint.deprecated import find_deprecated
from knowledge.deprecations import CuratedDeprecation, curated, harvested
from sandbox.base import Sandbox
from sandbox.schema import Job, Limits, Runtime

DATA = Path(__file__).parent / "data/deprecations"
ALL = frozenset({"ai_edge_litert", "onnxscript", "torchao"})
PROVED = [row for row in curated() if row.outcome]


def execute(sandbox: Sandbox, runtime: Runtime, snippets: dict[str, str], names: list[str]) -> dict[str, Any]:
    files = {
        "run_snippets.py": (DATA / "run_snippets.py").read_text(encoding="utf-8"),
        "snippets.json": json.dumps({"snippets": snippets, "names": names}),
    }
    limits = Limits(wall_s=280)
    job = Job(runtime=runtime, argv=["run_snippets.py"], files=files, collect=["outcomes.json"], limits=limits)
    result = sandbox.run(job)
    assert result.status == "ok", result.stderr[-2000:]
    return json.loads(result.artifacts[0].content)


def does(row: CuratedDeprecation, seen: dict[str, Any]) -> bool:
    verb, what = str(row.outcome).split(" ", 1)
    if verb == "raises":
        return what in (seen["raised"] or [])
    if verb == "logs":
        return what in seen["said"].lower()
    return any(what in kinds for kinds, _ in seen["warned"])


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_each_wrong_snippet_does_what_is_written_and_each_right_one_is_clean(
    framework: Runtime, sandbox: Sandbox
) -> None:
    rows = [row for row in PROVED if (row.framework or "pytorch") == framework]
    snippets = {f"{row.id} {kind}": getattr(row, kind) for row in rows for kind in ("wrong", "right")}
    seen = execute(sandbox, framework, snippets, [])["outcomes"]
    assert [row.id for row in rows if not does(row, seen[f"{row.id} wrong"])] == []
    clean = {row.id: seen[f"{row.id} right"] for row in rows}
    assert {id: ran for id, ran in clean.items() if ran["raised"] or complains(ran)} == {}


def complains(ran: dict[str, Any]) -> bool:
    """Whether the framework said of anything that it is deprecated."""
    return any("deprecated" in text for text in [ran["said"], *(text for _, text in ran["warned"])])


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_names_that_are_gone_lead_nowhere_and_harvested_names_lead_somewhere(
    framework: Runtime, sandbox: Sandbox
) -> None:
    removed = [row for row in PROVED if row.removed and not row.keyword and (row.framework or "pytorch") == framework]
    gone = [name for row in removed for name in row.also]
    warned = [rule.symbol for rule in harvested() if rule.framework == framework and rule.symbol]
    there = execute(sandbox, framework, {}, [*gone, *warned])["there"]
    assert sorted(set(gone) & set(there)) == []
    assert sorted(set(warned) - set(there)) == []


def test_what_is_curated_is_not_harvested_as_well() -> None:
    held = {(symbol, row.keyword) for row in curated() for symbol in (row.symbol, *row.also) if symbol}
    assert [rule.symbol for rule in harvested() if (rule.symbol, rule.keyword) in held] == []


@pytest.mark.parametrize("row", curated(), ids=lambda row: row.id)
def test_a_wrong_snippet_is_found_and_its_right_one_is_not(row: CuratedDeprecation) -> None:
    versions = {row.distribution: row.since}
    code = "removed-api" if row.removed else "deprecated-api"
    found = find_deprecated({"a.py": row.wrong}, row.framework, importable=ALL, versions=versions)
    assert (code, row.fix) in [(item.code, item.fix) for item in found]
    assert find_deprecated({"a.py": row.right}, row.framework, importable=ALL, versions=versions) == []
