"""The catalogue of faults, the rules that name them, and the examples that teach them, held against each other."""

import ast
import re
from pathlib import Path

import pytest
from benchmarks.fault_table import Measured, page

from assistant.drafters.llm.checks import FAULTS
from assistant.lint import find_errors
from assistant.report.linted import with_lint
from sandbox.faults.catalogue import faults
from sandbox.faults.examples import FOLDER, FRAMEWORKS, example, examples, lines
from sandbox.faults.shown import shown
from sandbox.schema import Limits
from sandbox.silence import silence
from sandbox.verify import verify

ROOT = Path(__file__).parent.parent
RULES = [
    *(ROOT / "sandbox/findings").rglob("*.py"),
    ROOT / "sandbox/silence.py",
    ROOT / "assistant/report/linted.py",
]
EXAMPLES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.py"))


def constants():
    """Every string that the rules hold."""
    nodes = [node for path in RULES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def made():
    """What the rules hand to `make` as the id of a finding, where it is written out."""
    for path in RULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "make" and node.args:
                values = [one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)]
                yield from (
                    one for one in values if isinstance(one, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", one)
                )


def test_every_finding_that_a_rule_makes_is_in_the_catalogue():
    found = set(made())
    assert len(found) > 20
    assert found - set(faults()) == set()


def test_every_fault_of_the_catalogue_is_made_by_a_rule():
    assert set(faults()) - constants() == set()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_a_model_is_told_beforehand_is_in_the_catalogue_of_its_framework(framework):
    told = {id for ids in FAULTS[framework].values() for id in ids}
    assert told <= {id for id, fault in faults().items() if framework in fault.frameworks}
    assert len("; ".join(FAULTS[framework])) < 1500  # it is part of every prompt


def test_every_fault_has_an_example_or_says_why_it_has_none():
    without = {id for id, fault in faults().items() if not examples(id) and not fault.unexampled}
    assert without == set()


def test_every_example_is_of_a_fault_that_can_be_found_in_its_framework():
    for name in EXAMPLES:
        framework, file = name.split("/")
        fault = faults()[file.removesuffix(".py").replace("_", "-")]
        assert framework in fault.frameworks, name


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_versions_of_an_example_are_short_and_differ(name):
    text = (FOLDER / name).read_text(encoding="utf-8")
    wrong, right = example(text, "wrong"), example(text, "right")
    assert wrong != right
    assert "WRONG" not in wrong + right and "RIGHT" not in wrong + right
    assert 8 <= len(right.splitlines()) <= 48
    compile(right, name, "exec")
    assert all(len(line.text) <= 120 for line in lines(text))


def test_no_right_version_has_an_error_that_lint_can_see():
    files = {name: example((FOLDER / name).read_text(encoding="utf-8"), "right") for name in EXAMPLES}
    assert find_errors(files) == []


def test_a_mark_is_a_mark_at_the_end_of_a_line_only():
    text = 'a = "# WRONG"\nb = 1  # WRONG\nb = 2  # RIGHT\n# RIGHT or wrong\n'
    assert example(text, "wrong") == 'a = "# WRONG"\nb = 1\n# RIGHT or wrong\n'
    assert example(text, "right") == 'a = "# WRONG"\nb = 2\n# RIGHT or wrong\n'


def look(text, framework, sandbox):
    files = {"train.py": text}
    limits = Limits(wall_s=90, memory_mb=2048)
    report = verify(files, framework=framework, sandbox=sandbox, limits=limits, tests=False)
    return silence(with_lint(report, files), files)


@pytest.mark.parametrize("name", EXAMPLES)
def test_how_each_example_is_reported_is_recorded_without_folders_of_one_machine(name):
    framework, file = name.split("/")
    told = shown(file.removesuffix(".py").replace("_", "-"), framework)
    assert told and "site-packages" not in told


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_wrong_version_is_found_out_and_the_right_one_is_not(name, sandbox):
    framework, file = name.split("/")
    id = file.removesuffix(".py").replace("_", "-")
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = next((one for one in look(example(text, "wrong"), framework, sandbox).findings if one.id == id), None)
    assert found is not None
    told = shown(id, framework)
    where = f"line {found.line}, {found.severity}:" if found.line else f"{found.severity}:"
    assert told is None or told.startswith(where)
    right = look(example(text, "right"), framework, sandbox)
    assert [one for one in right.findings if one.severity != "info" or one.id == id] == []
    assert right.status == "passed"


def test_both_frameworks_have_examples():
    assert {name.split("/")[0] for name in EXAMPLES} == set(FRAMEWORKS)


def test_the_table_counts_what_was_found_and_what_was_named():
    measured = [
        Measured("C1", "pytorch", "missing-zero-grad", found=True, named=True),
        Measured("C1", "pytorch", "missing-zero-grad-of-two", found=True, named=False),
        Measured("C1", "pytorch", "zero-grad-once", found=False, named=False),
        Measured("Z9", "tensorflow", "odd-thing", found=False, named=False),
    ]
    rows = [line for line in page(measured).splitlines() if line.startswith("|")]
    assert "| `missing-zero-grad` | 2/3 (1) | – |" in next(row for row in rows if row.startswith("| C1 |"))
    assert "| Z9 | Odd thing | – | – | 0/1 (0) |" in rows
    assert all(f"`{id}`" in "".join(rows) for id in faults())
    assert [row.split("|")[1].strip() for row in rows[2:6]] == sorted(
        [row.split("|")[1].strip() for row in rows[2:6]], key=lambda number: (number[0], int(number[1:]))
    )


def test_the_written_table_names_every_fault():
    path = ROOT / "sandbox/faults/README.md"
    if not path.is_file():
        pytest.skip("the table has not been measured yet: python tests/benchmarks/faults.py --table")
    assert [id for id in faults() if f"`{id}`" not in path.read_text(encoding="utf-8")] == []
