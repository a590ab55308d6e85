"""Realistic mistakes through the front door: a model drafts one, is told what was found, and mends it."""

import json
import re

import pytest
from conversations import Conversation, all_names
from model_server import ModelServer
from pydantic import SecretStr
from scripted_replies import STYLES, edits

from assistant import Assistant, Settings
from assistant.lint import lint

QUICK = {
    "keras_removed_learning_rate_argument",
    "torch_causal_mask_inverted",
    "torch_flatten_size",
    "torch_layers_in_a_list",
    "torch_missing_zero_grad",
    "torch_nan_from_normalisation",
    "torch_softmax_before_cross_entropy",
    "torch_target_broadcast",
}
NAMES = all_names()
CASES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in NAMES]
READING = json.dumps({"kind": "build", "fields": [], "unplanned": [], "question_back": None})


class Script:
    """Reads the question, drafts the broken files, then sends the mended ones, each time in another style."""

    def __init__(self, conversation):
        number = NAMES.index(conversation.name)
        shown, _ = lint(conversation.broken, framework=conversation.framework)
        mended, _ = lint(conversation.fixed, framework=conversation.framework)
        first = STYLES[number % len(STYLES)](conversation.broken)
        second = edits(shown, mended) if number % 2 else STYLES[(number + 1) % len(STYLES)](conversation.fixed)
        self.replies = [first, second]
        self.asked = []

    def __call__(self, request):
        if "response_format" in request.body:
            return READING
        self.asked.append(request.text)
        return self.replies[min(len(self.asked), len(self.replies)) - 1]


@pytest.fixture(scope="module")
def converse(assistant, tmp_path_factory):
    """Ask the question of a conversation; the answer, and what the model was asked for, in order."""

    def ask(conversation):
        script = Script(conversation)
        with ModelServer(script) as server:
            settings = Settings(
                home=tmp_path_factory.mktemp("home"),
                _env_file=None,
                model=server.model,
                openai_base_url=server.url,
                openai_api_key=SecretStr("sk-loopback"),
            )
            opened = Assistant(settings)
            opened.open_index, opened.open_sandbox = assistant.open_index, assistant.open_sandbox
            try:
                limit = conversation.expected.time_limit
                answer = opened.ask(conversation.question, thread_id="t", drafter="llm", time_limit_s=limit)
            finally:
                opened.close()
        return answer, script.asked

    return ask


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_sent_back_by_its_name_and_the_mended_draft_is_verified(name, converse):
    conversation = Conversation(name)
    expected = conversation.expected
    answer, asked = converse(conversation)
    assert (answer.outcome, len(answer.attempts), len(asked)) == ("verified", 2, 2)
    assert answer.drafter == "llm"

    first, sent_back = answer.attempts[0], asked[1]
    assert first.verify is None or first.verify.status == "failed"
    assert (expected.lint if first.verify is None else expected.fault) in sent_back
    assert [words for words in expected.says if words not in sent_back] == []
    if expected.line:
        assert re.search(rf"^> +\d+ \| +{re.escape(expected.line)}", sent_back, re.MULTILINE)
    assert "Traceback (most recent call last)" not in sent_back
    assert printed_by(first) & set(sent_back.splitlines()) == set()


def printed_by(attempt):
    printed = attempt.verify.stdout.splitlines() if attempt.verify else []
    return {line for line in printed if line.strip()}
