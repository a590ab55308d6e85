# /// pattern
# id = "pt.finetuning.token-accumulation"
# topic = "finetuning.accumulation"
# questions = [
#   "gradient accumulation with batches of different token counts",
#   "gradient accumulation loss is not the same as the full batch for language models",
#   "normalise the loss by the number of tokens when accumulating",
#   "mean of means with ignore_index is wrong",
#   "num_items_in_batch in trainer loss",
#   "accumulate gradients over micro batches with padding",
#   "gradient acumulation tokens llm",
# ]
# apis = ["torch.nn.functional.cross_entropy", "torch.Tensor.backward"]
# replaces = ["loss / accumulation_steps"]
# why = """The mean of a batch is over its labels. With micro-batches of different numbers of labels the mean of their
# means weighs a label of a short one more. Sum the loss and divide by the labels of the whole step: the gradient is
# exactly that of one large batch."""
# pitfalls = """Count the labels of all micro-batches before the first backward. With several processes the count is
# over all of them, and DDP's own mean over processes must be undone."""
# when_not = "Every sample counts alike, as in classification: loss / steps is right for equal micro-batches."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the gradient differs"
# ///
"""Gradient accumulation for sequences: divided by the labels of the whole step, equal to one large batch."""

import torch
from torch import nn
from torch.nn import functional as F

IGNORED = -100


def accumulate(model: nn.Module, batches: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Add the gradients of one step, from batches of ids and labels (N, T); its mean loss comes back."""
    count = sum(int((labels[:, 1:] != IGNORED).sum()) for _, labels in batches)
    total = 0.0
    for ids, labels in batches:
        logits = model(ids)[:, :-1]  # (N, T - 1, V)
        summed = F.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum")
        (summed / max(count, 1)).backward()
        total += summed.item()
    return total / max(count, 1)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(20, 16), nn.Linear(16, 20))  # any model with (N, T) -> (N, T, V)
    ids = torch.randint(20, (8, 12))
    lengths = torch.tensor([12, 12, 11, 12, 2, 3, 2, 3])  # long answers, then short ones
    labels = ids.masked_fill(torch.arange(12) >= lengths[:, None], IGNORED)

    whole = F.cross_entropy(model(ids)[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)
    expected = torch.autograd.grad(whole, list(model.parameters()))
    loss = accumulate(model, list(zip(ids.split(2), labels.split(2), strict=True)))
    assert abs(loss - whole.item()) < 1e-5
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)

    model.zero_grad()
    accumulate(model, list(zip(ids.split(1), labels.split(1), strict=True)))  # cut another way: the same
    torch.testing.assert_close(model[1].weight.grad, expected[1])
    print(f"loss {loss:.3f} over {(labels[:, 1:] != IGNORED).sum()} labels")
