# /// pattern
# id = "pt.model.multi-input-output"
# topic = "model.building"
# twin = "tf.model.multi-input-output"
# questions = [
#   "model with two inputs and two outputs pytorch",
#   "multi-task learning with several heads",
#   "combine image features and tabular features in one network",
#   "how to sum losses of two heads with different scales",
#   "nn.ModuleDict of heads",
#   "multiple outputs different losses torch",
#   "mutli head classification and regression in one model",
#   "branch of my model is not trained, heads in a python dict",
# ]
# errors = ["TypeError: TwoInTwoOut.forward() missing 1 required positional argument: 'features'",
#   "AttributeError: 'dict' object has no attribute 'parameters'"]
# apis = ["torch.nn.ModuleDict", "torch.cat", "torch.nn.functional.cross_entropy", "torch.nn.functional.mse_loss"]
# replaces = ["self.heads = {...}", "two optimizers for two heads"]
# why = """forward may take and give as many tensors as it likes; a dict of outputs keeps names and losses together. The
# losses are added to one number and a single backward sends each to its head and all to the shared part. Heads belong
# into an nn.ModuleDict: a plain dict hides their parameters from optimizer, .to() and state_dict."""
# pitfalls = """The loss with the largest gradients rules the shared part: standardise regression targets first, and
# only then try weights. A missing target of one task is masked, not set to 0."""
# when_not = "Tasks that share no useful features: two models are easier to train."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the heads are not parameters of the model"
# ///
"""Image and table in, class and price out: two encoders, one shared part, a head for each task."""

import torch
from torch import nn


class TwoInTwoOut(nn.Module):
    """Images (N, 1, H, W) and features (N, F) to logits (N, K) and a price (N,)."""

    def __init__(self, num_features: int, num_classes: int, *, width: int = 32) -> None:
        super().__init__()
        self.image_encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, width)
        )
        self.table_encoder = nn.Linear(num_features, width)
        self.shared = nn.Sequential(nn.ReLU(), nn.Linear(2 * width, width), nn.ReLU())
        self.heads = nn.ModuleDict({"kind": nn.Linear(width, num_classes), "price": nn.Linear(width, 1)})

    def forward(self, images: torch.Tensor, features: torch.Tensor) -> dict[str, torch.Tensor]:
        both = torch.cat([self.image_encoder(images), self.table_encoder(features)], dim=1)  # (N, 2 * width)
        shared = self.shared(both)
        return {"kind": self.heads["kind"](shared), "price": self.heads["price"](shared).squeeze(1)}


def multi_task_loss(outputs: dict[str, torch.Tensor], targets: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """One loss for each task, to be added up; prices are in standard deviations, so that neither rules."""
    return {
        "kind": nn.functional.cross_entropy(outputs["kind"], targets["kind"]),
        "price": nn.functional.mse_loss(outputs["price"], targets["price"]),
    }


if __name__ == "__main__":
    torch.manual_seed(0)
    images, features = torch.randn(256, 1, 8, 8), torch.randn(256, 4)
    targets = {"kind": (features[:, 0] > 0).long(), "price": features[:, 1] + images.mean(dim=(1, 2, 3))}
    targets["price"] = (targets["price"] - targets["price"].mean()) / targets["price"].std()

    model = TwoInTwoOut(num_features=4, num_classes=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    history = []
    for _ in range(40):
        optimizer.zero_grad()
        losses = multi_task_loss(model(images, features), targets)
        sum(losses.values()).backward()
        optimizer.step()
        history.append({name: loss.item() for name, loss in losses.items()})
    assert all(history[-1][name] < 0.5 * history[0][name] for name in ("kind", "price")), history[-1]

    # Each loss reaches its own head and the shared part, and not the other head.
    losses = multi_task_loss(model(images, features), targets)
    wanted = [model.heads["price"].weight, model.image_encoder[0].weight, model.table_encoder.weight]
    reached = torch.autograd.grad(losses["kind"], wanted, allow_unused=True)
    assert [gradient is not None for gradient in reached] == [False, True, True]
    print({name: f"{history[0][name]:.2f} -> {history[-1][name]:.2f}" for name in history[0]})
