# /// pattern
# id = "pt.migration.torch-six"
# topic = "migration.imports"
# questions = [
#   "No module named 'torch._six'",
#   "from torch._six import container_abcs string_classes",
#   "from torch._six import inf replacement",
#   "custom collate function with mappings and sequences",
#   "old detection code torch six import error",
#   "modul torch._six not found",
# ]
# errors = [
#   "ModuleNotFoundError: No module named 'torch._six'",
#   "ImportError: cannot import name 'container_abcs' from 'torch._six'",
# ]
# apis = ["torch.inf"]
# replaces = ["torch._six", "torch._six.container_abcs", "torch._six.string_classes", "torch._six.inf"]
# why = """torch._six bridged Python 2 and 3 and went with PyTorch 2.0. What it named is in Python itself:
# collections.abc, str, and math.inf or torch.inf."""
# pitfalls = "A str is a Sequence too: ask for it first, or the recursion never ends."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ModuleNotFoundError: No module named 'torch._six'"
# ///
"""What torch._six was imported for, in plain Python: walk through nested batches."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch


def to_device(batch: Any, device: torch.device | str) -> Any:
    """A nested batch with every tensor on the device; anything else stays as it is."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):  # container_abcs.Mapping
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, Sequence) and not isinstance(batch, str | bytes):  # string_classes
        return [to_device(value, device) for value in batch]
    return batch


if __name__ == "__main__":
    batch = {"image": torch.ones(2, 3), "boxes": [torch.ones(1, 4), torch.ones(5, 4)], "name": ["a", "b"]}
    moved = to_device(batch, "meta")
    assert moved["image"].is_meta and all(boxes.is_meta for boxes in moved["boxes"])
    assert moved["name"] == ["a", "b"] and moved["boxes"][1].shape == (5, 4)
    assert batch["image"].device.type == "cpu"  # the batch itself is untouched

    assert torch.inf == math.inf  # from torch._six import inf
    gradient = torch.tensor([3.0, -4.0])
    assert torch.linalg.vector_norm(gradient, torch.inf) == 4.0
    print({key: type(value).__name__ for key, value in moved.items()})
