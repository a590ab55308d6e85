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


CLOSURE = """
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 8)
y = x.sum(1, keepdim=True)
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.{optimizer}(model{held}.parameters(), lr=0.05)


def closure():
    {zero}
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    return loss


for _ in range(12):
    optimizer.step(closure)
model.zero_grad()
"""


@pytest.mark.parametrize("optimizer", ["LBFGS", "Adam"])
@pytest.mark.parametrize(
    ("held", "zero", "ids"),
    [
        ("", "optimizer.zero_grad()", []),
        ("", "pass", ["missing-zero-grad"]),
        ("[2]", "model.zero_grad()", ["parameters-not-optimized"]),
    ],
)
def test_what_is_done_in_a_closure_is_seen(optimizer, held, zero, ids, sandbox):
    text = CLOSURE.format(optimizer=optimizer, held=held, zero=zero)
    report = verify({"train.py": text}, framework="pytorch", sandbox=sandbox, tests=False, repeat=False)
    assert [one.id for one in report.findings if one.severity != "info"] == ids
    assert next(one.status for one in report.checks if one.id == "backward-pass") == "passed"
