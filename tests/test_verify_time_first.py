"""Programs that keep time before the batch: their first axis holds no samples."""

import pytest

from sandbox.contract import Contract
from sandbox.evidence import Evidence, Facts
from sandbox.probed import batch_independence

BATCH_FIRST = Contract(input_axes=("batch", "time"))


@pytest.mark.parametrize(
    ("axis", "contract", "status"), [(1, None, "failed"), (0, None, "skipped"), (0, BATCH_FIRST, "failed")]
)
def test_rows_that_depend_on_each_other_fail_unless_they_are_moments_of_one_sequence(axis, contract, status):
    relations = [{"input": 0, "axis": axis, "kind": "next", "batches": 3}]
    call = {"function": "cross_entropy", "calls": 3, "sampled": [{"input_shape": [20, 5]}]}
    sections = {"task": {"looked": 3, "relations": relations}}
    facts = Facts.model_validate({"steps": 3, "backwards": 3, "loss_calls": [call], "sections": sections})
    probes = {"independence": {"difference": 0.4, "single_input": True}, "forward": {"output_shape": [20, 5]}}
    assert batch_independence(Evidence(facts=facts, probes=probes, contract=contract), facts).status == status


@pytest.mark.parametrize(("axes", "status"), [(("batch", "class"), "failed"), (("time", "class"), "skipped")])
def test_a_declared_answer_for_each_sample_makes_mixing_certain(axes, status):
    facts = Facts.model_validate({"steps": 3, "backwards": 3})
    probes = {"independence": {"difference": 0.4, "single_input": True}, "forward": {"output_shape": [20, 5]}}
    evidence = Evidence(facts=facts, probes=probes, contract=Contract(output_axes=axes))
    assert batch_independence(evidence, facts).status == status
