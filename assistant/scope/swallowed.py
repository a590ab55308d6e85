"""Failures that are caught and not told, programs that leave early, and warnings that nobody sees."""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from assistant.python_source import last_name
from assistant.scope.finding import found
from assistant.scope.sources import Source
from knowledge.syntax import dotted
from sandbox.report import Finding, Severity

TRAINING = {
    "backward", "step", "fit", "evaluate", "forward", "apply_gradients", "train_on_batch", "criterion", "loss_fn",
    "main", "run", "model", "net", "minimize", "run_epoch", "validate", "predict",
}  # fmt: skip
TRAINED = frozenset({"backward", "step", "fit", "evaluate", "apply_gradients", "train_on_batch", "main", "train"})
EXPECTED = {
    "ImportError", "ModuleNotFoundError", "StopIteration", "KeyboardInterrupt", "FileNotFoundError", "FileExistsError",
    "OSError", "EOFError", "NotImplementedError", "PermissionError", "UnicodeDecodeError", "JSONDecodeError",
}  # fmt: skip
"""Exceptions that training code does not raise by being wrong."""
EXITS = {"sys.exit", "exit", "quit", "SystemExit"}
OUTSIDE = {
    "subprocess",
    "os",
    "shutil",
    "platform",
    "importlib",
    "sys",
    "logging",
    "socket",
    "locale",
    "signal",
    "metadata",
}
TIDYING = {
    "close", "unlink", "rmtree", "remove", "flush", "shutdown", "terminate", "kill", "join", "strip", "decode", "split",
    "version", "is_available", "device_count", "get_device_name", "set_start_method", "print", "str", "Path", "warning",
    "set_memory_growth", "set_float32_matmul_precision", "enable_op_determinism", "add_graph", "list_physical_devices",
}  # fmt: skip
"""Calls of the machine around a program, of clean-ups and of settings: without them training is what it was."""
SURFACE = "Let the exception end the program, or mend what raises it."


def find_swallowed_failures(source: Source) -> Iterator[Finding]:
    """Whatever may fail inside of try or suppress, or below an `__exit__`, whose failure then counts for nothing."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Try) and not _must_fail(node):
            for handler in node.handlers:
                if severity := _swallows(handler, node.body):
                    message = "A failure is caught here, and the program goes on as if nothing had been."
                    yield found(source, handler, "exception-swallowed", severity, message, SURFACE)
        elif isinstance(node, (ast.With, ast.AsyncWith)) and any(
            _suppresses(one.context_expr, node.body) for one in node.items
        ):
            message = "A failure is suppressed here, and the program goes on as if nothing had been."
            yield found(source, node, "exception-swallowed", "critical", message, SURFACE)
        elif isinstance(node, ast.FunctionDef) and node.name == "__exit__" and _returns_true(node):
            message = "Whatever fails inside of this context is suppressed."
            yield found(source, node, "exception-swallowed", "critical", message, SURFACE)


def _swallows(handler: ast.ExceptHandler, body: list[ast.stmt]) -> Severity | None:
    """How bad it is that this handler goes on after a failure of the body; None where it is right to."""
    broad = _is_broad(handler.type)
    if not _catches_faults(handler.type) or _surfaces(handler) or not (_trains(body) or (broad and _works(body))):
        return None
    return "critical" if broad or _trains(body, TRAINED) else "warning"


def _works(body: list[ast.stmt]) -> bool:
    """Whether the project's own work may fail here: more than an import, a clean-up, or a look at the machine."""
    calls = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return any(last_name(one.func) not in TIDYING and dotted(one.func).split(".")[0] not in OUTSIDE for one in calls)


def _returns_true(node: ast.FunctionDef) -> bool:
    returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
    return any(isinstance(one, ast.Constant) and one.value is True for one in returned)


