"""Which public names a program uses, seen through its imports and aliases, without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.lint.guarded import guarded_statements

Scope = dict[str, str | None]
"""Name -> the dotted name that it stands for; None for a name of the program's own."""
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Use:
    """One place where something of a library is used, or an attribute of an object of unknown type."""

    line: int
    dotted: str | None
    """ "torch.cuda.amp.autocast", whatever the program calls it."""
    attribute: str | None = None
    """The last name of the chain, where the object is unknown."""
    receiver: ast.expr | None = None
    """That object."""
    call: ast.Call | None = None
    """The call, where it is what is called."""


def find_uses(tree: ast.Module) -> list[Use]:
    """Every use, in the order of the text. Imports that the program guards against failure are none."""
    reader = _Reader(guarded_statements(tree))
    reader.read_scope(tree, tree.body)
    return reader.uses


class _Reader(ast.NodeVisitor):
    def __init__(self, guarded: frozenset[int]) -> None:
        self.uses: list[Use] = []
        self.scopes: list[Scope] = []
        self.guarded = guarded

    def read_scope(self, owner: ast.AST, body: list[ast.stmt]) -> None:
        """Visit the statements with what they bind, and what the arguments bind, in view."""
        arguments = _arguments(owner) if isinstance(owner, FUNCTIONS) else []
        self.scopes.append(dict.fromkeys(arguments))
        self._bind(body)
        for statement in body:
            self.visit(statement)
        self.scopes.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
            self.visit(outside)
        self.read_scope(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)
        self.read_scope(node, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self.read_scope(node, [ast.Expr(node.body)])

    def visit_Import(self, node: ast.Import) -> None:
        if id(node) not in self.guarded:
            self.uses += [Use(node.lineno, alias.name) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and not node.level and id(node) not in self.guarded:
            self.uses += [Use(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._use(node, None)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._use(node, None)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute | ast.Name):
            self._use(node.func, node)
        else:
            self.visit(node.func)
        for argument in (*node.args, *node.keywords):
            self.visit(argument)

    def _use(self, node: ast.Attribute | ast.Name, call: ast.Call | None) -> None:
        dotted = self._resolve(node)
        line = node.end_lineno or node.lineno
        if dotted is not None:
            self.uses.append(Use(line, dotted, call=call))
        elif isinstance(node, ast.Attribute):
            self.uses.append(Use(line, None, attribute=node.attr, receiver=node.value, call=call))
            self.visit(node.value)

    def _resolve(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Attribute):
            base = self._resolve(node.value)
            return f"{base}.{node.attr}" if base else None
        if not isinstance(node, ast.Name):
            return None
        return next((scope[node.id] for scope in reversed(self.scopes) if node.id in scope), None)

    def _bind(self, body: list[ast.stmt]) -> None:
        """Fill the innermost scope: imports first, then names given to parts of them, all else is the program's own."""
        scope = self.scopes[-1]
        nodes = [node for statement in body for node in _same_scope(statement)]
        assigned = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        scope.update(dict.fromkeys(assigned))
        scope.update({node.name: None for node in nodes if isinstance(node, OWN_SCOPE[:3])})
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                scope.update(_imported(node))
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if assigned.count(name) == 1 and scope[name] is None and isinstance(node.value, ast.Attribute):
                    scope[name] = self._resolve(node.value)


def _imported(node: ast.Import | ast.ImportFrom) -> Scope:
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
            for alias in node.names
        }
    module = node.module if not node.level else None
    return {alias.asname or alias.name: f"{module}.{alias.name}" if module else None for alias in node.names}


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it that binds names in the same scope."""
    yield node
    if not isinstance(node, OWN_SCOPE):
        for child in ast.iter_child_nodes(node):
            yield from _same_scope(child)


def _arguments(function: FUNCTIONS) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [argument.arg for argument in every if argument]
