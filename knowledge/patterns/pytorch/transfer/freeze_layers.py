# /// pattern
# id = "pt.transfer.freeze-layers"
# topic = "train.transfer"
# twin = "tf.transfer.freeze-layers"
# questions = [
#   "freeze layers in pytorch",
#   "train only the last layer",
#   "fine-tune a pretrained backbone with a new head",
#   "requires_grad False but batchnorm still changes",
#   "unfreeze layers later torch",
#   "frezze backbone transfer learning",
# ]
# errors = ["element 0 of tensors does not require grad and does not have a grad_fn"]
# apis = ["torch.nn.Module.requires_grad_", "torch.nn.Module.eval", "torch.nn.Module.train"]
# why = """requires_grad_(False) stops the gradients; BatchNorm's running statistics are no parameters and move with
# every batch in train mode, so a frozen backbone must be kept in eval mode as well."""
# pitfalls = "model.train() at the start of an epoch puts the backbone back in train mode: override train()."
# when_not = "Much data of another kind than the backbone has seen: train everything, with a small learning rate."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the frozen backbone changed"
# ///
"""A frozen backbone under a new head: no gradients, no moving statistics."""

import torch
from torch import nn


class FrozenBackbone(nn.Module):
    """A backbone that gives (N, feature_dim) and is never changed, and a linear head that is trained."""

    def __init__(self, backbone: nn.Module, *, feature_dim: int, num_classes: int) -> None:
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        self.head = nn.Linear(feature_dim, num_classes)

    def train(self, mode: bool = True) -> "FrozenBackbone":
        """Train mode for the head alone: BatchNorm in the backbone keeps its statistics."""
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs of the backbone to logits (N, num_classes)."""
        return self.head(self.backbone(inputs))


if __name__ == "__main__":
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU())
    model = FrozenBackbone(backbone, feature_dim=16, num_classes=2).train()
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}

    features = torch.randn(64, 4) + 3
    labels = (features[:, 0] > 3).long()
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    assert len(trainable) == 2  # the head's weight and bias
    optimizer = torch.optim.Adam(trainable, lr=0.05)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(features), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0], losses
    assert all(torch.equal(tensor, before[name]) for name, tensor in backbone.state_dict().items())
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, backbone unchanged")
