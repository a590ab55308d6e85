"""A project's own tests as they are written: how many there are, and what each of them asserts."""

import ast
import re
from collections.abc import Iterator

from assistant.python_source import last_name
from assistant.scope.case import counted
from assistant.scope.finding import found
from assistant.scope.sources import Source
from knowledge.syntax import dotted
from sandbox.report import Finding

KEPT_ASSERTS = 0.75
"""Share of the asserts in tests that are still there: a few may be merged, a quarter is a weaker test."""
KEPT_TESTS = 0.5
"""Share of the tests of a suite that was written anew: cases are often gathered in one test."""
ASSERTING = re.compile(r"^assert\w+|^raises$|^fail$|^warns$|^assertTrue$")
CHECKED = (ast.FunctionDef, ast.AsyncFunctionDef)
Tests = dict[tuple[str, str], int]


def read_tests(sources: list[Source]) -> Tests:
    """(file, name) of each test -> how many things it asserts."""
    return {
        (source.path, node.name): count_asserts(node)
        for source in sources
        if source.is_test
        for node in ast.walk(source.tree)
        if isinstance(node, CHECKED) and node.name.startswith("test")
    }


def count_asserts(test: ast.AST) -> int:
    """Assert statements and calls that assert; one that can never fail does not count."""
    statements = sum(isinstance(node, ast.Assert) and not is_always_true(node.test) for node in ast.walk(test))
    calls = sum(isinstance(node, ast.Call) and bool(ASSERTING.match(last_name(node.func))) for node in ast.walk(test))
    return statements + calls


def is_always_true(node: ast.expr) -> bool:
    """A constant, or a name or constant compared with itself."""
    match node:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.GtE() | ast.LtE() | ast.Is()], comparators=[right]):
            return _same(left, right)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(is_always_true(one) for one in values)
    return False


def _same(left: ast.expr, right: ast.expr) -> bool:
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
        return left.value == right.value
    return dotted(left) == dotted(right) != ""


def lost_tests(before: list[Source], after: list[Source]) -> tuple[str, str] | None:
    """What there was and what there is, where tests or their asserts are gone; a rewritten suite may be shorter."""
    old, new = read_tests(before), read_tests(after)
    kept = old.keys() & new.keys()
    if not old:
        return None
    emptied = sorted(key for key in kept if old[key] and not new[key])
    if emptied:
        return f"{emptied[0][1]} with asserts", f"{emptied[0][1]} without"
    asserted = (sum(old[key] for key in kept), sum(new[key] for key in kept))
    if asserted[1] < KEPT_ASSERTS * asserted[0]:
        return counted(asserted[0], "assert"), str(asserted[1])
    edited = bool(kept) and len(new) < len(old)
    if edited or len(new) < KEPT_TESTS * len(old):
        return counted(len(old), "test"), str(len(new))
    return None


def find_idle_tests(source: Source) -> Iterator[Finding]:
    """Tests that are skipped whatever happens, and tests that cannot fail."""
    if not source.is_test:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, CHECKED) and node.name.startswith("test"):
            if _is_switched_off(node):
                message = f"{node.name} is skipped or expected to fail, so it checks nothing."
                yield found(source, node, "test-skipped", "warning", message, "Let the test run.", test=node.name)
            elif _cannot_fail(node):
                message = f"{node.name} cannot fail: it calls nothing and asserts nothing that could be false."
                fix = "Assert something of the project's code, or remove the test."
                yield found(source, node, "test-cannot-fail", "warning", message, fix, test=node.name)
    if _module_is_skipped(source.tree):
        message = "All tests of this file are skipped."
        yield found(source, source.tree, "test-skipped", "warning", message, "Let the tests run.", test="*")


def _is_switched_off(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Marked, or skipping itself as its first act; a condition on a device or a library is a reason."""
    marks = [one.func if isinstance(one, ast.Call) else one for one in test.decorator_list]
    if any(last_name(mark) in ("skip", "xfail") for mark in marks):
        return True
    return any(_skips(statement) for statement in test.body)


def _skips(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and dotted(call.func) in ("pytest.skip", "pytest.xfail", "self.skipTest")


def _cannot_fail(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = any(isinstance(node, ast.Call) for statement in test.body for node in ast.walk(statement))
    return not calls and not count_asserts(test)


def _module_is_skipped(tree: ast.Module) -> bool:
    """`pytestmark = pytest.mark.skip`, or a call of pytest.skip outside of any test."""
    marked = [
        one.value for one in tree.body if isinstance(one, ast.Assign) and last_name(one.targets[0]) == "pytestmark"
    ]
    plain_marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in marked]
    return any(last_name(mark) in ("skip", "xfail") for mark in plain_marks) or any(_skips(one) for one in tree.body)
