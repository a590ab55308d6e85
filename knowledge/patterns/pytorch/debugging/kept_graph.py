# /// pattern
# id = "pt.debugging.kept-graph"
# topic = "debugging.memory"
# questions = [
#   "gpu memory increases with every step",
#   "memory grows every iteration pytorch",
#   "cuda out of memory after some epochs, not at once",
#   "total_loss += loss keeps the graph",
#   "appending outputs to a list runs out of memory",
#   "how much memory do saved activations take",
#   "loss.item() or loss.detach()",
#   "memmory leak training loop torch",
# ]
# errors = ["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate"]
# apis = ["torch.Tensor.detach", "torch.autograd.graph.saved_tensors_hooks"]
# replaces = ["torch.cuda.empty_cache()", "total_loss += loss"]
# why = """A loss holds its graph, and the graph every activation it saved. Added to a running sum or put in a list it
# keeps them all until the epoch ends. detach() keeps the number alone, and on a GPU does not wait, as item() does."""
# pitfalls = """The same happens with outputs collected for a metric, with hidden states, and with an exception kept in
# a variable. empty_cache frees only what nothing refers to: it does not help here."""
# when_not = "Memory that is high but constant: that is the batch, not a leak."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: 20 graphs are kept alive"
# ///
"""Running sums that keep no graphs, and how many bytes a graph holds."""

from collections.abc import Callable

import torch
from torch import nn


def saved_bytes(run: Callable[[], object]) -> int:
    """Bytes of activations that graphs still hold when run() is over, as long as its result lives."""
    alive: dict[int, int] = {}

    class Saved:
        def __init__(self, tensor: torch.Tensor) -> None:
            self.tensor = tensor.detach()  # with its grad_fn it would be a circle that is never freed
            alive[id(self)] = tensor.nbytes

        def __del__(self) -> None:
            alive.pop(id(self), None)

    with torch.autograd.graph.saved_tensors_hooks(Saved, lambda saved: saved.tensor):
        result = run()
    held = sum(alive.values())
    del result  # only now may they go
    return held


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(32, 256), nn.Tanh(), nn.Linear(256, 1))
    batches = torch.randn(20, 64, 32)

    def losses_with_graphs() -> list[torch.Tensor]:
        return [model(batch).square().mean() for batch in batches]

    def losses_alone() -> list[torch.Tensor]:
        return [model(batch).square().mean().detach() for batch in batches]

    def mean_loss() -> torch.Tensor:
        total = torch.zeros(())
        for batch in batches:
            loss = model(batch).square().mean()
            loss.backward()
            total += loss.detach()
        return total / len(batches)

    held = saved_bytes(losses_with_graphs)
    assert held > 20 * 64 * 256 * 4  # at least the output of tanh of every batch
    assert saved_bytes(losses_alone) == 0 and saved_bytes(mean_loss) == 0
    torch.testing.assert_close(mean_loss(), model(batches).square().mean())

    print(f"{held / 2**20:.1f} MiB were kept by 20 losses")
