"""What the code of a library itself says is deprecated: decorators, warnings, and functions that only raise."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

SAYS_SO = re.compile(r"deprecat|no longer (supported|has)|now removed|has been removed|will be removed", re.IGNORECASE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Saying:
    """What one place in a wheel says of one name."""

    name: str
    """Dotted, where it is defined."""
    message: str
    line: int
    method: bool = False
    keyword: str | None = None
    value: str | None = None
    raises: bool = False


def read_sayings(body: list[ast.stmt], prefix: str, *, within: bool = False) -> Iterator[Saying]:
    """All that a module's statements say; `within` a class, functions are methods and the constructor is the class."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _decorated(node, f"{prefix}.{node.name}", method=False)
            yield from read_sayings(node.body, f"{prefix}.{node.name}", within=True)
        elif isinstance(node, Function):
            constructor = within and node.name in ("__init__", "__new__")
            name = prefix if constructor else f"{prefix}.{node.name}"
            yield from _decorated(node, name, method=within and not constructor)
            yield from _in_body(node, name, method=within and not constructor)


def _decorated(node: ast.ClassDef | Function, name: str, *, method: bool) -> Iterator[Saying]:
    """What the decorators say, TensorFlow's for single arguments among them. An overload speaks for itself alone."""
    if any(_last(decorator) == "overload" for decorator in node.decorator_list):
        return
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and (texts := [_text(argument) for argument in decorator.args]):
            saying = Saying(name, max(texts, key=len), decorator.lineno, method=method)
            kind = _last(decorator).lstrip("_")
            if kind == "deprecated" and saying.message:
                yield saying
            elif kind in ("deprecated_args", "deprecated_arg_values") and not method:
                about = replace(saying, message=(*texts, "")[1])
                yield from (replace(about, keyword=text) for text in texts[2:] if text)
                yield from (_for_value(about, given) for given in decorator.keywords if given.arg != "warn_once")


def _for_value(saying: Saying, given: ast.keyword) -> Saying:
    return replace(saying, keyword=given.arg, value=re.escape(ast.unparse(given.value)))


def _in_body(function: Function, name: str, *, method: bool) -> Iterator[Saying]:
    """What the function says whenever it is called, and what it says of one of its arguments when that is given."""
    given = {a.arg for a in (*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs)} - {"self"}
    for node in function.body:
        if isinstance(node, ast.Return):
            return
        if isinstance(node, ast.Raise):
            said = _text(node.exc.args[0]) if isinstance(node.exc, ast.Call) and node.exc.args else ""
            if SAYS_SO.search(said):
                yield Saying(name, said, node.lineno, method=method, raises=True)
            return
        if said := _warned(node):
            yield Saying(name, said, node.lineno, method=method)
        elif isinstance(node, ast.If) and not method and (keyword := _asks_for(node.test, given)):
            for said in filter(None, map(_warned, node.body)):
                if re.search(rf"\b{re.escape(keyword)}\b", said):
                    yield Saying(name, said, node.lineno, keyword=keyword)


def _warned(node: ast.stmt) -> str:
    """The text of a warning that says something is deprecated; empty for every other statement."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.value.args):
        return ""
    warns = _last(node.value.func) in ("warn", "warning", "warn_once")
    said = _text(node.value.args[0]) if warns else ""
    return said if SAYS_SO.search(said) else ""


def _asks_for(test: ast.expr, given: set[str]) -> str | None:
    """The argument that this condition finds given: `x`, `x is not None`, `"x" in kwargs`."""
    match test:
        case ast.Name(id=name) if name in given:
            return name
        case ast.Compare(left=ast.Name(id=name), ops=[ast.IsNot()]) if name in given:
            return name
        case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In()], comparators=[ast.Name(id="kwargs")]):
            return name
    return None


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    """What is constant of a string, with its white space collapsed."""
    parts = [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return " ".join(" ".join(parts).split())
