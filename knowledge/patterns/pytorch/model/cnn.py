# /// pattern
# id = "pt.model.cnn"
# topic = "model.vision"
# role = "model"
# provides = "cnn"
# entry = "CNN"
# twin = "tf.model.cnn"
# questions = [
#   "small cnn in pytorch",
#   "convolutional network for 28x28 images",
#   "image classifier with conv2d batchnorm and maxpool",
#   "how do I compute the input size of the linear layer after the convolutions",
#   "simple cnn for mnist digits",
#   "cnn that works for any image size torch",
#   "convnet clasifier pytroch",
# ]
# errors = ["mat1 and mat2 shapes cannot be multiplied",
#   "Given input size: Calculated output size: (64x0x0). Output size is too small"]
# apis = ["torch.nn.Conv2d", "torch.nn.BatchNorm2d", "torch.nn.MaxPool2d", "torch.nn.AdaptiveAvgPool2d",
#   "torch.nn.Sequential"]
# why = """Adaptive pooling to 2x2 fixes the size of the head whatever the image size, so no number has to be computed
# by hand. BatchNorm replaces the convolution's bias, which is therefore left out."""
# pitfalls = "The output is logits: cross entropy applies the softmax itself."
# when_not = "Deeper than four or five stages: residual connections (resnet) train better."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: mat1 and mat2 shapes cannot be multiplied"
# ///
"""A convolutional network for images from 8x8 pixels up."""

import torch
from torch import nn


class CNN(nn.Module):
    """num_layers stages of convolution, BatchNorm and pooling; the width doubles from stage to stage, up to eightfold.

    Images are halved while they have 4 pixels or more a side, so deep networks take small images too.
    """

    def __init__(
        self,
        *,
        in_channels: int,
        image_size: tuple[int, int],
        num_classes: int,
        hidden_dim: int = 32,
        num_layers: int = 2,
        dropout: float = 0.25,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        channels, side = in_channels, min(image_size)
        for stage in range(num_layers):
            width = hidden_dim * 2 ** min(stage, 3)
            stages += [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), activation()]
            if side >= 4:
                stages.append(nn.MaxPool2d(2))
                side //= 2
            channels = width
        self.features = nn.Sequential(*stages)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(dropout), nn.Linear(4 * channels, num_classes)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to logits (N, num_classes)."""
        features = self.features(images)  # (N, width, H / 2^s, W / 2^s)
        return self.head(features)


if __name__ == "__main__":
    torch.manual_seed(0)
    for size in [(8, 8), (28, 28), (33, 47), (224, 224)]:
        deep = CNN(in_channels=3, image_size=size, num_classes=7, num_layers=5, hidden_dim=8)
        assert deep(torch.randn(2, 3, *size)).shape == (2, 7)

    model = CNN(in_channels=1, image_size=(8, 8), num_classes=10)
    images, labels = torch.randn(64, 1, 8, 8), torch.randint(0, 10, (64,))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
