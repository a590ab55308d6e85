# /// pattern
# id = "pt.train.several-optimizers"
# topic = "train.optimizer"
# questions = [
#   "two optimizers in one training loop pytorch",
#   "SparseAdam for a large embedding and AdamW for the rest",
#   "does not support sparse gradients, please consider SparseAdam instead",
#   "sparse=True embedding which optimizer",
#   "step several optimizers and schedulers together",
#   "embedding with millions of rows, adam is slow",
#   "mutliple optimizers torch",
# ]
# errors = ["RuntimeError: Adam does not support sparse gradients, please consider SparseAdam instead"]
# apis = ["torch.optim.SparseAdam", "torch.optim.AdamW", "torch.nn.Embedding"]
# replaces = ["nn.Embedding(sparse=True) with Adam"]
# why = """With sparse=True the gradient of an embedding holds the rows that were looked up and nothing else; SparseAdam
# touches only these, so a step costs by the size of the batch and not of the table. Everything else keeps AdamW. Both
# are cleared, and both step, around a single backward."""
# pitfalls = """Rows that were not looked up do not move at all, not even by momentum. Weight decay and clip_grad_norm_
# do not work on sparse gradients. Save the state_dict of both."""
# when_not = "Tables of some ten thousand rows: one AdamW for all is faster."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: does not support sparse gradients"
# ///
"""One loss, two optimizers: SparseAdam for a large embedding, AdamW for the layers behind it."""

import torch
from torch import nn


class BagClassifier(nn.Module):
    """Item ids (N, L) to logits (N, 2)."""

    def __init__(self, num_items: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_items, width, sparse=True)
        self.head = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, items: torch.Tensor) -> torch.Tensor:
        return self.head(self.embedding(items).mean(dim=1))


def make_optimizers(model: nn.Module, *, rate: float) -> list[torch.optim.Optimizer]:
    """SparseAdam for embeddings with sparse gradients, AdamW for every other parameter."""
    tables = [module.weight for module in model.modules() if isinstance(module, nn.Embedding) and module.sparse]
    sparse = {id(table) for table in tables}
    others = [parameter for parameter in model.parameters() if id(parameter) not in sparse]
    return [torch.optim.SparseAdam(tables, lr=rate), torch.optim.AdamW(others, lr=rate)]


if __name__ == "__main__":
    torch.manual_seed(0)
    model = BagClassifier(num_items=20_000, width=16)
    items = torch.randint(0, 500, (128, 6))  # the other rows are never looked up
    labels = (items[:, 0] < 250).long()
    items[:, 1:] = items[:, :1]
    before = model.embedding.weight.detach().clone()

    optimizers = make_optimizers(model, rate=0.02)
    losses = []
    for _ in range(30):
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(items), labels)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0], losses

    gradient = model.embedding.weight.grad.coalesce()
    assert gradient.values().shape == (len(items.unique()), 16)  # not 20,000 rows
    moved = (model.embedding.weight.detach() != before).any(dim=1).nonzero().squeeze(1)
    assert torch.equal(moved, items.unique())
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, {len(moved)} of 20,000 rows moved")
