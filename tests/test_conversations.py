"""Realistic mistakes through the front door: a model drafts one, the gate names it, and the model mends it."""

import re
from functools import cache
from typing import NamedTuple

import pytest
from conversations import Conversation, all_names, read_conversation
from model_server import ModelServer, Script
from scripted_replies import STYLES, edits

from assistant.lint import lint
from assistant.schema import Attempt, PythonMLDLResponse
from sandbox.report import RunReport
from sandbox.schema import Limits
from sandbox.verify import verify

QUICK = {
    "keras_one_hot_with_sparse_loss",
    "torch_causal_mask_inverted",
    "torch_flatten_size",
    "torch_missing_zero_grad",
    "torch_nan_from_normalisation",
}
NAMES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in all_names()]
SHOWN = [one for one in NAMES if read_conversation(one.values[0]).line]
"""Those whose line can be known."""


class Asked(NamedTuple):
    conversation: Conversation
    answer: PythonMLDLResponse
    prompts: list[str]
    """What the model was asked for: the draft, then to mend it."""
    report: RunReport
    """What was seen of the first draft."""
    shown: dict[str, str]
    """The first draft as ruff left it."""

    @property
    def attempts(self) -> list[Attempt]:
        return self.answer.attempts


@pytest.fixture(scope="module")
def converse(make_assistant, sandbox, tmp_path_factory):
    """Ask the question of a conversation, once."""

    @cache
    def ask(name):
        conversation = read_conversation(name)
        limit = conversation.time_limit
        shown, _ = lint(conversation.broken, framework=conversation.framework)
        script = Script(*replies(conversation, shown))
        with ModelServer(script) as server, make_assistant(tmp_path_factory.mktemp("home"), server) as opened:
            answer = opened.ask(conversation.question, thread_id="t", drafter="llm", time_limit_s=limit)
        report = answer.attempts[0].verify or verify(
            shown, framework=conversation.framework, sandbox=sandbox, limits=Limits(wall_s=limit)
        )
        return Asked(conversation, answer, [request.text for request in script.asked], report, shown)

    return ask


def replies(conversation, shown):
    """The broken files, then what mends them, each time in another style."""
    number = all_names().index(conversation.name)
    first, second = STYLES[number % len(STYLES)], STYLES[(number + 1) % len(STYLES)]
    if number % 2:
        mended, _ = lint(conversation.fixed, framework=conversation.framework)
        return first(conversation.broken), edits(shown, mended)
    return first(conversation.broken), second(conversation.fixed)


def faults(report):
    critical = {one.id for one in report.findings if one.severity == "critical"}
    return critical | {one.id for one in report.checks if one.status == "failed"}


def told(report):
    """All that the report says of what is wrong."""
    wrong = [f"{one.id} {one.message} {one.fix}" for one in report.findings]
    return "\n".join(wrong + [f"{one.id} {one.message}" for one in report.checks if one.status == "failed"])


@pytest.mark.parametrize("name", NAMES)
def test_a_realistic_mistake_is_named_and_nothing_that_does_not_follow_from_it(name, converse):
    conversation, report = converse(name).conversation, converse(name).report
    assert report.status == "failed"
    assert conversation.fault in faults(report)
    assert faults(report) <= {conversation.fault, *conversation.follows}
    assert [words for words in conversation.says if words not in told(report)] == []


@pytest.mark.parametrize("name", NAMES)
def test_lint_complains_of_nothing_but_the_mistake(name, converse):
    first, second = (attempt.lint.diagnostics for attempt in converse(name).attempts)
    expected = converse(name).conversation.lint
    assert {one.code for one in first} == ({expected} if expected else set())
    assert second == []


@pytest.mark.parametrize("name", SHOWN)
def test_a_mistake_is_shown_on_its_line(name, converse):
    conversation, asked = converse(name).conversation, converse(name)
    finding = next(one for one in asked.report.findings if one.id == conversation.fault)
    assert finding.file == conversation.file
    assert asked.shown[finding.file].splitlines()[finding.line - 1].strip() == conversation.line


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_sent_back_by_its_name_and_never_as_a_raw_log(name, converse):
    conversation, asked = converse(name).conversation, converse(name)
    first, sent_back = asked.attempts[0], asked.prompts[1]
    assert (conversation.lint if first.verify is None else conversation.fault) in sent_back
    assert [words for words in conversation.says if words not in sent_back] == []
    if conversation.line:
        assert re.search(rf"^> +\d+ \| +{re.escape(conversation.line)}", sent_back, re.MULTILINE)
    assert "Traceback (most recent call last)" not in sent_back
    assert printed_by(first) & set(sent_back.splitlines()) == set()


def printed_by(attempt):
    printed = attempt.verify.stdout.splitlines() if attempt.verify else []
    return {line for line in printed if line.strip()}


@pytest.mark.parametrize("name", NAMES)
def test_the_mended_draft_is_verified_without_a_complaint(name, converse):
    answer, prompts = converse(name).answer, converse(name).prompts
    assert (answer.outcome, answer.drafter, len(answer.attempts), len(prompts)) == ("verified", "llm", 2, 2)
    assert answer.attempts[1].verify.findings == []


def test_there_are_enough_mistakes_in_both_frameworks():
    frameworks = [read_conversation(name).framework for name in all_names()]
    assert frameworks.count("pytorch") >= 14
    assert frameworks.count("tensorflow") >= 10
