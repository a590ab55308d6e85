"""A real open-source model server, transformers' own, with a model of random weights: noise over the real protocol."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command import gradproof
from pydantic import BaseModel
from real_model_server import RealServer, real_model_server

from assistant import Assistant
from assistant.errors import ModelUnavailable, Stopped
from assistant.model.client import Model
from assistant.model.schema import Budget, Endpoint, Message, Meter

QUESTION = "classify scikit-learn's digits with a small CNN in PyTorch, no TensorBoard"
HELLO = [Message(role="system", content="You write Python."), Message(role="user", content="Hello")]
BOUND_S = 60.0
"""Longest that one question may take: noise must not keep anybody waiting."""

Open = Callable[..., Assistant]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with real_model_server(tmp_path_factory.mktemp("model")) as started:
        yield started


@pytest.fixture(scope="module")
def model(server: RealServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    endpoint = Endpoint(model=server.model, base_url=server.url, timeout_s=BOUND_S)
    with Model(endpoint, home=tmp_path_factory.mktemp("home")) as opened:
        yield opened


def test_the_probe_finds_what_it_can_and_cannot_do(model: Model) -> None:
    abilities = model.abilities
    assert abilities.streaming
    assert abilities.usage
    assert abilities.system_role
    assert abilities.structured == "none", "it takes a response_format, and noise does not follow it"
    assert not abilities.context_known


def test_a_reply_streams_and_is_counted(model: Model) -> None:
    pieces: list[str] = []
    meter = Meter(Budget())
    reply = model.reply(HELLO, meter=meter, max_tokens=64, on_text=pieces.append)
    assert reply.text.strip() == "".join(pieces).strip()
    assert len(pieces) > 1
    assert not meter.usage.estimated
    assert 0 < meter.usage.output_tokens <= 64 * meter.usage.calls
    assert reply.ended in ("complete", "length")


def test_a_reply_with_a_schema_is_noise_like_any_other(model: Model) -> None:
    class Colour(BaseModel):
        name: str

    assert model.reply(HELLO, meter=Meter(Budget()), max_tokens=32, schema=Colour).text


def test_a_stopped_reply_leaves_the_server_free_for_the_next(model: Model) -> None:
    cancel = threading.Event()
    started = time.monotonic()
    with pytest.raises(Stopped):
        model.reply(HELLO, meter=Meter(Budget()), max_tokens=4096, on_text=lambda _: cancel.set(), cancel=cancel)
    assert time.monotonic() - started < 5
    assert model.reply(HELLO, meter=Meter(Budget()), max_tokens=16).text


def test_a_model_that_it_does_not_have_is_one_sentence(server: RealServer, tmp_path: Path) -> None:
    endpoint = Endpoint(model="llama-of-someone-else", base_url=server.url)
    with Model(endpoint, home=tmp_path) as other, pytest.raises(ModelUnavailable, match=server.url) as caught:
        other.reply(HELLO, meter=Meter(Budget()))
    assert "llama-of-someone-else" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_draft_of_noise_is_never_verified(open_with: Open, server: RealServer) -> None:
    started = time.monotonic()
    try:
        answer = open_with(server).ask(QUESTION, thread_id="t", drafter="llm", attempts=2, retrieval=False)
    except ModelUnavailable as error:
        assert "usable file" in str(error)
    else:
        assert answer.outcome == "not_verified"
    assert time.monotonic() - started < BOUND_S


@pytest.mark.slow
def test_where_the_choice_is_left_open_the_embedded_drafter_stands_in_for_noise(
    open_with: Open, server: RealServer
) -> None:
    answer = open_with(server).ask(QUESTION, thread_id="t", drafter="auto", attempts=1)
    assert (answer.outcome, answer.drafter) == ("verified", "embedded")
    assert answer.model is not None
    assert answer.usage.calls > 0
    assert any("embedded drafter" in remark for remark in answer.remarks)


@pytest.mark.slow
def test_the_command_ends_with_a_sentence(server: RealServer, own_environment: Path) -> None:
    settings = {"OPENAI_BASE_URL": server.url, "GRADPROOF_MODEL": server.model}
    words = ["ask", QUESTION, "--drafter", "llm", "--attempts", "2"]
    done = gradproof(*words, GRADPROOF_HOME=str(own_environment), **settings)
    assert done.returncode in (1, 3), done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert (
        "Not verified" in done.stdout if done.returncode == 1 else done.stderr.splitlines()[-1].startswith("gradproof")
    )
