"""Several small programs into one module: imports first, then the definitions in order."""

import ast


def merge_modules(docstring: str, sources: list[str]) -> str:
    """One module from the definitions of several.

    Sources are programs without a main part: docstring, imports, definitions. Equal imports are
    written once; the names that they bind must agree, and no two sources may define the same name.
    """
    imports: dict[str, None] = {}
    bodies: list[str] = []
    defined: set[str] = set()
    for source in sources:
        tree = ast.parse(source)
        lines = source.splitlines()
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports[ast.unparse(node)] = None
        names = _defined_names(tree)
        if clash := defined & names:
            raise ValueError(f"two patterns define {', '.join(sorted(clash))}")
        defined |= names
        bodies.append("\n".join(lines[_body_start(tree) :]).strip("\n"))
    return "\n\n".join([f'"""{docstring}"""', "\n".join(imports), *bodies]) + "\n"


def _body_start(tree: ast.Module) -> int:
    """Index of the first line after the docstring and the imports."""
    header = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(node)]
    return max((node.end_lineno or 0 for node in header), default=0)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _defined_names(tree: ast.Module) -> set[str]:
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names
