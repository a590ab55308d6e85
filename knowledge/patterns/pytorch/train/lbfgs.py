# /// pattern
# id = "pt.train.lbfgs"
# topic = "train.optimizer"
# questions = [
#   "lbfgs optimizer closure pytorch",
#   "step() missing 1 required positional argument: 'closure'",
#   "second order optimizer for a small full-batch problem torch",
#   "logistic regression to full convergence in pytorch",
#   "strong_wolfe line search",
#   "lbfgs loss becomes nan",
#   "LBGFS torch closure example",
# ]
# errors = ["TypeError: LBFGS.step() missing 1 required positional argument: 'closure'"]
# apis = ["torch.optim.LBFGS", "torch.Tensor.backward"]
# replaces = ["scipy.optimize.minimize", "sklearn.linear_model.LogisticRegression(solver='lbfgs')"]
# why = """L-BFGS evaluates the loss several times in each step, so it is given a function that computes it anew:
# gradients cleared, loss, backward, loss returned. On a small smooth problem over all data it reaches the minimum to
# many digits, where the demo's SGD is still on its way after as many evaluations."""
# pitfalls = """The whole data in each call and no dropout: the line search compares losses. Without
# line_search_fn="strong_wolfe" it takes steps of length lr unseen and may diverge. float64 gives the last digits."""
# when_not = "Mini-batches or large networks: AdamW."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: missing 1 required positional argument: 'closure'"
# ///
"""Logistic regression fitted to the last digits with L-BFGS and its closure."""

import torch
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional as F


def fit(model: nn.Linear, features: torch.Tensor, labels: torch.Tensor, *, penalty: float) -> int:
    """Minimise the summed cross entropy plus penalty / 2 * |w|² over all data; the number of evaluations."""
    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=200, tolerance_grad=1e-8, tolerance_change=1e-12, line_search_fn="strong_wolfe"
    )
    evaluations = 0

    def closure() -> torch.Tensor:
        nonlocal evaluations
        evaluations += 1
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(features).squeeze(1), labels, reduction="sum")
        loss = loss + penalty / 2 * model.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)  # one step holds max_iter iterations
    return evaluations


if __name__ == "__main__":
    torch.manual_seed(0)
    features = torch.randn(200, 5, dtype=torch.float64) * torch.tensor([1.0, 3, 0.3, 1, 1])
    labels = (features @ torch.tensor([1.0, -0.5, 2, 0, 0], dtype=torch.float64) + torch.randn(200) > 0).double()
    model = nn.Linear(5, 1, dtype=torch.float64)
    evaluations = fit(model, features, labels, penalty=1.0)

    reference = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(features.numpy(), labels.numpy())
    expected = torch.from_numpy(reference.coef_)
    torch.testing.assert_close(model.weight.detach(), expected, rtol=1e-4, atol=1e-5)

    other = nn.Linear(5, 1, dtype=torch.float64)
    optimizer = torch.optim.SGD(other.parameters(), lr=0.002)
    for _ in range(evaluations):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(other(features).squeeze(1), labels, reduction="sum")
        (loss + other.weight.square().sum() / 2).backward()
        optimizer.step()
    distances = [(net.weight.detach() - expected).abs().max().item() for net in (model, other)]
    assert distances[0] < 1e-3 * distances[1]
    print(f"{evaluations} evaluations, off by {distances[0]:.1e}; SGD after as many by {distances[1]:.1e}")
