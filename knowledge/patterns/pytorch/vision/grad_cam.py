# /// pattern
# id = "pt.vision.grad-cam"
# topic = "vision.explanation"
# twin = "tf.vision.grad-cam"
# questions = [
#   "grad-cam in pytorch",
#   "which pixels made the cnn decide",
#   "heatmap of a convolutional layer for a class",
#   "explain a prediction of an image classifier",
#   "class activation map with hooks",
#   "saliency heat map torch overlay",
#   "gradcam pytroch",
#   "grad cam element 0 of tensors does not require grad",
# ]
# errors = ["RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn"]
# apis = ["torch.autograd.grad", "torch.nn.Module.register_forward_hook", "torch.nn.functional.interpolate"]
# replaces = ["pytorch_grad_cam.GradCAM", "register_backward_hook"]
# why = """The gradient of a class's logit with respect to a convolutional layer, averaged over the image, says how much
# each channel speaks for the class; the channels in these proportions, negative parts cut off, say where. Taken of the
# logit, not of the probability, whose gradient vanishes as soon as the network is sure."""
# pitfalls = """eval mode, but not no_grad. The last convolutional layer has the most meaning and the coarsest grid. It
# shows what the network used, not that it was right to."""
# when_not = "Sharp outlines are wanted, or another kind of network: integrated gradients on the pixels."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: element 0 of tensors does not require grad"
# ///
"""Grad-CAM (Selvaraju et al., arXiv 1610.02391): where a CNN saw what it decided on."""

import torch
from torch import nn
from torch.nn import functional as F


def grad_cam(model: nn.Module, layer: nn.Module, images: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Heat maps (N, H, W) in [0, 1] for class numbers (N,); layer is a convolutional one of the model."""
    outputs: list[torch.Tensor] = []
    handle = layer.register_forward_hook(lambda _module, _args, output: outputs.append(output))
    try:
        logits = model(images)  # (N, K)
    finally:
        handle.remove()
    features = outputs[0]  # (N, C, h, w)
    score = logits.gather(1, classes[:, None]).sum()
    (gradient,) = torch.autograd.grad(score, features)
    weights = gradient.mean(dim=(2, 3), keepdim=True)  # (N, C, 1, 1)
    heat = (weights * features).sum(dim=1, keepdim=True).relu()
    heat = F.interpolate(heat, size=images.shape[-2:], mode="bilinear")[:, 0]
    return (heat / heat.amax(dim=(1, 2), keepdim=True).clamp(min=1e-9)).detach()


class TwoColours(nn.Module):
    """Images (N, 3, H, W) to logits (N, 2), made by hand: class 0 is seen by red, class 1 by blue."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 2, 3, padding=1, stride=2)
        with torch.no_grad():
            self.convolution.weight.zero_()
            self.convolution.bias.zero_()
            self.convolution.weight[0, 0] = self.convolution.weight[1, 2] = 1 / 9
        self.head = nn.Linear(2, 2, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.convolution(images).mean(dim=(2, 3)))


if __name__ == "__main__":
    torch.manual_seed(0)
    model = TwoColours().eval()
    with torch.no_grad():
        model.head.weight.copy_(torch.tensor([[5.0, -5.0], [-5.0, 5.0]]))
    images = torch.zeros(1, 3, 32, 32)
    images[0, 0, 4:10, 4:10] = 1  # red at the top left
    images[0, 2, 20:28, 18:26] = 1  # blue at the bottom right
    for target, (row, column) in {0: (6.5, 6.5), 1: (23.5, 21.5)}.items():
        heat = grad_cam(model, model.convolution, images, torch.tensor([target]))[0]
        pixels, total = torch.arange(32.0), heat.sum()
        place = (heat.sum(dim=1) @ pixels / total, heat.sum(dim=0) @ pixels / total)  # row, column
        assert abs(place[0] - row) < 1.5 and abs(place[1] - column) < 1.5, place
        print(f"class {target}: heat around row {place[0]:.1f}, column {place[1]:.1f}")

    # Behind an average and a linear head the weights of the channels are those of the head: the older CAM.
    features = model.convolution(images)
    cam = (features * model.head.weight[1].view(1, -1, 1, 1)).sum(1, keepdim=True).relu()
    cam = F.interpolate(cam, size=(32, 32), mode="bilinear")[:, 0]
    heat = grad_cam(model, model.convolution, images, torch.tensor([1]))
    torch.testing.assert_close(heat, (cam / cam.max()).detach(), rtol=1e-4, atol=1e-5)
