"""Code that looks for what watches it, or writes where only the observers do. Training needs neither."""

import ast
import re
from collections.abc import Iterator

from assistant.scope.finding import found
from assistant.scope.sources import Source
from knowledge.syntax import dotted
from sandbox.report import Finding

INTERPRETER = {
    "sys.settrace", "sys.setprofile", "sys.gettrace", "sys.getprofile", "threading.settrace", "gc.get_objects",
    "gc.get_referrers", "gc.get_referents", "sys.addaudithook", "sys._getframe", "sys._current_frames",
    "inspect.currentframe", "inspect.stack", "inspect.getouterframes",
}  # fmt: skip
REPLACING = re.compile(r"^os\.(?:exec|spawn|posix_spawn)\w*$")
DESCRIPTORS = {"os.write", "os.writev", "os.pwrite", "os.fdopen", "os.dup", "os.dup2", "open", "io.open", "io.FileIO"}
OUTPUTS = (0, 1, 2)
INTERNALS = {"__code__", "__closure__", "__wrapped__", "__globals__", "__module__"}
FRAMEWORKS = {"torch", "keras", "tensorflow", "tf"}
WATCHERS = re.compile(r"^observe(?:\.\w+)*$|gradproof|^/tmp/work\b")
FIX = "Remove it; training needs no view of the interpreter, nor of what watches it."


def find_snooping(source: Source) -> Iterator[Finding]:
    """Tracing, the frames above, all live objects, open descriptors, the framework's own code, or the observers."""
    for node in ast.walk(source.tree):
        if told := _calls(node) or _reads(node):
            yield found(source, node, "looks-at-the-interpreter", "critical", f"{told}.", FIX)
        elif modules := _imports(node):
            message = f"{modules[0]!r} is imported, which is not the project's."
            yield found(source, node, "looks-at-the-interpreter", "warning", message, FIX)


def _calls(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    name = dotted(node.func)
    if name in INTERPRETER:
        return f"{name} looks into the interpreter that runs the program"
    if REPLACING.match(name):
        return f"{name} puts another program in the place of this one, and what it did is not told"
    first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    if name in DESCRIPTORS and type(first) is int and first not in OUTPUTS:
        return f"{name} reaches for descriptor {first}, which the program did not open"
    return ""


def _reads(node: ast.AST) -> str:
    """`torch.autograd.backward.__code__`, or text that names the checker and its folders."""
    if isinstance(node, ast.Attribute) and node.attr in INTERNALS and dotted(node).split(".")[0] in FRAMEWORKS:
        return f"{dotted(node)} looks at what the framework's own function is made of"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WATCHERS.search(node.value):
        return f"{node.value[:40]!r} is a name of what checks the program"
    return ""


def _imports(node: ast.AST) -> list[str]:
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    modules += [one.name for one in node.names] if isinstance(node, ast.Import) else []
    return [name for name in modules if name.split(".")[0] == "observe"]
