"""A report as SARIF 2.1.0 (OASIS standard, 2020), which code hosts and editors read."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from assistant.report.figures import excerpt, place
from sandbox.faults.catalogue import Fault, faults
from sandbox.report import Finding, RunReport, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: dict[Severity, Literal["error", "warning", "note"]] = {
    "critical": "error",
    "warning": "warning",
    "info": "note",
}


def render_sarif(report: RunReport, files: Mapping[str, str | bytes]) -> str:
    """One run: its rules are the faults of the catalogue that were found, its results the findings."""
    found = [*report.findings, *report.silenced]
    rules = list(dict.fromkeys(one.id for one in found))
    results = [_result(report, one, rules.index(one.id), files) for one in found]
    driver = {
        "name": "gradproof",
        "semanticVersion": version("gradproof"),
        "rules": [_rule(faults()[id]) for id in rules],
    }
    run = {
        "tool": {"driver": driver},
        "results": results,
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": report.status != "error"}],
        "properties": {"status": report.status, "framework": report.framework},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "name": fault.id.title().replace("-", ""),
        "shortDescription": {"text": f"{fault.title}."},
        "fullDescription": {"text": fault.why},
        "help": {"text": f"gradproof verify --explain {fault.id}"},
        "properties": {"catalogue": fault.number, "tags": list(fault.frameworks)},
    }


def _result(report: RunReport, finding: Finding, index: int, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    told = f"{finding.message} {finding.fix}" if finding.fix else finding.message
    result = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": told},
        "locations": [{"physicalLocation": _location(report, finding, files)}],
        "properties": {"observed": finding.message, "fix": finding.fix},
    }
    if finding in report.silenced:
        result["suppressions"] = [{"kind": "inSource"}]
    return result


def _location(report: RunReport, finding: Finding, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(place(report, finding))}}
    for line in excerpt(files, finding):
        start = len(line.text) - len(line.text.lstrip()) + 1
        location["region"] = {
            "startLine": line.number,
            "startColumn": start,
            "endColumn": len(line.text) + 1,
            "snippet": {"text": line.text},
        }
    return location


def _uri(path: str) -> str:
    """Relative to where the command was given, as code hosts want it, or absolute."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path)
