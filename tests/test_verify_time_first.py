"""Programs that keep time before the batch: their first axis holds no samples."""

import pytest

from sandbox.evidence import Evidence, Facts
from sandbox.probed import batch_independence


@pytest.mark.parametrize(("axis", "status"), [(1, "failed"), (0, "skipped")])
def test_rows_that_depend_on_each_other_fail_unless_they_are_moments_of_one_sequence(axis, status):
    relations = [{"input": 0, "axis": axis, "kind": "next", "batches": 3}]
    call = {"function": "cross_entropy", "calls": 3, "sampled": [{"input_shape": [20, 5]}]}
    sections = {"task": {"looked": 3, "relations": relations}}
    facts = Facts.model_validate({"steps": 3, "backwards": 3, "loss_calls": [call], "sections": sections})
    probes = {"independence": {"difference": 0.4, "single_input": True}, "forward": {"output_shape": [20, 5]}}
    assert batch_independence(Evidence(facts=facts, probes=probes), facts).status == status