def trains(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a call looks like training, evaluating or calling a model."""
    if not isinstance(node, ast.Call):
        return False
    name = last_name(node.func)
    if name in ("run", "main") and not isinstance(node.func, ast.Name):
        return False
    return name in TRAINING or (name.startswith(("train", "fit_", "evaluate_")) and name != "train_test_split")


def _trains(body: list[ast.stmt], names: frozenset[str] | None = None) -> bool:
    calls = [node for statement in body for node in ast.walk(statement) if trains(node)]
    return any(names is None or last_name(call.func) in names for call in calls)


def _must_fail(node: ast.Try) -> bool:
    """`try: ... except ...: ... else: raise` shows that something fails, as it should."""
    return any(isinstance(one, (ast.Raise, ast.Assert)) for statement in node.orelse for one in ast.walk(statement))


def _is_broad(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or last_name(one) in ("Exception", "BaseException") for one in kinds)


def _catches_faults(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or last_name(one) not in EXPECTED for one in kinds)


def _surfaces(handler: ast.ExceptHandler) -> bool:
    """Whether the handler raises, leaves with a status that tells, fails the test, or trains in another way."""
    for statement in handler.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Raise) and not _is_clean_exit(node.exc):
                return True
            if isinstance(node, ast.Call) and (_tells(node) or trains(node)):
                return True
    return False


def _tells(call: ast.Call) -> bool:
    name = dotted(call.func)
    return (name in EXITS and not _is_clean_exit(call)) or name in ("pytest.fail", "self.fail")


def _is_clean_exit(node: ast.expr | None) -> bool:
    """`sys.exit()`, `sys.exit(0)`, `SystemExit(0)` and the like."""
    if not isinstance(node, ast.Call) or dotted(node.func) not in EXITS:
        return False
    return not node.args or (isinstance(node.args[0], ast.Constant) and node.args[0].value in (0, None, False))


def _suppresses(context: ast.expr, body: list[ast.stmt]) -> bool:
    if not isinstance(context, ast.Call) or last_name(context.func) != "suppress":
        return False
    faults = any(last_name(one) not in EXPECTED for one in context.args)
    return faults and (_trains(body) or (any(_is_broad(one) for one in context.args) and _works(body)))


def find_early_exits(source: Source) -> Iterator[Finding]:
    """`os._exit`, which skips all that would be told at the end; a clean exit from inside of a loop."""
    fix = "Let the script run to its end."
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and dotted(node.func) == "os._exit":
            message = "os._exit ends the program at once, and what it did is not told."
            yield found(source, node, "exits-early", "critical", message, fix)
        elif isinstance(node, (ast.For, ast.While)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call) and _is_clean_exit(inner) and dotted(inner.func) != "SystemExit":
                    message = "The program leaves from inside of a loop as if it had come to its end."
                    yield found(source, inner, "exits-early", "warning", message, fix)


def find_hidden_warnings(source: Source) -> Iterator[Finding]:
    """A filter for all warnings; one for a message or a category is somebody's decision."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or last_name(node.func) not in ("filterwarnings", "simplefilter"):
            continue
        ignores = any(isinstance(one, ast.Constant) and one.value == "ignore" for one in node.args[:1])
        if ignores and len(node.args) == 1 and not node.keywords:
            message = "All warnings are hidden, those of the framework among them."
            fix = "Remove the filter, or name the one message that is meant."
            yield found(source, node, "warnings-hidden", "warning", message, fix)


def find_ends_at_a_loss(source: Source) -> Iterator[Finding]:
    """`if loss < 0.1: break`: training ends where a number that nobody asked for is reached."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.If) or not any(isinstance(one, ast.Break) for one in node.body):
            continue
        test = node.test
        compared = isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Lt, ast.LtE))
        if not compared or not isinstance(test.comparators[0], ast.Constant):
            continue
        name = next((said for one in ast.walk(test.left) if "loss" in (said := last_name(one)).lower()), None)
        if name:
            message = f"Training ends as soon as {name} is below {test.comparators[0].value}: nobody asked for that."
            fix = "Train for the epochs asked for, or stop on validation data with a patience."
            yield found(source, node, "ends-at-a-loss", "warning", message, fix)
