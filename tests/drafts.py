"""The programs in tests/data/drafts, each named for what is wrong with it, and the question that they answer."""

from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "drafts"
QUESTION = "classify scikit-learn's digits with a small network in PyTorch, no TensorBoard"


def program(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def reply(name: str) -> str:
    """The program as a model gives it: prose around a fenced file."""
    return f"Here is the project.\n\n```python train.py\n{program(name)}```\n"
