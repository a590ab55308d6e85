"""Which names a piece of code needs from before it, and which it leaves for what comes after."""

import ast
import builtins
from typing import NamedTuple

KNOWN = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Names(NamedTuple):
    """Of one piece of code, at its top level."""

    needs: set[str]
    """Used and not defined before; what only a function's body uses may also be defined after it."""
    binds: set[str]
    """Defined or assigned, imports aside."""
    imports: dict[str, str]
    """Name -> the statement that imports it."""


def names_of(tree: ast.Module) -> Names:
    """Read in order, as it would run; what a branch may define counts as defined."""
    reader = _Reader()
    for node in tree.body:
        reader.visit(node)
    everything = reader.binds | reader.imports.keys() | KNOWN
    return Names(reader.now | (reader.later - everything), reader.binds, reader.imports)


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.now: set[str] = set()
        """Needed at once."""
        self.later: set[str] = set()
        """Needed when a function is called."""
        self.binds: set[str] = set()
        self.imports: dict[str, str] = {}
        self._scopes: list[tuple[set[str], bool]] = []
        """Names of each scope around, and whether it is a function's."""

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        elif any(node.id in names for names, _ in self._scopes):
            return
        elif any(is_function for _, is_function in self._scopes):
            self.later.add(node.id)
        elif node.id not in self.binds | self.imports.keys() | KNOWN:
            self.now.add(node.id)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            if self._scopes:
                self._bind(name)
            else:
                one = type(node)(**{field: getattr(node, field, None) for field in node._fields} | {"names": [alias]})
                self.imports[name] = ast.unparse(one)
                self.binds.discard(name)

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for early in (*node.decorator_list, *_defaults(node.args), *_annotations(node)):
            self.visit(early)
        self._bind(node.name)
        self._inside(node.body, _parameters(node.args) | _stored(node.body), is_function=True)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for early in _defaults(node.args):
            self.visit(early)
        self._inside([node.body], _parameters(node.args), is_function=True)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for early in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(early)
        self._inside(node.body, _stored(node.body), is_function=False)
        self._bind(node.name)

    def _comprehension(self, node: Comprehension) -> None:
        targets = {name.id for part in node.generators for name in ast.walk(part.target) if isinstance(name, ast.Name)}
        self._inside(list(ast.iter_child_nodes(node)), targets, is_function=False)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self.visit_Name(ast.Name(node.target.id, ast.Load()))
        for part in (node.value, getattr(node, "annotation", None), *getattr(node, "targets", [])):
            if part is not None:
                self.visit(part)
        if hasattr(node, "target"):
            self.visit(node.target)

    visit_AnnAssign = visit_AugAssign = visit_Assign

    def visit_For(self, node: ast.For) -> None:
        for part in (node.iter, node.target, *node.body, *node.orelse):
            self.visit(part)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def _inside(self, body: list[ast.AST] | list[ast.stmt], names: set[str], *, is_function: bool) -> None:
        self._scopes.append((names, is_function))
        for node in body:
            self.visit(node)
        self._scopes.pop()

    def _bind(self, name: str) -> None:
        if self._scopes:
            self._scopes[-1][0].add(name)
        else:
            self.binds.add(name)
            self.imports.pop(name, None)


def _parameters(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg for argument in every if argument}


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [value for value in (*arguments.defaults, *arguments.kw_defaults) if value]


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return [found for found in [*(one.annotation for one in every if one), node.returns] if found]


def _stored(body: list[ast.stmt]) -> set[str]:
    """Every name that is assigned, defined or imported somewhere in a body."""
    found: set[str] = set()
    for node in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found
