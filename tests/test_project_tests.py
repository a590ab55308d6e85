"""A project's own tests run as they are written, whatever its configuration says of them."""

import pytest

from sandbox.base import Sandbox
from sandbox.project_tests import configuration, judge_tests, run_tests
from sandbox.schema import Limits

TESTS = "from net import size\n\n\ndef test_shape():\n    assert size == 3\n\n\ndef test_sum():\n    assert size == 4\n"
PROJECT: dict[str, str | bytes] = {"net.py": "size = 3\n", "tests/test_net.py": TESTS}
EVASIONS = {
    "pytest.ini": "[pytest]\naddopts = -k shape\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--deselect tests/test_net.py::test_sum"\n',
    "setup.cfg": "[tool:pytest]\npython_functions = test_sha*\n",
    "tox.ini": "[pytest]\naddopts = --maxfail=0 -k shape\n",
}


def test_no_configuration_makes_a_failing_test_vanish(sandbox: Sandbox) -> None:
    result = run_tests({**PROJECT, **EVASIONS}, "pytorch", sandbox, Limits(wall_s=60))
    check = judge_tests(result)
    assert (check.status, check.evidence["tests"], check.evidence["failures"]) == ("failed", 2, 1)


def test_tests_still_import_from_the_folders_that_were_configured(sandbox: Sandbox) -> None:
    configured = '[tool.pytest.ini_options]\npythonpath = ["src"]\n'
    files = {"src/net.py": "size = 3\n", "tests/test_net.py": TESTS.split("\n\n\ndef test_sum")[0] + "\n"}
    result = run_tests({**files, "pyproject.toml": configured}, "pytorch", sandbox, Limits(wall_s=60))
    assert judge_tests(result).message == "1 test passed."


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("pytest.ini", "[pytest]\npythonpath = src lib\naddopts = -k x\n", "src lib"),
        ("setup.cfg", b"[tool:pytest]\npythonpath = src\n", "src"),
        ("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = "src"\n', "src"),
        ("pyproject.toml", "[tool.pytest]\n", ""),
        ("pyproject.toml", "not toml", ""),
        ("tox.ini", "not ini", ""),
    ],
)
def test_only_the_configuration_is_taken_over(name: str, content: str | bytes, expected: str) -> None:
    assert configuration({name: content}) == f"[pytest]\npythonpath = {expected}\n"
