"""Whether a program trains in the same way twice, seen by running its first steps again."""

from pathlib import Path

import pytest

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.repeat import chance
from sandbox.repeat import LONGEST_S, repeats, run_again
from sandbox.seen import Choices
from sandbox.verify import verify

SCRIPTS = Path(__file__).parent / "data" / "scripts"
FIRST = [(0, 2.0, 0), (1, 1.5, 0), (2, 1.2, 0), (3, 1.0, 0)]


def ran(losses=FIRST, **facts):
    return Evidence(started=True, ended=True, losses=losses, facts=Facts(steps=4, backwards=4, **facts))


@pytest.mark.parametrize(
    ("again", "status", "severities"),
    [
        (FIRST[:3], "passed", []),
        ([(0, 2.0000001, 0), (1, 1.5, 0), (2, 1.2, 0)], "passed", []),
        ([(0, 2.0, 0), (1, 1.61, 0), (2, 1.2, 0)], "skipped", ["info", "warning"]),
        (FIRST[:2], "skipped", []),
        (None, "skipped", []),
    ],
    ids=["equal", "rounded otherwise", "other", "shorter", "none"],
)
def test_other_losses_are_told_and_louder_where_something_was_seeded(again, status, severities):
    evidence = ran()
    result = repeats(evidence, again)
    assert result.status == status
    seeded = ran(choices=Choices(seeds=[0]))
    found = [one for facts in (evidence, seeded) for one in chance([], result, facts.counted, Maker("a.py"))]
    assert [one.severity for one in found] == severities


def test_a_second_run_clears_a_seed_that_was_thought_to_be_missing():
    make, evidence = Maker("a.py"), ran()
    thought = make("seed-missing", "warning", "numpy was not seeded.", "Seed it.")
    assert chance([thought], repeats(evidence, FIRST[:3]), evidence.counted, make) == []
    other = [(0, 9.0, 0), (1, 1.5, 0), (2, 1.2, 0)]
    assert chance([thought], repeats(evidence, other), evidence.counted, make) == [thought]


def test_a_program_that_starts_slowly_is_not_run_again():
    slow = ran(starting_s=LONGEST_S + 1)
    assert run_again(job=None, evidence=slow, sandbox=None) is None
    assert "too long" in repeats(slow, None).message


@pytest.mark.parametrize("name", ["torch_functions", "keras_fit"])
def test_a_seeded_program_repeats_and_one_seed_less_does_not(name, sandbox):
    code = (SCRIPTS / f"{name}.py").read_text()
    framework = "pytorch" if name.startswith("torch") else "tensorflow"
    good = verify({"train.py": code}, framework=framework, sandbox=sandbox)
    assert next(one for one in good.checks if one.id == "repeats").status == "passed"
    seed = next(line for line in code.splitlines() if "manual_seed(" in line or "set_random_seed(" in line)
    bad = verify({"train.py": code.replace(seed, "")}, framework=framework, sandbox=sandbox)
    assert {"not-repeatable", "seed-missing"} & {one.id for one in bad.findings}
