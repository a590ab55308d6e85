"""Faults of PyTorch training in real runs: programs that differ in one fault alone, in the real sandbox."""

import pytest

from sandbox.faults.examples import example, examples
from sandbox.schema import Limits
from sandbox.verify import verify


def loud(id, version, sandbox):
    text = example(examples(id)["pytorch"], version)
    report = verify({"train.py": text}, framework="pytorch", sandbox=sandbox, limits=Limits(wall_s=90), tests=False)
    return [one.id for one in report.findings if one.severity != "info"]


@pytest.mark.parametrize("id", ["clipping-without-effect", "kept-weights-not-copied", "never-unfrozen"])
def test_a_fault_of_training_is_found_in_the_program_that_has_it(id, sandbox):
    assert loud(id, "wrong", sandbox) == [id]


def test_weights_that_were_copied_before_they_were_put_back_are_no_fault(sandbox):
    assert loud("kept-weights-not-copied", "right", sandbox) == []
