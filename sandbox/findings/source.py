"""Findings in the text of a program: what can be seen without running it, file by file."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from sandbox.findings.finding import Maker
from sandbox.findings.source_torch import TORCH_RULES
from sandbox.findings.tree import Source, last_name
from sandbox.report import Finding

MEANT = ("requires_grad", "trainable")
LISTINGS = ("listdir", "scandir", "glob", "iglob", "rglob", "iterdir")
ORDERED_BY = ("enumerate", "zip", "train_test_split", "random_split", "shuffle", "permutation")
"""Calls whose result depends on the order of what they are given."""
SHOWN_BY = ("print", "pprint", "display")
"""Calls that show a few of many, as a look at the data does, and keep nothing of it."""
CONTAINERS = ("ModuleList", "Sequential")


class Listing(NamedTuple):
    """A call that lists files, in an order that the file system chooses."""

    name: str
    node: ast.Call


def source_faults(files: Mapping[str, str | bytes], make: Maker) -> Iterator[Finding]:
    """What the texts show; a file that is no valid Python shows nothing."""
    texts = {path: text for path, text in files.items() if isinstance(text, str) and path.endswith(".py")}
    for path, text in texts.items():
        try:
            source = Source(path=path, tree=ast.parse(text), program="\n".join(texts.values()))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for rule in RULES:
            yield from rule(source, make)


def misspelt_attribute(source: Source, make: Maker) -> Iterator[Finding]:
    """`parameter.require_grad = False`: set, read by nobody, and a letter or two away from what is meant."""
    for node in ast.walk(source.tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if not isinstance(target, ast.Attribute) or target.attr in MEANT or not _is_switch(node.value):
                continue
            if _is(target.value, "self"):  # A class may have attributes of its own.
                continue
            meant = get_close_matches(target.attr, MEANT, n=1, cutoff=0.9)
            if meant and _only_set(source.program, target.attr):
                message = f"{ast.unparse(target)} is set, and nothing reads an attribute of that name."
                fix = f"Write {meant[0]}."
                yield make(
                    "misspelt-attribute", "critical", message, fix, at=(source.path, node.lineno),
                    written=target.attr, meant=meant[0],
                )  # fmt: skip


def _only_set(program: str, name: str) -> bool:
    """Whether each place that has the name sets an attribute of that name."""
    return len(re.findall(rf"\b{name}\b", program)) == len(re.findall(rf"\.{name}\s*=(?!=)", program))


def _is_switch(value: ast.expr) -> bool:
    return isinstance(value, ast.Compare | ast.UnaryOp) or (
        isinstance(value, ast.Constant) and isinstance(value.value, bool)
    )


def one_layer_repeated(source: Source, make: Maker) -> Iterator[Finding]:
    """`nn.ModuleList([layer] * 4)`: sharing weights on purpose is written as calling one layer several times."""
    for call in ast.walk(source.tree):
        if not isinstance(call, ast.Call) or last_name(call.func) not in CONTAINERS:
            continue
        for node in (one.value if isinstance(one, ast.Starred) else one for one in call.args):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and (repeated := _single(node)):
                message = f"{last_name(call.func)} is given the one layer {ast.unparse(repeated)} several times."
                fix = "Make each one anew: [make_layer() for _ in range(n)], or copy.deepcopy(layer)."
                yield make("one-layer-repeated", "warning", message, fix, at=(source.path, node.lineno))


def _single(product: ast.BinOp) -> ast.expr | None:
    """The layer of `[layer] * n` or `n * [layer]`."""
    lists = [side for side in (product.left, product.right) if isinstance(side, ast.List | ast.Tuple)]
    if len(lists) != 1 or len(lists[0].elts) != 1:
        return None
    element = lists[0].elts[0]
    return element if isinstance(element, ast.Call | ast.Name | ast.Attribute) else None


def unsorted_files(source: Source, make: Maker) -> Iterator[Finding]:
    """A listing that nothing sorts, where the position of a file decides what becomes of it."""
    for statement in ast.walk(source.tree):
        if isinstance(statement, ast.For | ast.comprehension):
            for call in _calls(statement.iter, ORDERED_BY):
                for listing in _listings(call):
                    yield _unsorted(source, listing, make)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            for listing in _listings(statement.value):
                if _order_matters(source, statement.targets[0].id):
                    yield _unsorted(source, listing, make)


def _unsorted(source: Source, listing: Listing, make: Maker) -> Finding:
    message = f"{listing.name} gives the files in no order of its own, and what follows depends on it."
    at = (source.path, listing.node.lineno)
    return make("unsorted-files", "warning", message, "Put sorted() around it.", at=at)


def _listings(node: ast.expr) -> list[Listing]:
    """The listings within an expression that the expression does not sort, nor asks only for their number."""
    if isinstance(node, ast.Call) and last_name(node.func) in ("sorted", "len", "set", "any", "max", "min", "next"):
        return []
    here = []
    if isinstance(node, ast.Call) and last_name(node.func) in LISTINGS:
        here = [Listing(ast.unparse(node.func), node)]
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.comprehension)]
    return here + [
        one for child in inner for one in _listings(child.iter if isinstance(child, ast.comprehension) else child)
    ]


def _order_matters(source: Source, name: str) -> bool:
    """Whether a name is cut, numbered or split by position for more than to be shown, and never sorted."""
    ordered = False
    for node in _kept(source.tree):
        if isinstance(node, ast.Call) and _takes(node, name):
            if last_name(node.func) == "sorted":
                return False
            ordered |= last_name(node.func) in ORDERED_BY
        elif isinstance(node, ast.Attribute) and node.attr == "sort" and _is(node.value, name):
            return False
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            ordered |= _is(node.value, name)
    return ordered


def _kept(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all within it, but for what is only shown."""
    left = [node]
    while left:
        here = left.pop()
        if not (isinstance(here, ast.Call) and last_name(here.func) in SHOWN_BY):
            yield here
            left.extend(ast.iter_child_nodes(here))


def _takes(call: ast.Call, name: str) -> bool:
    return any(_is(argument, name) for argument in call.args)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _calls(node: ast.expr, names: tuple[str, ...]) -> list[ast.Call]:
    return [one for one in ast.walk(node) if isinstance(one, ast.Call) and last_name(one.func) in names]


RULES: tuple[Callable[[Source, Maker], Iterator[Finding]], ...] = (
    misspelt_attribute,
    one_layer_repeated,
    unsorted_files,
    *TORCH_RULES,
)
