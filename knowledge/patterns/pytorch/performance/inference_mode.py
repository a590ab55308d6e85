# /// pattern
# id = "pt.performance.inference-mode"
# topic = "performance.inference"
# questions = [
#   "torch.inference_mode vs torch.no_grad",
#   "Inference tensors cannot be saved for backward",
#   "Inplace update to inference tensor outside InferenceMode is not allowed",
#   "does model.eval() turn off gradients",
#   "precompute features with a frozen backbone then train a head",
#   "fastest way to run predictions in pytorch",
#   "inferense mode no grad difference",
# ]
# errors = [
#   "RuntimeError: Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mod",
#   "RuntimeError: Inplace update to inference tensor outside InferenceMode is not allowed.",
# ]
# apis = ["torch.inference_mode", "torch.no_grad", "torch.Tensor.is_inference", "torch.nn.Module.eval"]
# replaces = ["torch.autograd.no_grad", "Variable(volatile=True)", "torch.set_grad_enabled(False) for ever"]
# why = """Both record no graph. inference_mode also drops the version counters that autograd needs, so its results can
# never enter a training later; results of no_grad can. eval() is something else: it changes dropout and batch norm, and
# gradients go on."""
# pitfalls = """A tensor from inference_mode that a training must use after all is made ordinary by clone(), outside of
# it."""
# when_not = "Features that are computed once and then trained on: no_grad."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Inference tensors cannot be saved for backward."
# ///
"""Without gradients: inference_mode for predictions, no_grad for what a training uses later, eval for neither."""

import torch
from torch import nn


@torch.inference_mode()
def predict(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Class numbers (N,) from features (N, D), with dropout off; the model's mode is put back."""
    was_training = model.training
    model.eval()
    labels = model(x).argmax(dim=1)
    model.train(was_training)
    return labels


@torch.no_grad()
def extract(backbone: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Features (N, F) that a head may be trained on."""
    return backbone.eval()(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.5))
    head = nn.Linear(16, 3)
    model = nn.Sequential(backbone, head)
    x = torch.randn(32, 4)

    by_hand = (x @ backbone[0].weight.T + backbone[0].bias).clamp(min=0)
    by_hand = (by_hand @ head.weight.T + head.bias).argmax(dim=1)
    assert predict(model, x).equal(by_hand) and model.training and backbone[2].training

    features = extract(backbone, x)
    assert not features.requires_grad and not features.is_inference()
    nn.functional.cross_entropy(head(features), torch.arange(32) % 3).backward()
    assert head.weight.grad is not None and backbone[0].weight.grad is None

    with torch.inference_mode():
        closed = backbone(x)
    refused = ""
    try:
        head(closed)
    except RuntimeError as error:
        refused = str(error)
    assert refused.startswith("Inference tensors cannot be saved for backward")
    head(closed.clone())  # an ordinary tensor again
    assert model.eval()(x).requires_grad  # eval alone keeps recording
    print("labels", predict(model, x)[:8].tolist())
