# /// pattern
# id = "pt.debugging.index-range"
# topic = "debugging.data"
# questions = [
#   "IndexError: index out of range in self embedding",
#   "device-side assert triggered, how to find the reason",
#   "Target 3 is out of bounds cross entropy",
#   "labels start at 1 instead of 0 pytorch",
#   "embedding vocabulary size too small",
#   "CUDA_LAUNCH_BLOCKING debug label out of range",
#   "index out of rnage embeding torch",
# ]
# errors = ["IndexError: index out of range in self", "IndexError: Target 3 is out of bounds.",
#   "CUDA error: device-side assert triggered",
#   "Assertion `t >= 0 && t < n_classes` failed", "Assertion `srcIndex < srcSelectDimSize` failed"]
# apis = ["torch.nn.Embedding", "torch.nn.functional.cross_entropy", "torch.Tensor.aminmax"]
# replaces = ["CUDA_LAUNCH_BLOCKING=1"]
# why = """On the CPU an index out of range is named at once; on a GPU it surfaces later, at another line, and the
# process's CUDA context is lost. One look at the smallest and largest number of the data, before the first step, finds
# it: labels from 1 to K, a special token beyond the vocabulary, -1 for unknown."""
# pitfalls = """aminmax waits for the GPU: check the data set once, not each batch. To find the line of a device-side
# assert run one batch on the CPU."""
# when_not = "Inside the training loop: each check on a GPU waits for it; check the data once, before."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises IndexError: index out of range in self"
# ///
"""Ids and labels are checked against the sizes of the model before training."""

import torch
from torch import nn
from torch.nn import functional as F


def check_range(values: torch.Tensor, *, size: int, name: str, ignored: int | None = None) -> None:
    """Raise ValueError where an integer is not in [0, size); `ignored` may stand anywhere."""
    if values.is_floating_point():
        raise ValueError(f"{name} are {values.dtype}; they must be integers")
    counted = values if ignored is None else values[values != ignored]
    if counted.numel() == 0:
        return
    lowest, highest = (int(end) for end in counted.aminmax())
    if lowest < 0 or highest >= size:
        hint = "; do they start at 1?" if (lowest, highest) == (1, size) else ""
        raise ValueError(f"{name} go from {lowest} to {highest}, but there are {size}: 0 to {size - 1}{hint}")


def message(values: torch.Tensor, *, size: int, ignored: int | None = None) -> str:
    """What check_range says of labels, or ""."""
    try:
        check_range(values, size=size, name="labels", ignored=ignored)
    except ValueError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    torch.manual_seed(0)
    labels = torch.tensor([1, 2, 3, 3])
    assert message(labels, size=3) == "labels go from 1 to 3, but there are 3: 0 to 2; do they start at 1?"
    assert message(labels - 1, size=3) == "" == message(torch.tensor([0, -100]), size=3, ignored=-100)
    assert "labels go from -1 to 2" in message(torch.tensor([2, -1]), size=3)
    assert "float32" in message(torch.tensor([0.0]), size=3)

    logits, words = torch.randn(4, 3), torch.tensor([[4, 10]])
    for run, expected in (
        (lambda: F.cross_entropy(logits, labels), "Target 3 is out of bounds"),
        (lambda: nn.Embedding(10, 2)(words), "index out of range in self"),
    ):
        try:
            run()
        except IndexError as error:
            assert expected in str(error)
        else:
            raise AssertionError("the index was accepted")
    assert F.cross_entropy(logits, labels - 1).isfinite()
    assert nn.Embedding(int(words.max()) + 1, 2)(words).shape == (1, 2, 2)
    print(message(labels, size=3))
