"""Uses of what PyTorch, TensorFlow, Keras and their company gave up."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from assistant.lint.arguments import Constants, arguments_match, literals
from assistant.lint.names import Use, find_uses
from assistant.python_source import parse_files
from assistant.schema import Diagnostic, Framework
from knowledge.deprecations import Deprecation, deprecations

ROOTS: dict[str, Framework] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}


def find_deprecated(
    files: Mapping[str, str | bytes],
    framework: Framework | None = None,
    *,
    importable: frozenset[str] | None = None,
    versions: Mapping[str, str] | None = None,
) -> list[Diagnostic]:
    """One diagnostic for each file and each thing not to write any more, "removed-api" before "deprecated-api".

    Never fails because of what the files hold. `framework` says whose methods are meant by a name such as
    `fit_generator`; None goes by what the files import. `versions` (distribution -> version) are those of the
    interpreter that will run the code; the default is this one.
    """
    rules = _Rules(deprecations(versions, importable))
    parsed = list(_read(files))
    defined = {name for _, tree, _ in parsed for name in _defined(tree)}
    meant = {framework} if framework else {ROOTS[root] for _, _, uses in parsed for root in _roots(uses)}
    found = [
        diagnostic
        for name, tree, uses in parsed
        for diagnostic in _complaints(rules, uses, literals(tree), file=name, own=defined, meant=meant)
    ]
    return sorted(found, key=lambda item: (item.code != "removed-api", item.file, item.line, item.message))


class _Rules:
    """The rules, by the name that they are looked up with."""

    def __init__(self, rules: list[Deprecation]) -> None:
        self.symbols: dict[str, list[Deprecation]] = defaultdict(list)
        self.methods: dict[str, list[Deprecation]] = defaultdict(list)
        for rule in rules:
            for symbol in filter(None, (rule.symbol, *rule.also)):
                self.symbols[symbol].append(rule)
            if rule.method:
                self.methods[rule.method].append(rule)

    def for_use(self, use: Use, *, own: set[str], meant: set[Framework]) -> list[Deprecation]:
        """The rules that could be meant, before the arguments are looked at."""
        if use.dotted:
            return [rule for name in _spellings(use.dotted) for rule in self._at(name, raw=name == use.dotted)]
        if use.attribute is None or use.attribute in own:
            return []
        rules = [rule for rule in self.methods.get(use.attribute, []) if rule.framework in meant]
        receiver = ast.unparse(use.receiver) if rules and use.receiver else ""
        return [rule for rule in rules if not rule.receiver or re.fullmatch(rule.receiver, receiver)]

    def _at(self, dotted: str, *, raw: bool) -> Iterator[Deprecation]:
        """The rules of the name itself, of all names beside it, and of what it is part of; the nearest that has any."""
        here, *above = _prefixes(dotted)
        parent = dotted.rpartition(".")[0]
        rules = [*self.symbols.get(here, []), *self.symbols.get(f"{parent}.*", [])]
        for name in above:
            if any(_whole(rule) for rule in rules):
                break
            rules += [rule for rule in self.symbols.get(name, []) if _whole(rule)]
        yield from (rule for rule in rules if raw or not rule.exactly)


def _read(files: Mapping[str, str | bytes]) -> Iterator[tuple[str, ast.Module, list[Use]]]:
    for name, tree in parse_files(files):
        try:
            yield name, tree, find_uses(tree)
        except RecursionError:
            continue


def _complaints(
    rules: _Rules, uses: list[Use], constants: Constants, *, file: str, own: set[str], meant: set[Framework]
) -> Iterator[Diagnostic]:
    lines: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for use in uses:
        matching = [
            rule
            for rule in rules.for_use(use, own=own, meant=meant)
            if _whole(rule) or (use.call and arguments_match(rule, use.call, constants))
        ]
        for rule in matching[:1]:
            lines[_what(rule, use), rule.fix, rule.removed].append(use.line)
    for (what, fix, removed), found in lines.items():
        first, *more = sorted(set(found))
        also = f" (also in line {', '.join(map(str, more))})" if more else ""
        yield Diagnostic(
            code="removed-api" if removed else "deprecated-api",
            message=f"{what} {'does not work any more' if removed else 'is deprecated'}{also}",
            file=file,
            line=first,
            fix=fix,
        )


def _whole(rule: Deprecation) -> bool:
    """Whether the name alone is what is wrong."""
    return rule.keyword is None and rule.lacks is None


def _what(rule: Deprecation, use: Use) -> str:
    name = f"`{use.dotted or f'.{use.attribute}'}`"
    if rule.lacks:
        return f"{name} without `{rule.lacks}=`"
    if rule.value:
        return f"this `{rule.keyword}=` of {name}"
    return f"`{rule.keyword}=` of {name}" if rule.keyword else name


def _spellings(dotted: str) -> list[str]:
    """The name as it stands, and under the one name for Keras."""
    inside = dotted.removeprefix("tensorflow.")
    return [dotted, inside] if inside != dotted and inside.partition(".")[0] == "keras" else [dotted]


def _prefixes(dotted: str) -> list[str]:
    """ "a.b.c", "a.b", "a"."""
    parts = dotted.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _defined(tree: ast.Module) -> Iterator[str]:
    """Names of the functions, methods and attributes that the project defines itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
            yield node.attr


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _roots(uses: Iterable[Use]) -> set[str]:
    return {root for use in uses if (root := (use.dotted or "").partition(".")[0]) in ROOTS}
