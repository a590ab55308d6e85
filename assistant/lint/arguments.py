"""Whether the arguments of a call are those that a deprecation speaks of."""

import ast
import re

from knowledge.deprecations import Deprecation

Constants = dict[str, ast.expr]
"""Names of a module that stand for one value."""
UNKNOWN = "…"
"""Stands for what is filled into a string when the program runs."""


def arguments_match(rule: Deprecation, call: ast.Call, constants: Constants) -> bool:
    """What is spread with a star may hold anything and is never counted as missing or wrong."""
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if _says_yes(given.get(rule.unless or "")) or (rule.when and not _says_yes(given.get(rule.when))):
        return False
    standing = call.args[rule.position] if rule.position is not None and rule.position < len(call.args) else None
    if rule.lacks:
        return rule.lacks not in given and standing is None and not _spreads(call)
    argument = given.get(rule.keyword or "", standing)
    if argument is None or isinstance(argument, ast.Starred):
        return False
    if rule.value is None:
        return True
    text = _text(argument, constants)
    return text is not None and re.fullmatch(rule.value, text, re.DOTALL) is not None


def literals(tree: ast.Module) -> Constants:
    """Names that the module gives a value once, outside of functions and classes."""
    assigned = [
        (node.targets[0].id, node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    ]
    names = [name for name, _ in assigned]
    return {name: value for name, value in assigned if names.count(name) == 1}


def _spreads(call: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    )


def _says_yes(argument: ast.expr | None) -> bool:
    return argument is not None and not (isinstance(argument, ast.Constant) and not argument.value)


def _text(node: ast.expr, constants: Constants) -> str | None:
    """A literal as text; of a path that is put together, its last part. None where that is no literal."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) if name in constants:
            return _text(constants[name], {})
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, {}) or UNKNOWN for part in parts)
        case ast.BinOp(op=ast.Div() | ast.Add(), right=last):
            return _text(last, constants)
        case ast.Call(func=ast.Attribute(attr="join") | ast.Name(id="str" | "Path"), args=[*_, last]):
            return _text(last, constants)
        case ast.Constant() | ast.UnaryOp() | ast.Tuple() | ast.List():
            return ast.unparse(node)
    return None
