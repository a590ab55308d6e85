# /// pattern
# id = "pt.model.dropout"
# topic = "model.layers"
# twin = "tf.model.dropout"
# questions = [
#   "dropout still active in eval mode pytorch",
#   "model gives different outputs for the same input after model.eval()",
#   "F.dropout or nn.Dropout",
#   "F.dropout training=self.training",
#   "create nn.Dropout inside forward",
#   "does torch dropout scale the remaining values",
#   "droput pytroch inference",
# ]
# apis = ["torch.nn.Dropout", "torch.nn.functional.dropout", "torch.nn.Module.eval", "torch.nn.Module.training"]
# replaces = ["nn.Dropout(0.5)(x) inside forward", "F.dropout(x, 0.5)", "keep_prob"]
# why = """eval() reaches modules that are attributes of the model. A Dropout made in forward is new and in train mode
# each time, and F.dropout drops by default (training=True), so both go on dropping in eval mode: predictions differ
# from call to call and are worse."""
# pitfalls = """p is the share that is dropped, not kept. What stays is divided by 1 - p, so nothing is to be scaled at
# inference. eval() does not turn gradients off: that is torch.inference_mode()."""
# when_not = """Uncertainty by many draws (Monte Carlo dropout) wants it active: call dropout.train() on these modules
# after model.eval(). Between convolutions: nn.Dropout2d, which drops whole channels."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: two predictions of one input differ"
# ///
"""Dropout that eval() turns off: a module made in __init__, or a function that is told the mode."""

import torch
from torch import nn
from torch.nn import functional as F


class Classifier(nn.Module):
    """Features (B, D) to logits (B, classes)."""

    def __init__(self, features: int, hidden: int, classes: int, *, rate: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, hidden)
        self.dropout = nn.Dropout(rate)
        self.head = nn.Linear(hidden, classes)
        self.rate = rate

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        x = self.dropout(self.hidden(inputs).relu())  # (B, hidden)
        x = F.dropout(x, self.rate, training=self.training)  # the same as a function; here for comparison
        return self.head(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    features = torch.randn(256, 8)
    labels = features[:, :3].argmax(dim=1)
    model = Classifier(8, 64, 3, rate=0.25)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(features), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses

    with torch.inference_mode():
        assert not torch.equal(model(features[:4]), model(features[:4]))  # train mode: drawn anew
        model.eval()
        assert torch.equal(model(features[:4]), model(features[:4]))
        dropped = nn.Dropout(0.25)(torch.ones(1000, 100))
    assert abs((dropped == 0).float().mean() - 0.25) < 0.02 and abs(dropped.mean() - 1) < 0.02
    torch.testing.assert_close(dropped.max(), torch.tensor(1 / (1 - 0.25)))
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, dropped {(dropped == 0).float().mean():.3f}")
