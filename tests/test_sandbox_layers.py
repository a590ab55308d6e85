"""A proof that the tests of the sandbox can fail: with each of its layers switched off, some case does."""

import importlib
import os
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sandbox_abuse import GREEN, Stage, open_stage
from sandbox_backends import ROOT

from sandbox.errors import SandboxError
from sandbox.local import grounds, view


class Change(BaseModel):
    """In one file of sandbox/local/inside."""

    file: str
    text: str
    to: str


class Layer(BaseModel):
    """One layer of tests/data/layers.toml."""

    name: str
    case: str
    """Family of the module and number: "kernel F1"; or "closed" where nothing is run without this layer."""
    tier: str = "A"
    changes: list[Change] = []
    jail: tuple[str, str] | None = None
    """Arguments of bubblewrap, and those in their place."""


TABLE = tomllib.loads((ROOT / "tests" / "data" / "layers.toml").read_text(encoding="utf-8"))
LAYERS = {layer.name: layer for layer in map(Layer.model_validate, TABLE["layer"])}
CLOSED = [name for name, layer in LAYERS.items() if layer.case == "closed"]
QUICK = {"descriptors closed", "filter", "landlock on files", "links not followed"}
"""Run every time; the others take minutes together."""


@pytest.fixture
def switch_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Layer], None]:
    """Let jails that are opened from now on be without a layer."""
    package = tmp_path / "local"
    shutil.copytree(ROOT / "sandbox" / "local" / "inside", package / "inside")
    (tmp_path / "checks").symlink_to(ROOT / "sandbox" / "checks")
    jail = view._jail

    def change(layer: Layer) -> None:
        for one in layer.changes:
            path = package / "inside" / one.file
            path.write_text(replaced(path.read_text(encoding="utf-8"), one.text, one.to), encoding="utf-8")
        for module in (view, grounds):
            monkeypatch.setattr(module, "PACKAGE", package)
        if layer.jail is not None:
            before, after = (line(words.split()) for words in layer.jail)
            monkeypatch.setattr(
                view, "_jail", lambda *given: replaced(line(jail(*given)), before, after).split("\0")[:-1]
            )

    return change


def replaced(source: str, text: str, to: str) -> str:
    assert source.count(text) == 1, f"{text!r} is there {source.count(text)} times"
    return source.replace(text, to)


def line(words: list[str]) -> str:
    return "".join(f"{word}\0" for word in words)


def check_of(case: str) -> Callable[[Stage], None]:
    family, _, number = case.partition(" ")
    module = importlib.import_module(f"test_sandbox_{family}")
    return {**module.CASES, **getattr(module, "OBSERVED", {})}[number]


def marked(names: list[str]) -> list:
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


def test_what_a_layer_changes_is_there_once() -> None:
    for layer in LAYERS.values():
        for one in layer.changes:
            source = (ROOT / "sandbox" / "local" / "inside" / one.file).read_text(encoding="utf-8")
            assert source.count(one.text) == 1, (layer.name, one)


@pytest.mark.parametrize("name", marked([name for name in LAYERS if name not in CLOSED]))
def test_without_a_layer_a_case_fails(name: str, switch_off: Callable[[Layer], None]) -> None:
    layer = LAYERS[name]
    switch_off(layer)
    with open_stage(layer.tier) as stage:
        assert stage.run(GREEN).stdout == "green\n"
        with pytest.raises((AssertionError, SandboxError)):
            check_of(layer.case)(stage)


@pytest.mark.parametrize("name", marked(CLOSED))
def test_without_what_others_stand_on_nothing_is_run(name: str, switch_off: Callable[[Layer], None]) -> None:
    switch_off(LAYERS[name])
    with pytest.raises(SandboxError), open_stage("A") as stage:
        stage.run(GREEN)


def test_a_copy_that_is_not_changed_passes(switch_off: Callable[[Layer], None]) -> None:
    switch_off(Layer(name="none", case=""))
    with open_stage("A") as stage:
        for case in ("kernel F1", "artifacts G1", "reads A9"):
            check_of(case)(stage)


def test_an_environment_that_is_passed_on_is_found(
    switch_off: Callable[[Layer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two layers: the jail clears its environment, and is started with next to none."""
    switch_off(Layer(name="environment", case="", jail=("--clearenv", "")))
    command = grounds.Jail.command

    def pass_on(*given: Any, **options: Any) -> tuple[list[str], dict[str, str], list[int]]:
        words, environment, passed = command(*given, **options)
        return words, {**os.environ, **environment}, passed

    monkeypatch.setattr(grounds.Jail, "command", pass_on)
    with open_stage("A") as stage, pytest.raises(AssertionError):
        check_of("evidence H8")(stage)


STRICT = {
    "objects alone": ("not isinstance(frame, dict)", "False"),
    "no constants that are not JSON": (", parse_constant=_not_json", ""),
    "no endless frame": ("length > _MAX_FRAME", "False"),
    "no nesting without end": ("(ValueError, RecursionError)", "ValueError"),
}


@pytest.mark.parametrize("what", STRICT)
def test_a_lenient_reader_of_evidence_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = replaced((ROOT / "sandbox" / "local" / "evidence.py").read_text(encoding="utf-8"), *STRICT[what])
    lenient: dict[str, Any] = {}
    exec(source, lenient)
    tests = importlib.import_module("test_sandbox_runs")
    monkeypatch.setattr(tests, "EvidenceReader", lenient["EvidenceReader"])
    with pytest.raises((AssertionError, RecursionError)):
        tests.test_evidence_is_read_frame_by_frame_and_never_guessed()
