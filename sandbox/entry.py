"""Which file of a project is run, and which framework it is written for."""

import ast
import tomllib
from collections.abc import Mapping
from typing import Literal

from sandbox.errors import ProgramError
from sandbox.sources import UNPARSED

Framework = Literal["pytorch", "tensorflow"]
PREFERRED = ("train.py", "main.py", "run.py", "__main__.py")
FRAMEWORKS: dict[str, Framework] = {
    "torch": "pytorch",
    "torchvision": "pytorch",
    "lightning": "pytorch",
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "tf_keras": "tensorflow",
}


def find_entry(files: Mapping[str, str | bytes]) -> str:
    """The script that trains. Raises ProgramError where nothing, or more than one thing, could be meant."""
    scripts = [name for name in files if name.endswith(".py") and not _is_test(name)]
    if not scripts:
        raise ProgramError("there is no Python file to run; give a script, or a folder that holds one")
    if len(scripts) == 1:
        return scripts[0]
    by_depth = sorted(scripts, key=lambda name: (name.count("/"), name))
    named = [name for wanted in PREFERRED for name in by_depth if name.rsplit("/", 1)[-1] == wanted]
    candidates = named or list(_console_scripts(files)) or [name for name in by_depth if _runs(_text(files[name]))]
    if named or len(candidates) == 1:
        return candidates[0]
    training = [name for name in candidates if _seems_to_train(_text(files[name]))]
    if len(training) == 1:
        return training[0]
    found = f"could be any of {', '.join(training or candidates or by_depth)}"
    raise ProgramError(f"which file trains the model is not clear ({found}); name it (--entry), or call it train.py")


def infer_framework(files: Mapping[str, str | bytes], entry: str) -> Framework:
    """From the imports of the entry, then of the other files. Raises ProgramError where they name none or both."""
    found = _frameworks(_text(files[entry]))
    if not found:
        others = [_frameworks(_text(text)) for name, text in files.items() if name.endswith(".py")]
        found = set().union(*others)
    if len(found) == 1:
        return found.pop()
    if not found:
        told = "neither PyTorch nor TensorFlow; give the script that trains, or say which one it uses"
    else:
        told = "both PyTorch and TensorFlow; say which one trains"
    raise ProgramError(f"{entry} imports {told}, with --framework pytorch or --framework tensorflow")


def imports_tensorboard(files: Mapping[str, str | bytes]) -> bool:
    """Whether any file names a TensorBoard writer."""
    writers = ("SummaryWriter", "callbacks.TensorBoard", "import TensorBoard", "tf.summary.create_file_writer")
    return any(writer in _text(text) for name, text in files.items() if name.endswith(".py") for writer in writers)


def function_to_call(files: Mapping[str, str | bytes], entry: str) -> str | None:
    """`package.module:function` of [project.scripts], where running the entry alone would only define it."""
    declared = _console_scripts(files).get(entry)
    return declared if declared is not None and ":" in declared and not _runs(_text(files[entry])) else None


def _console_scripts(files: Mapping[str, str | bytes]) -> dict[str, str]:
    """Path of each file that [project.scripts] names, and what is named of it."""
    try:
        project = tomllib.loads(_text(files.get("pyproject.toml", ""))).get("project", {})
    except tomllib.TOMLDecodeError:
        return {}
    targets = [str(target) for target in project.get("scripts", {}).values()]
    paths = {target.split(":")[0].replace(".", "/") + ".py": target for target in targets}
    return {path: target for name, target in paths.items() for path in (name, f"src/{name}") if path in files}


def _text(content: str | bytes) -> str:
    return content.decode("utf-8", errors="replace") if isinstance(content, bytes) else content


def _is_test(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return last.startswith("test_") or last in ("conftest.py", "setup.py") or name.startswith("tests/")


def _runs(text: str) -> bool:
    """Whether running the file does more than define things."""
    try:
        tree = ast.parse(text)
    except UNPARSED:
        return "__main__" in text
    return any(
        isinstance(node, (ast.For, ast.While, ast.With, ast.If))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in tree.body
    )


def _seems_to_train(text: str) -> bool:
    return any(word in text for word in (".backward(", ".fit(", "GradientTape", "apply_gradients", "train("))


def _frameworks(text: str) -> set[Framework]:
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except UNPARSED:
        return {name for word, name in FRAMEWORKS.items() if f"import {word}" in text or f"from {word}" in text}
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    tensorboard_only = "torch.utils.tensorboard"
    return {
        FRAMEWORKS[module.split(".")[0]]
        for module in modules
        if module.split(".")[0] in FRAMEWORKS and module != tensorboard_only
    }
