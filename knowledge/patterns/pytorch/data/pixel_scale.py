# /// pattern
# id = "pt.data.pixel-scale"
# topic = "data.preprocessing"
# twin = "tf.data.pixel-scale"
# questions = [
#   "why divide images by 255 pytorch",
#   "scale pixel values to 0 1 without ToTensor",
#   "expected scalar type Byte but found Float uint8 images",
#   "model does not learn with raw pixels 0 to 255",
#   "uint8 images into a network torch",
#   "normalise inside the model so that serving cannot forget it",
#   "mat1 and mat2 must have the same dtype, but got Byte and Float",
#   "pixle values normalise pytroch",
# ]
# errors = ["RuntimeError: mat1 and mat2 must have the same dtype, but got Byte and Float"]
# apis = ["torch.Tensor.float", "torch.nn.Module", "torch.optim.SGD"]
# replaces = ["torchvision.transforms.ToTensor", "torchvision.transforms.ConvertImageDtype", "x / 255 in the notebook"]
# why = """A step in the direction of the gradient is as large as the inputs: on digits of 0 to 255 plain SGD at rate
# 0.1 gave nothing but chance, in the demo, and on the same digits of 0 to 1 more than 80 % in five epochs. Adam
# forgives more of it. As a module the division is a part of the model: it is exported and cannot be forgotten in
# use."""
# pitfalls = """Divide once: a float image is 0..1 already where ToTensor or ToDtype(scale=True) has run;
# torch.from_numpy alone scales nothing. Keep uint8 in the data set and convert on the device: a quarter of the
# traffic."""
# when_not = "A pretrained network: its own mean and deviation, after the division."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: mat1 and mat2 must have the same dtype, but got Byte and Float"
# ///
"""Pixels from 0..255 to 0..1 inside the model, and what it is like without."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F


class Pixels(nn.Module):
    """uint8 (B, ...) to float32, times `scale`."""

    def __init__(self, scale: float = 1 / 255) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.float() * self.scale


def trained(images: torch.Tensor, labels: torch.Tensor, *, scale: float) -> nn.Sequential:
    """Five epochs of SGD on images (N, 8, 8) of uint8."""
    torch.manual_seed(0)
    model = nn.Sequential(Pixels(scale), nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(5):
        for some_images, some_labels in zip(images.split(16), labels.split(16), strict=True):
            optimizer.zero_grad()
            F.cross_entropy(model(some_images), some_labels).backward()
            optimizer.step()
    return model.eval()


if __name__ == "__main__":
    digits = load_digits()
    images, labels = torch.tensor(digits.images * (255 / 16)).byte(), torch.tensor(digits.target)
    accuracy = {}
    for name, scale in (("raw", 1.0), ("scaled", 1 / 255)):
        model = trained(images[:1400], labels[:1400], scale=scale)
        with torch.inference_mode():
            accuracy[name] = (model(images[1400:]).argmax(dim=1) == labels[1400:]).float().mean().item()
    print({name: round(value, 2) for name, value in accuracy.items()})
    assert accuracy["scaled"] > 0.75 and accuracy["raw"] < 0.5

    with torch.inference_mode():  # the bytes of a camera go in as they are
        outside = model[1:](torch.tensor(digits.images[1400:] * (255 / 16)).byte().double().div(255).float())
        torch.testing.assert_close(model(images[1400:]), outside)
