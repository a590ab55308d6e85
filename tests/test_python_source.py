"""Python source as syntax trees: quiet, and without an exception whatever the text holds."""

import ast
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.python_source import defined_names, last_name, parse, parse_files
from knowledge.syntax import dotted

WARNED_OF = 'pattern = "\\d"\nassert (1, "always true")\n'


def test_code_that_python_warns_of_is_parsed_without_a_word() -> None:
    tree = parse(WARNED_OF)
    assert tree is not None
    assert len(tree.body) == 2


def test_parsing_in_many_threads_leaves_the_filters_of_warnings_as_they_were() -> None:
    before, interval = list(warnings.filters), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(parse, [WARNED_OF] * 2000))
    finally:
        sys.setswitchinterval(interval)
    assert warnings.filters == before


@pytest.mark.parametrize("code", ["def f(:", "x = 1\0", b"\xff\xfe\xff", "(" * 5000, "-" * 100_000 + "1"])
def test_what_is_no_python_has_no_tree(code: str | bytes) -> None:
    assert parse(code) is None


def test_files_that_parse_come_in_the_order_given() -> None:
    files = {"b.py": "x = 1", "broken.py": "def", "data.csv": "a,b", "a.py": b"# -*- coding: latin-1 -*-\ny = '\xe9'"}
    assert [name for name, _ in parse_files(files)] == ["b.py", "a.py"]


@pytest.mark.parametrize(
    ("code", "whole", "last"),
    [("a", "a", "a"), ("a.b.c", "a.b.c", "c"), ("f(x).c", "", "c"), ("a[0]", "", ""), ("1", "", "")],
)
def test_a_name_is_read_whole_and_by_its_last_part(code: str, whole: str, last: str) -> None:
    node = ast.parse(code, mode="eval").body
    assert (dotted(node), last_name(node)) == (whole, last)


def test_a_module_defines_its_functions_and_classes_and_not_what_lies_in_them() -> None:
    tree = ast.parse("import a\nb = 1\nclass C:\n    def d(self): ...\nasync def e(): ...\ndef f():\n    def g(): ...")
    assert defined_names(tree) == {"C", "e", "f"}
