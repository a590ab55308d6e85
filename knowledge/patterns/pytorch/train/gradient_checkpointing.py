# /// pattern
# id = "pt.train.gradient-checkpointing"
# topic = "train.memory"
# twin = "tf.train.gradient-checkpointing"
# questions = [
#   "gradient checkpointing in pytorch",
#   "activation checkpointing to save memory",
#   "use_reentrant warning torch.utils.checkpoint",
#   "out of memory with a deep network",
#   "trade compute for memory torch",
#   "gradiant checkpointing use_reentrant",
# ]
# errors = ["torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly",
#   "CUDA out of memory", "None of the inputs have requires_grad=True. Gradients will be None"]
# apis = ["torch.utils.checkpoint.checkpoint"]
# why = """Only the input of each block is kept; backward computes the rest again. The demo counts what autograd keeps:
# a fraction, for one more forward pass and the same gradients."""
# pitfalls = "use_reentrant=True, the old form, gives no gradient at all when the block's input needs none."
# when_not = "The model fits: it costs an extra forward pass."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: no gradient reached the weights"
# ///
"""Recompute activations in backward instead of keeping them."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


class CheckpointedBlocks(nn.Module):
    """Blocks in sequence, of which training keeps the inputs only."""

    def __init__(self, *blocks: nn.Module) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the blocks make of x, one after the other."""
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False)
        return x


if __name__ == "__main__":
    torch.manual_seed(0)
    blocks = [nn.Sequential(nn.Linear(32, 128), nn.GELU(), nn.Dropout(0.1), nn.Linear(128, 32)) for _ in range(4)]
    x = torch.randn(64, 32)

    def gradients_and_kept_values(model: nn.Module) -> tuple[list[torch.Tensor], int]:
        kept = []

        def remember(tensor: torch.Tensor) -> torch.Tensor:
            kept.append(tensor.numel())
            return tensor

        torch.manual_seed(1)  # the same dropout; checkpoint restores it for the second forward
        with torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor):
            loss = model(x).square().mean()
        model.zero_grad()
        loss.backward()
        return [parameter.grad.clone() for parameter in model.parameters()], sum(kept)

    plain, kept_by_plain = gradients_and_kept_values(nn.Sequential(*blocks))
    checkpointed, kept_by_checkpointed = gradients_and_kept_values(CheckpointedBlocks(*blocks))
    for expected, gradient in zip(plain, checkpointed, strict=True):
        torch.testing.assert_close(gradient, expected)
    assert kept_by_checkpointed < 0.5 * kept_by_plain
    print(f"values kept for backward: {kept_by_plain:,} plain, {kept_by_checkpointed:,} checkpointed")
