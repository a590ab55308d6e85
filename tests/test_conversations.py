"""Realistic mistakes in drafts: each is found and named by the gate, and the mended draft is verified."""

from dataclasses import dataclass
from functools import cache

import pytest
from conversations import Conversation, all_names

from assistant.lint import lint
from assistant.repair import verified
from assistant.schema import LintReport
from sandbox.report import RunReport
from sandbox.schema import Limits
from sandbox.verify import verify

QUICK = {
    "keras_one_hot_with_sparse_loss",
    "torch_batch_first_forgotten",
    "torch_optimizer_of_another_model",
    "torch_padding_mask_inverted",
    "torch_scheduler_runs_out",
    "torch_zero_grad_before_step",
}
"""Others than those that are quick through the front door, in test_conversations_asked.py."""
NAMES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in all_names()]
SHOWN = [one for one in NAMES if Conversation(one.values[0]).expected.line]
"""Those whose line can be known."""


@dataclass
class Judged:
    files: dict[str, str]
    lint: LintReport
    report: RunReport


@pytest.fixture(scope="module")
def judge(sandbox):
    """Lint and run the broken or the fixed files of a conversation, once."""

    @cache
    def judged(name, kind):
        conversation = Conversation(name)
        framework, limits = conversation.framework, Limits(wall_s=conversation.expected.time_limit)
        files, linted = lint(getattr(conversation, kind), framework=framework)
        return Judged(files, linted, verify(files, framework=framework, sandbox=sandbox, limits=limits))

    return judged


def faults(report):
    critical = {one.id for one in report.findings if one.severity == "critical"}
    return critical | {one.id for one in report.checks if one.status == "failed"}


def told(report):
    """All that the report says of what is wrong."""
    wrong = [f"{one.id} {one.message} {one.fix}" for one in report.findings]
    return "\n".join(wrong + [f"{one.id} {one.message}" for one in report.checks if one.status == "failed"])


@pytest.mark.parametrize("name", NAMES)
def test_a_realistic_mistake_is_named_and_nothing_that_does_not_follow_from_it(name, judge):
    expected, judged = Conversation(name).expected, judge(name, "broken")
    assert judged.report.status == "failed"
    assert expected.fault in faults(judged.report)
    assert faults(judged.report) <= {expected.fault, *expected.follows}
    assert [words for words in expected.says if words not in told(judged.report)] == []


@pytest.mark.parametrize("name", NAMES)
def test_lint_complains_of_nothing_but_the_mistake(name, judge):
    expected = Conversation(name).expected
    complaints = {one.code for one in judge(name, "broken").lint.diagnostics}
    assert complaints == ({expected.lint} if expected.lint else set())
    assert judge(name, "fixed").lint.diagnostics == []


@pytest.mark.parametrize("name", SHOWN)
def test_a_mistake_is_shown_on_its_line(name, judge):
    expected, judged = Conversation(name).expected, judge(name, "broken")
    finding = next(one for one in judged.report.findings if one.id == expected.fault)
    assert finding.file == expected.file
    assert judged.files[finding.file].splitlines()[finding.line - 1].strip() == expected.line


@pytest.mark.parametrize("name", NAMES)
def test_the_mended_draft_is_verified_without_a_complaint(name, judge):
    report = judge(name, "fixed").report
    assert verified(report)
    assert report.findings == []


def test_there_are_enough_mistakes_in_both_frameworks():
    frameworks = [Conversation(name).framework for name in all_names()]
    assert frameworks.count("pytorch") >= 14
    assert frameworks.count("tensorflow") >= 10
