"""Counts which faults of the corpus are found, and what is found in correct programs.

python tests/benchmarks/faults.py                      both frameworks, tuned on and held out apart
python tests/benchmarks/faults.py --only A,C1 --show   what is found in some of the variants
python tests/benchmarks/faults.py --correct            correct programs alone
python tests/benchmarks/faults.py --json
python tests/benchmarks/faults.py --table                writes sandbox/faults/README.md as well
"""

import argparse
import json
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus import Program, Variant, correct, suspicious, variants
from fault_table import Measured, page

from sandbox.base import Sandbox
from sandbox.faults.catalogue import FOLDER
from sandbox.open import open_sandbox
from sandbox.report import Finding
from sandbox.schema import Limits
from sandbox.verify import verify


class Outcome(BaseModel):
    """What was found in one program."""

    program: Program | Variant
    status: str
    findings: list[Finding]
    failed: list[str]
    """Checks that failed."""
    seconds: float

    @property
    def loud(self) -> list[Finding]:
        return [one for one in self.findings if one.severity != "info"]

    @property
    def named(self) -> bool:
        wanted = {self.program.number, *self.program.also}
        return any(one.catalogue in wanted for one in self.findings)


def main() -> None:
    options = _options()
    programs = _chosen(options)
    with open_sandbox() as sandbox, ThreadPoolExecutor(options.jobs) as pool:
        looked = pool.map(lambda one: _look(one, sandbox), programs)
        outcomes = list(tqdm(looked, total=len(programs), file=sys.stderr, disable=None))
    if options.show:
        _show(outcomes)
    if options.table:
        (FOLDER / "README.md").write_text(page(_measured(outcomes)), encoding="utf-8")
    print(json.dumps(summary(outcomes), indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--framework", choices=["pytorch", "tensorflow"])
    parser.add_argument("--only", help="catalogue entries, letters, or parts of names, with commas between them")
    parser.add_argument("--part", choices=["tuned", "held-out", "all"], default="all")
    parser.add_argument("--correct", action="store_true", help="correct and suspicious programs alone")
    parser.add_argument("--show", action="store_true", help="one line for each finding")
    parser.add_argument("--json", action="store_true", help="no progress")
    parser.add_argument("--table", action="store_true", help="write the table of what is found; takes all variants")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if options.table and (options.framework or options.only or options.correct or options.part != "all"):
        parser.error("--table counts all variants; leave out what chooses some of them")
    return options


def _chosen(options: argparse.Namespace) -> list[Program]:
    right = [*correct(), *suspicious()] if not options.only else []
    faulty = [] if options.correct else [one for one in variants() if _is_wanted(one, options)]
    return [one for one in [*right, *faulty] if options.framework in (None, one.framework)]


def _is_wanted(one: Variant, options: argparse.Namespace) -> bool:
    part = options.part == "all" or (options.part == "held-out") == one.held_out
    only = options.only.split(",") if options.only else [""]
    named = any(word == one.number or (word.isalpha() and word.isupper() and word == one.number[0]) for word in only)
    return part and (named or any(word.islower() and word in one.name for word in only) or only == [""])


def _look(program: Program, sandbox: Sandbox) -> Outcome:
    report = verify(
        {"train.py": program.text}, framework=program.framework, sandbox=sandbox, limits=Limits(wall_s=90), tests=False
    )
    return Outcome(
        program=program,
        status=report.status,
        findings=report.findings,
        failed=[one.id for one in report.checks if one.status == "failed"],
        seconds=report.wall_s,
    )


def _measured(outcomes: Iterable[Outcome]) -> list[Measured]:
    return [
        Measured(
            number=one.program.number,
            framework=one.program.framework,
            fault=one.program.name.split("/")[-1],
            found=bool(one.loud),
            named=one.named,
        )
        for one in outcomes
        if isinstance(one.program, Variant)
    ]


def _show(outcomes: Iterable[Outcome]) -> None:
    for one in outcomes:
        number = f" [{one.program.number}]" if isinstance(one.program, Variant) else ""
        print(f"{one.program.name}{number}: {one.status} {' '.join(one.failed)} {one.seconds:.1f} s")
        for finding in one.findings:
            where = f"line {finding.line}" if finding.line else "no line"
            print(f"    {finding.severity} {finding.id} [{finding.catalogue}] {where}: {finding.message}")


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Shares by framework and part of the corpus, and what was not found."""
    faulty = [one for one in outcomes if isinstance(one.program, Variant)]
    right = [one for one in outcomes if not isinstance(one.program, Variant)]
    frameworks = sorted({one.program.framework for one in outcomes})
    return {
        "faults": {
            framework: {
                part: _recall(
                    [one for one in faulty if one.program.framework == framework and one.program.held_out in held]
                )
                for part, held in (("all", (True, False)), ("tuned on", (False,)), ("held out", (True,)))
            }
            for framework in frameworks
        },
        "correct": {
            framework: _alarms([one for one in right if one.program.framework == framework]) for framework in frameworks
        },
    }


def _recall(outcomes: list[Outcome]) -> dict[str, Any]:
    silent = [one for one in outcomes if one.program.silent]
    return {
        "variants": len(outcomes),
        "found": _share(outcomes, [one for one in outcomes if one.loud]),
        "silent": _share(silent, [one for one in silent if one.loud]),
        "named": _share(outcomes, [one for one in outcomes if one.named]),
        "not found": [f"{one.program.name} [{one.program.number}]" for one in outcomes if not one.loud],
        "not named": [f"{one.program.name} [{one.program.number}]" for one in outcomes if one.loud and not one.named],
    }


def _alarms(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "programs": len(outcomes),
        "failed": [one.program.name for one in outcomes if one.status != "passed"],
        "critical": _named(outcomes, "critical"),
        "warnings": _named(outcomes, "warning"),
    }


def _named(outcomes: list[Outcome], severity: str) -> list[str]:
    return [
        f"{one.program.name}: {found.id}" for one in outcomes for found in one.findings if found.severity == severity
    ]


def _share(all_of: list[Outcome], some: list[Outcome]) -> float | None:
    return round(len(some) / len(all_of), 3) if all_of else None


if __name__ == "__main__":
    main()
