# /// pattern
# id = "pt.model.feature-hooks"
# topic = "model.features"
# twin = "tf.model.feature-extractor"
# questions = [
#   "get the output of an intermediate layer in pytorch",
#   "register_forward_hook to save activations",
#   "extract features from the penultimate layer",
#   "how to read hidden activations without changing forward",
#   "embeddings from a trained classifier pytorch",
#   "forward hook keeps memory growing",
#   "intermidiate layer output torch hook",
#   "create_feature_extractor without torchvision",
# ]
# apis = ["torch.nn.Module.register_forward_hook", "torch.nn.Module.get_submodule", "torch.Tensor.detach"]
# replaces = ["torchvision.models.feature_extraction.create_feature_extractor", "IntermediateLayerGetter"]
# why = """A forward hook is called with each output of a module, so any layer can be read without touching forward. It
# must be removed again, or it goes on storing; and an in-place layer behind overwrites a stored output unless that is
# cloned."""
# pitfalls = """A hook runs only when the module is called: model.layer.forward(x), or F.relu in forward, passes it by.
# Under torch.compile register hooks before the first call. A layer that is used twice in one pass gives its last
# output."""
# when_not = "The features are at the end of the body: cut the model, as in nn.Sequential(*list(model)[:-1])."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the stored output was overwritten"
# ///
"""Outputs of inner layers, read by forward hooks that are removed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import nn


@contextmanager
def captured(model: nn.Module, *names: str) -> Iterator[dict[str, torch.Tensor]]:
    """Name -> output of that submodule in the latest call; a name as in named_modules(), such as "features.0"."""
    outputs: dict[str, torch.Tensor] = {}

    def save(name: str, _module: nn.Module, _args: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        outputs[name] = output.detach().clone()  # a copy: in-place layers come behind

    handles = [model.get_submodule(name).register_forward_hook(partial(save, name)) for name in names]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


class SmallCnn(nn.Module):
    """Images (N, 3, H, W) to logits (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )
        self.head = nn.Linear(8, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(images))


if __name__ == "__main__":
    torch.manual_seed(0)
    model = SmallCnn().eval()
    images = torch.randn(4, 3, 16, 16)
    with torch.no_grad(), captured(model, "features.0", "features") as outputs:
        logits = model(images)

    assert outputs["features.0"].shape == (4, 8, 16, 16) and outputs["features"].shape == (4, 8)
    convolved = nn.functional.conv2d(images, model.features[0].weight, model.features[0].bias, padding=1)
    torch.testing.assert_close(outputs["features.0"], convolved)  # before the ReLU, negative values included
    torch.testing.assert_close(outputs["features"], convolved.relu().mean(dim=(2, 3)))
    torch.testing.assert_close(logits, model.head(outputs["features"]))

    stored = outputs["features"]
    model(torch.randn(2, 3, 16, 16))
    assert outputs["features"] is stored  # the hooks are gone
    print({name: tuple(output.shape) for name, output in outputs.items()})
