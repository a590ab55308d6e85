"""Read out of the installed wheels what they say is deprecated: `python -m ingest.deprecations`.

Reads syntax trees and imports none of it. Writes knowledge/deprecations/harvested.jsonl, each rule with the version
that was read. Keeps what has a public name and, unless it raises, names its replacement. What a wheel says in other
ways, and what is gone without a trace, is for curated.toml.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import distribution
from pathlib import Path

from ingest.exports import Exports, read_modules
from knowledge.deprecations import FOLDER, Deprecation
from knowledge.schema import Framework

PACKAGES: dict[str, Framework] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}
SAYS_SO = re.compile(r"deprecat|no longer (supported|has)|now removed|has been removed|will be removed", re.IGNORECASE)
NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\([^`]*\))?"
ADVISED = re.compile(
    rf"(?:use|using|to|of|with|by|call|prefer)\s+(?:the |an? )?(?:`+({NAME})`+|((?:\w+\.)+\w+))", re.IGNORECASE
)
QUOTED = re.compile(rf"`+({NAME})`+")
BRINGS_ITSELF = ("torchao", "executorch", "ai_edge_litert", "tf_keras", "torchcodec", "onnxscript", "grain")
"""Replacements that are packages of their own."""
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


def harvest(package: Path, *, version: str) -> list[Deprecation]:
    """The rules that one installed package yields, sorted."""
    modules = read_modules(package)
    folders = frozenset(name for name in modules if (package.parent / Path(*name.split("."))).is_dir())
    exports = Exports(modules, folders)
    often = _how_often_defined(modules)
    rules = {}
    for module, tree in modules.items():
        file = module.replace(".", "/") + ("/__init__.py" if module in folders else ".py")
        for saying in _sayings(tree.body, module):
            where = f"{file}:{saying.line}"
            for rule in _rules(saying, exports, often, package=package.name, version=version, source=where):
                if rule.symbol not in modules:
                    rules[rule.symbol, rule.method, rule.keyword] = rule
    return sorted(rules.values(), key=lambda rule: (rule.symbol or "", rule.method or "", rule.keyword or ""))


def _sayings(body: list[ast.stmt], prefix: str, *, within: bool = False) -> Iterator[Saying]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _decorated(node, f"{prefix}.{node.name}", method=False)
            yield from _sayings(node.body, f"{prefix}.{node.name}", within=True)
        elif isinstance(node, Function):
            constructor = within and node.name in ("__init__", "__new__")
            name = prefix if constructor else f"{prefix}.{node.name}"
            yield from _decorated(node, name, method=within and not constructor)
            yield from _in_body(node, name, method=within and not constructor)


def _decorated(node: ast.ClassDef | Function, name: str, *, method: bool) -> Iterator[Saying]:
    decorators = [item for item in node.decorator_list if isinstance(item, ast.Call)]
    if any(_last(item) == "overload" for item in node.decorator_list):
        return
    for decorator in decorators:
        kind = _last(decorator.func).lstrip("_")
        texts = [text for argument in decorator.args if (text := _text(argument))]
        saying = Saying(name=name, message=texts[-1] if texts else "", line=decorator.lineno, method=method)
        if kind == "deprecated" and texts:
            yield replace(saying, message=max(texts, key=len))
        elif kind == "deprecated_args" and len(decorator.args) > 2 and not method:
            for argument in decorator.args[2:]:
                if keyword := _text(argument):
                    yield replace(saying, message=_text(decorator.args[1]), keyword=keyword)
        elif kind == "deprecated_arg_values" and len(decorator.args) > 1 and not method:
            for argument in decorator.keywords:
                if argument.arg and argument.arg != "warn_once":
                    value = re.escape(ast.unparse(argument.value))
                    yield replace(saying, message=_text(decorator.args[1]), keyword=argument.arg, value=value)


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


def _rules(
    saying: Saying, exports: Exports, often: dict[str, int], *, package: str, version: str, source: str
) -> Iterator[Deprecation]:
    """One for each public name; for a method whose name means nothing else, one for any object."""
    owner, _, method = saying.name.rpartition(".")
    names = exports.public_names(owner if saying.method else saying.name)
    instead = _replacement(saying.message, but_not={*names, saying.name, saying.keyword or method})
    if method.startswith("_") or not names or not (instead or saying.raises):
        return
    common = {
        "framework": PACKAGES[package],
        "distribution": package,
        "since": ".".join(version.split(".")[:2]),
        "keyword": saying.keyword,
        "value": saying.value,
        "removed": saying.raises,
        "fix": f"Use `{instead}`." if instead else "Do without it.",
        "source": source,
        "needs": [name for name in BRINGS_ITSELF if name in saying.message.replace("-", "_")],
    }
    if not saying.method:
        yield from (Deprecation(symbol=name, **common) for name in names)
        return
    yield from (Deprecation(symbol=f"{name}.{method}", **common) for name in names)
    if often[method] == 1 and "_" in method:
        yield Deprecation(method=method, **common)


def _replacement(message: str, *, but_not: set[str]) -> str | None:
    """The name that the message gives in place of the deprecated one; a dotted one where there is a choice."""
    advised = [one or other for one, other in ADVISED.findall(message)]
    usable = [
        name.replace(".experimental.preprocessing.", ".")
        for name in [*advised, *QUOTED.findall(message)]
        if name not in ("True", "False", "None") and "compat.v1" not in name and not _means(name, but_not)
    ]
    return next((name for name in usable if "." in name), usable[0] if usable else None)


def _means(name: str, others: set[str]) -> bool:
    """Whether this, perhaps shortened, is the name of one of the others."""
    bare = "." + name.partition("(")[0].replace("tf.", "tensorflow.", 1)
    return any(f".{other}".endswith(bare) for other in others)


def _how_often_defined(modules: dict[str, ast.Module]) -> dict[str, int]:
    """Function or method name -> number of definitions in the package."""
    counted: dict[str, int] = {}
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                counted[node.name] = counted.get(node.name, 0) + 1
    return counted


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    """What is constant of a string, with its white space collapsed."""
    parts = [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return " ".join(" ".join(parts).split())


def main() -> None:
    """Write the rules of what is installed here, and say how many there are."""
    rules = []
    for package in PACKAGES:
        installed = distribution(package)
        found = harvest(Path(str(installed.locate_file(package))), version=installed.version)
        print(f"{package} {installed.version}: {len(found)} rules")
        rules += found
    lines = [rule.model_dump_json(exclude_defaults=True) + "\n" for rule in rules]
    (FOLDER / "harvested.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
