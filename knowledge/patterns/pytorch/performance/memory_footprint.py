# /// pattern
# id = "pt.performance.memory-footprint"
# topic = "performance.memory"
# twin = "tf.performance.memory-footprint"
# questions = [
#   "how much gpu memory does my model need for training",
#   "estimate memory of weights gradients and adam states",
#   "why does training need so much more memory than the model size",
#   "memory of activations per batch size pytorch",
#   "calculate memory footprint before training",
#   "will a 1B parameter model fit into 16 GB",
#   "vram usage estmate training",
# ]
# apis = ["torch.autograd.graph.saved_tensors_hooks", "torch.Tensor.untyped_storage", "torch.optim.Adam"]
# replaces = ["torchsummary", "params * 4 bytes", "torch.cuda.memory_allocated after the fact"]
# why = """Training holds four times the weights with Adam: weights, gradients and two moments, 16 bytes a parameter in
# float32. Beside them stand the activations that backward needs; they grow with the batch and, for small images or
# short layers, are soon the larger part. Both can be counted before anything large is run: the program does it for
# every tensor that autograd saves, each storage once."""
# pitfalls = """Counted at the peak between forward and backward; work space of convolutions, fragments of the allocator
# and the CUDA context (some 0.5 GB) come on top. The optimizer makes its moments in the first step: memory that fits
# until then may not afterwards."""
# when_not = "On a GPU and with the real model: torch.cuda.max_memory_allocated() after two steps."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the weights alone"
# ///
"""What does a training step keep in memory? Weights, gradients, optimizer state, and activations for each sample."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Footprint:
    """Bytes."""

    weights: int
    gradients: int
    optimizer: int
    activations: int


def size(tensors: list[torch.Tensor]) -> int:
    """Bytes of the storages behind the tensors, each storage once."""
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values())


def footprint(model: nn.Module, optimizer: torch.optim.Optimizer, inputs: torch.Tensor) -> Footprint:
    """Run one step on inputs (B, ...) and count what is kept; the outputs' mean stands for the loss."""
    saved: list[torch.Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        loss = model(inputs).mean()
    parameters = list(model.parameters())
    own = {p.untyped_storage().data_ptr() for p in parameters}
    activations = size([t for t in saved if t.untyped_storage().data_ptr() not in own])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    state = [value for kept in optimizer.state.values() for value in kept.values() if value.ndim > 0]
    gradients = [p.grad for p in parameters if p.grad is not None]
    return Footprint(size(parameters), size(gradients), size(state), activations)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    parameters = 64 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10
    found = {batch: footprint(model, torch.optim.Adam(model.parameters()), torch.randn(batch, 64)) for batch in (8, 80)}
    for counted in found.values():
        assert counted.weights == counted.gradients == 4 * parameters
        assert counted.optimizer == 8 * parameters  # two moments

    # Saved for backward, by hand: the input, and the output of each ReLU, which the next layer also reads.
    assert found[8].activations == 4 * 8 * (64 + 256 + 256)
    assert found[80].activations == 10 * found[8].activations

    plain = footprint(model, torch.optim.SGD(model.parameters(), lr=0.1), torch.randn(8, 64))
    assert plain.optimizer == 0
    print(found[80])
