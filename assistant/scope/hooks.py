"""Hooks of pytest that choose which tests run or how they are reported: a project's own tests need none of them."""

import ast
import re
from collections.abc import Iterator

from assistant.python_source import last_name
from assistant.scope.finding import found
from assistant.scope.sources import Source
from knowledge.syntax import dotted
from sandbox.report import Finding

HOOKS = re.compile(
    r"^pytest_(?:collect\w*|ignore_collect|itemcollected|deselected|pycollect_\w+|pyfunc_call|runtest\w*|cmdline_\w+"
    r"|load_initial_conftests|sessionfinish|make_collect_report|report_(?:teststatus|from_serializable)|unconfigure)$"
)
LEFT_OUT = {"collect_ignore", "collect_ignore_glob"}
FIX = "Remove it: let every test run and be reported as it ended; prepare what tests share in a fixture."


def find_test_hooks(source: Source) -> Iterator[Finding]:
    """`pytest_collection_modifyitems`, `collect_ignore` and the like, and options that pytest_configure changes."""
    for node in ast.walk(source.tree):
        if name := _named(node):
            message = f"{name} decides which tests run or how they are reported."
            yield found(source, node, "test-hook", "critical", message, FIX)


def _named(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if HOOKS.match(name):
            return name
        case ast.Assign(targets=targets):
            return next((said for one in targets if (said := _left_out(one))), "")
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return _left_out(target)
        case ast.keyword(arg="specname", value=ast.Constant(value=str(name))) if HOOKS.match(name):
            return name
    return ""


def _left_out(target: ast.expr) -> str:
    """A list of files that are not collected, or an option of pytest that is given another value."""
    name = dotted(target)
    return name if last_name(target) in LEFT_OUT or name.startswith("config.option.") else ""
