"""A key is in the request and nowhere else, and a prompt goes to the endpoint and nowhere else."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from model_server import ABLE, HI, ModelServer, Says, Silent, Status, asking

from assistant import Settings, doctor
from assistant.bench.run import Plan, run_bench
from assistant.bench.schema import Question
from assistant.doctor import diagnose_all
from assistant.errors import ModelUnavailable
from assistant.model.client import Model
from assistant.model.schema import Budget, Meter

KEY = "sk-very-secret-0123456789"
QUERY = f"?api_key={KEY}"


@pytest.mark.parametrize("status", [400, 401, 500])
def test_the_key_is_nowhere_but_in_the_request(
    tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "langchain_openai", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with asking(tmp_path, [Status(status, echo_key=True)] * 4, key=KEY) as (server, model, ask):
        with pytest.raises(ModelUnavailable) as raised:
            ask()
        assert server.conversation[0].headers["authorization"] == f"Bearer {KEY}"
        shown = [repr(model), repr(model.endpoint), *(repr(link) + str(link) for link in chain(raised.value))]
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert caplog.text
    assert kept
    assert KEY not in "".join([*shown, *kept, caplog.text, *capsys.readouterr()])


@pytest.mark.parametrize("chunk", [1, 5, 500])
@pytest.mark.parametrize("streaming", [True, False])
def test_a_reply_that_reflects_the_key_is_shown_without_it(tmp_path: Path, chunk: int, streaming: bool) -> None:
    told: list[str] = []
    says = Says(f"sent with {KEY}, sk-very", reasoning=f"it is {KEY}", chunk=chunk)
    able = ABLE.model_copy(update={"streaming": streaming})
    with asking(tmp_path, [says], key=KEY, abilities=able) as (_, _, ask):
        reply = ask(on_text=told.append)
    assert reply.text == "".join(told) == "sent with …, sk-very"
    assert reply.reasoning == "it is …"


def test_a_word_that_stands_in_for_a_key_may_be_in_an_answer(tmp_path: Path) -> None:
    with asking(tmp_path, ["ollama runs it"], key="ollama") as (_, _, ask):
        assert ask().text == "ollama runs it"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_a_password_in_the_address_is_used_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ModelServer([Status(400, "no")]) as server:
        base_url = server.url.replace("http://", "http://ann:pa55word@")
        endpoint = server.endpoint(base_url=base_url)
        with Model(endpoint, home=tmp_path) as model, pytest.raises(ModelUnavailable) as raised:
            model.reply(HI, meter=Meter(Budget()))
    assert server.conversation[0].headers["authorization"].startswith("Basic ")
    assert "pa55word" not in str(raised.value) + caplog.text + (tmp_path / "endpoints.json").read_text()


def opening(server: ModelServer) -> dict[str, str]:
    """The settings of an endpoint whose address holds a password and a key."""
    return {"model": server.model, "openai_base_url": server.url.replace("http://", "http://ann:pa55word@") + QUERY}


def test_the_doctor_names_the_endpoint_without_what_opens_it(own_environment: Path) -> None:
    with ModelServer([]) as server:
        needs = diagnose_all(Settings(home=own_environment, _env_file=None, **opening(server)))
    told = needs[-1].model_dump_json()
    assert server.url in told
    assert "pa55word" not in told
    assert "very-secret" not in told


def test_the_doctor_does_not_wait_long_for_an_endpoint_that_says_nothing(
    own_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ANSWER_S", 0.5)
    with ModelServer(probe=lambda _: Silent()) as server:
        told = doctor._model(Settings(home=own_environment, _env_file=None, **opening(server)))
    assert (told.ok, "did not answer within" in told.detail) == (False, True)


def test_a_benchmark_keeps_the_endpoint_without_what_opens_it(open_with: Callable[..., Any], tmp_path: Path) -> None:
    plan = Plan(questions=[Question(question="an MLP for scikit-learn's digits in PyTorch")], arms=["draft"])
    with ModelServer(lambda _: "I would rather not.") as server:
        report = run_bench(open_with(**opening(server)), plan, tmp_path / "bench.jsonl")
    kept = (tmp_path / "bench.jsonl").read_text() + report.model_dump_json()
    assert kept.count(server.url) == 2
    assert "pa55word" not in kept
    assert "very-secret" not in kept


def test_the_environments_key_is_not_sent_where_none_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with asking(tmp_path, ["ok"]) as (server, _, ask):
        ask()
    assert KEY not in str([one.headers for one in server.requests])


def test_the_loopback_is_reached_past_the_environments_proxy_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("langchain_openai.chat_models._client_utils._proxy_env_warning_emitted", False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with caplog.at_level(logging.INFO, "langchain_openai"), asking(tmp_path, ["ok"]) as (_, _, ask):
        assert ask().text == "ok"
    assert not [one for one in caplog.records if one.name.startswith("langchain_openai")]


def test_what_listens_to_a_surrounding_graph_does_not_hear_the_prompt(tmp_path: Path) -> None:
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.runnables import RunnableLambda

    heard: list[str] = []

    class Recorder(BaseCallbackHandler):
        def on_chain_start(self, *_: Any, **__: Any) -> None:
            heard.append("chain")

        def on_chat_model_start(self, *_: Any, **__: Any) -> None:
            heard.append("model")

    with asking(tmp_path, ["ok"]) as (_, _, ask):
        assert RunnableLambda(lambda _: ask().text).invoke("q", config={"callbacks": [Recorder()]}) == "ok"
    assert heard == ["chain"]
