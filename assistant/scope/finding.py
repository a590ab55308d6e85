"""How the scope's static rules say what they found."""

import ast

from assistant.scope.sources import Source
from sandbox.report import Finding, Severity


def found(
    source: Source, node: ast.AST, id: str, severity: Severity, message: str, fix: str, **evidence: str
) -> Finding:
    line = getattr(node, "lineno", None)
    return Finding(id=id, severity=severity, file=source.path, line=line, message=message, fix=fix, evidence=evidence)
