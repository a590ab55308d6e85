# /// pattern
# id = "pt.debugging.backward-twice"
# topic = "debugging.autograd"
# questions = [
#   "Trying to backward through the graph a second time",
#   "when is retain_graph=True right",
#   "detach the hidden state between batches rnn",
#   "truncated backpropagation through time pytorch",
#   "two losses one forward pass backward",
#   "gan discriminator backward twice detach",
#   "backward second time eror retain graph",
# ]
# errors = ["""Trying to backward through the graph a second time (or directly access saved tensors after they have \
# already been freed). Saved intermediate values of the graph are freed when you call .backward()"""]
# apis = ["torch.Tensor.detach", "torch.Tensor.backward", "torch.nn.GRU"]
# replaces = ["retain_graph=True"]
# why = """backward frees the graph behind it. A hidden state carried from one batch into the next still hangs on the
# old graph: detach it, and backward ends where the batch begins. retain_graph=True instead walks back through all
# batches, and each step takes longer than the one before."""
# pitfalls = "Several losses of one forward pass are added and backward is called once; that needs no retain_graph."
# when_not = "One graph is really walked twice, as for a penalty on gradients: create_graph=True."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: Trying to backward through the graph a second time"
# ///
"""A recurrent network on one long series: the state goes on, the gradient stops at each piece."""

import torch
from torch import nn


class Forecaster(nn.Module):
    """A series (B, T, 1) and a state (1, B, H) to the next values (B, T, 1) and the state after them."""

    def __init__(self, hidden: int = 16) -> None:
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x: torch.Tensor, state: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        outputs, state = self.gru(x, state)  # (B, T, H), (1, B, H)
        return self.head(outputs), state


def graph_size(loss: torch.Tensor) -> int:
    """How many operations backward from here would visit."""
    seen, waiting = set(), [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [before for before, _ in node.next_functions]
    return len(seen)


if __name__ == "__main__":
    torch.manual_seed(0)
    series = torch.sin(torch.arange(401) / 5).view(1, -1, 1)  # (1, 401, 1)
    model = Forecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses, sizes = [], []
    for _ in range(3):
        state = None
        for start in range(0, 400, 20):
            predicted, state = model(series[:, start : start + 20], state)
            loss = nn.functional.mse_loss(predicted, series[:, start + 1 : start + 21])
            optimizer.zero_grad()
            sizes.append(graph_size(loss))
            loss.backward()
            optimizer.step()
            state = state.detach()  # the numbers go on, the graph does not
            losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    assert len(set(sizes)) <= 2  # the first piece has no state before it; then nothing grows

    state, kept = None, []
    for start in range(0, 100, 20):
        predicted, state = model(series[:, start : start + 20], state)
        kept.append(graph_size(predicted.sum()))
    assert kept == sorted(set(kept)) and kept[-1] > 3 * kept[0]  # without detach each piece drags all others along
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.4f}; operations to walk back, without detach: {kept}")
