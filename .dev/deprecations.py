"""Read out of the installed wheels what they say is deprecated: `.dev/run python .dev/deprecations.py`.

Reads syntax trees and imports none of it. Writes knowledge/deprecations/harvested.jsonl, each rule with the version
that was read. Keeps what users write: what has a public name and, unless it raises, names its replacement. What a wheel
says in other ways, and what is gone without a trace, is for the .toml files there; what they hold is not repeated.
"""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from exports import Exports, read_modules
from sayings import Function, Saying, read_sayings

from knowledge.deprecations import FOLDER, CuratedDeprecation, Deprecation, curated
from knowledge.schema import Framework

PACKAGES: dict[str, Framework] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}
NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\([^`]*\))?=?"
ADVISED = re.compile(
    rf"(?:use|using|to|of|with|by|call|prefer)\s+(?:the |an? )?(?:`+({NAME})`+|((?:\w+\.)+\w+))", re.IGNORECASE
)
QUOTED = re.compile(rf"`+({NAME})`+")
BRINGS_ITSELF = ("torchao", "executorch", "ai_edge_litert", "tf_keras", "torchcodec", "onnxscript", "grain")
"""Replacements that are packages of their own."""
WORKINGS = re.compile(
    r"torch\.(fx|ao\.nn\.quantized|autograd\.profiler_legacy|distributed\.elastic|jit\.quantized|quantization"
    r"|utils\.data\.(backward_compatibility|graph_settings)|\w+(\.\w+)*\.experimental)\."
)
"""Parts with public names that no training code spells out; TensorFlow's `experimental` is what its guides teach."""


def harvest(package: Path, *, framework: Framework, version: str) -> list[Deprecation]:
    """The rules that one installed package yields, sorted."""
    modules = read_modules(package)
    folders = frozenset(name for name in modules if (package.parent / Path(*name.split("."))).is_dir())
    exports = Exports(modules, folders)
    often = _how_often_defined(modules)
    origin = {"framework": framework, "distribution": package.name, "since": ".".join(version.split(".")[:2])}
    rules = {}
    for module, tree in modules.items():
        file = module.replace(".", "/") + ("/__init__.py" if module in folders else ".py")
        for saying in read_sayings(tree.body, module):
            for rule in _rules(saying, exports, often, {**origin, "source": f"{file}:{saying.line}"}):
                rules[rule.symbol, rule.method, rule.keyword] = rule
    return sorted(rules.values(), key=lambda rule: (rule.symbol or "", rule.method or "", rule.keyword or ""))


def _rules(saying: Saying, exports: Exports, often: dict[str, int], origin: dict[str, str]) -> Iterator[Deprecation]:
    """One for each public name; for a method whose name means nothing else, one for any object."""
    owner, _, method = saying.name.rpartition(".")
    public = exports.public_names(owner if saying.method else saying.name)
    names = [name for name in public if not WORKINGS.match(name)]
    symbols = [f"{name}.{method}" for name in names] if saying.method else names
    if any(_holds(row, symbol, saying.keyword) for row in curated() for symbol in symbols):
        return
    instead = _replacement(saying.message, but_not={*names, saying.name, saying.keyword or method})
    if (saying.method and method.startswith("_")) or not names or not (instead or saying.raises):
        return
    common = {
        **origin,
        "keyword": saying.keyword,
        "value": saying.value,
        "removed": saying.raises,
        "fix": f"Use `{instead}`." if instead else "Do without it.",
        "needs": [name for name in BRINGS_ITSELF if name in saying.message.replace("-", "_")],
    }
    yield from (Deprecation(symbol=symbol, **common) for symbol in symbols)
    if saying.method and often[method] == 1 and "_" in method:
        yield Deprecation(method=method, **common)


def _holds(row: CuratedDeprecation, name: str, keyword: str | None) -> bool:
    """Whether a curated row is about this name, or about this argument of it."""
    if row.keyword != keyword and (row.keyword or row.lacks):
        return False
    symbols = [symbol.removesuffix("*") for symbol in (row.symbol, *row.also) if symbol]
    return any(name == symbol or name.startswith(f"{symbol.rstrip('.')}.") for symbol in symbols)


def _replacement(message: str, *, but_not: set[str]) -> str | None:
    """The name that the message gives in place of the deprecated one; a dotted one where there is a choice."""
    advised = [one or other for one, other in ADVISED.findall(message)]
    usable = [
        name.replace(".experimental.preprocessing.", ".").removesuffix("=")
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


def main() -> None:
    """Write the rules of what is installed here, and say how many there are."""
    rules = []
    for package, framework in PACKAGES.items():
        installed = distribution(package)
        folder = Path(str(installed.locate_file(package)))
        found = harvest(folder, framework=framework, version=installed.version)
        print(f"{package} {installed.version}: {len(found)} rules")
        rules += found
    lines = [rule.model_dump_json(exclude_defaults=True) + "\n" for rule in rules]
    (FOLDER / "harvested.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
