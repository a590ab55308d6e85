"""A setting that is wrong is named, with how to mend it, before anything is asked; what opens a door is not shown."""

from pathlib import Path
from typing import Any

import pytest
from command import gradproof

from assistant.errors import ConfigurationError, RequestError
from assistant.model.schema import Budget, check_budget
from assistant.settings import Settings, read_settings

LOCAL = {"model": "m", "openai_base_url": "http://127.0.0.1:8000/v1"}


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:99999999/v1",
        "not a url",
        "127.0.0.1:8000/v1",
        "localhost:8000/v1",
        "ftp://models.example/v1",
        "http:///v1",
        "http://[::1/v1",
        "http://ann:pa55word@models..example/v1",
        "http://models\nexample/v1",
    ],
)
def test_an_address_that_is_none_is_named_and_not_shown(address: str) -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_BASE_URL is not the address") as raised:
        settings(openai_base_url=address)
    assert "pa55word" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (" http://127.0.0.1:8000/v1\n", "http://127.0.0.1:8000/v1"),
        ("http://ann:pa55word@models.example/v1?a=1", "http://ann:pa55word@models.example/v1?a=1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("  ", None),
    ],
)
def test_an_address_loses_only_the_white_space_around_it(given: str, taken: str | None) -> None:
    assert settings(openai_base_url=given).openai_base_url == taken


def test_a_key_loses_the_white_space_around_it() -> None:
    key = settings(openai_api_key=" sk-0123\r\n").openai_api_key
    assert key is not None
    assert key.get_secret_value() == "sk-0123"


@pytest.mark.parametrize("key", ["sk-01\n23", "sk-01\x7f23", "sk-schlüssel"])
def test_a_key_that_fits_no_header_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY holds") as raised:
        settings(openai_api_key=key)
    assert "sk-" not in str(raised.value)


@pytest.mark.usefixtures("own_environment")
def test_the_command_says_a_wrong_address_in_one_sentence() -> None:
    given = {"OPENAI_BASE_URL": "http://127.0.0.1:99999999/v1", "GRADPROOF_MODEL": "m"}
    done = gradproof("ask", "--drafter", "llm", "a small MLP in PyTorch", **given)
    assert done.returncode == 2
    assert "OPENAI_BASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("prices", [{}, {"price_input": 1.0}, {"price_output": 1.0}])
def test_a_limit_of_money_needs_both_prices(prices: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="GRADPROOF_BUDGET_COST needs GRADPROOF_PRICE_INPUT"):
        settings(budget_cost=0.1, **LOCAL, **prices).endpoint()
    endpoint = settings(**LOCAL, **prices).endpoint()
    assert endpoint is not None
    with pytest.raises(RequestError, match="--budget-cost needs GRADPROOF_PRICE_INPUT"):
        check_budget(Budget(cost=0.1), endpoint)
    check_budget(Budget(tokens=9), endpoint)


def test_a_limit_of_money_is_taken_with_both_prices() -> None:
    endpoint = settings(budget_cost=0.1, price_input=0.0, price_output=2.0, **LOCAL).endpoint()
    assert endpoint is not None
    check_budget(Budget(cost=0.1), endpoint)


@pytest.mark.parametrize("kind", ["local", "docker", "unjailed"])
def test_the_sandbox_is_chosen_by_its_name(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("GRADPROOF_SANDBOX", kind)
    assert settings().sandbox == kind


def test_a_sandbox_that_there_is_not_is_named_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADPROOF_SANDBOX", "podman")
    with pytest.raises(ConfigurationError, match=r"GRADPROOF_SANDBOX is 'podman': .*'local', 'docker' or 'unjailed'"):
        read_settings()


def test_image_and_runtime_of_containers_are_the_users_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (settings().docker_image, settings().docker_runtime) == (None, None)
    monkeypatch.setenv("GRADPROOF_DOCKER_IMAGE", "mine/image:2")
    monkeypatch.setenv("GRADPROOF_DOCKER_RUNTIME", "runsc")
    chosen = settings()
    assert (chosen.docker_image, chosen.docker_runtime) == ("mine/image:2", "runsc")


def test_nothing_is_run_elsewhere_where_the_chosen_sandbox_is_missing(tmp_path: Path) -> None:
    program = tmp_path / "a.py"
    program.write_text("print('ran')", encoding="utf-8")
    done = gradproof("run", program, GRADPROOF_SANDBOX="docker", DOCKER_HOST=f"unix://{tmp_path}/docker.sock")
    assert done.returncode == 3
    assert "ran" not in done.stdout
    assert "docker" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_a_qdrant_server_is_configured_with_all_that_it_takes() -> None:
    given = {"qdrant_url": "https://qdrant.example", "qdrant_api_key": " k3y\n", "qdrant_collection": "vision"}
    server = settings(**given, qdrant_shards=3, qdrant_replicas=2).qdrant()
    assert server is not None
    assert server.api_key is not None
    assert (server.url, server.api_key.get_secret_value()) == ("https://qdrant.example", "k3y")
    assert (server.collection, server.shards, server.replicas, server.grpc_port) == ("vision", 3, 2, None)
    assert "k3y" not in repr(settings(**given))
    assert settings().qdrant() is None


@pytest.mark.parametrize(("given", "port"), [("true", 6334), ("1", 6334), ("7001", 7001), ("off", None), ("", None)])
def test_grpc_is_asked_for_with_or_without_a_port(
    monkeypatch: pytest.MonkeyPatch, given: str, port: int | None
) -> None:
    monkeypatch.setenv("GRADPROOF_QDRANT_GRPC", given)
    assert settings().qdrant_grpc == port


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("URL", "localhost:6333", "is not the address of a Qdrant server"),
        ("URL", "http://ann:pa55word@a..b", "is not the address of a Qdrant server"),
        ("GRPC", "70000", "should be less than 65536"),
        ("COLLECTION", "a/b", "should match"),
        ("SHARDS", "0", "should be greater than 0"),
        ("API_KEY", "se\x01cret", "holds a control character"),
    ],
)
def test_a_wrong_setting_of_the_server_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, said: str
) -> None:
    monkeypatch.setenv(f"GRADPROOF_QDRANT_{name}", given)
    with pytest.raises(ConfigurationError, match=rf"GRADPROOF_QDRANT_{name} .*{said}") as raised:
        read_settings()
    assert "pa55word" not in str(raised.value)
    assert "cret" not in str(raised.value)
