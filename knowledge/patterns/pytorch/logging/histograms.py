# /// pattern
# id = "pt.logging.histograms"
# topic = "train.logging"
# twin = "tf.logging.histograms"
# questions = [
#   "log gradient norms per layer in tensorboard",
#   "see gradients in tensorboard",
#   "weight histograms tensorboard pytorch add_histogram",
#   "see vanishing gradients layer by layer",
#   "gradient flow plot pytorch",
#   "monitor gradients during training torch",
#   "AttributeError: 'NoneType' object has no attribute 'norm' p.grad",
#   "tensorbord histogramm gradients",
# ]
# errors = ["AttributeError: 'NoneType' object has no attribute 'norm'"]
# apis = ["torch.utils.tensorboard.SummaryWriter.add_histogram", "torch.utils.tensorboard.SummaryWriter.add_scalar",
#   "torch.nn.Module.named_parameters"]
# replaces = ["wandb.watch", "plot_grad_flow"]
# why = """One number a layer tells whether gradients vanish, explode or are missing: the norm of its gradient over the
# norm of its weight. Ten sigmoid layers show it: the first layer's share is less than a thousandth of the last one's,
# with ReLU and He's initialisation they are alike. It is read between backward and zero_grad, when gradients are
# there."""
# pitfalls = """Histograms of every parameter in every batch are slow and fill the disk: once an epoch. With a
# GradScaler unscale first. Clipping changes the norms: log what was there before."""
# when_not = "One number is enough: clip_grad_norm_ returns the total norm."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: 'NoneType' object has no attribute 'norm'"
# ///
"""Gradients and weights of each layer, for TensorBoard: norms as curves, values as histograms."""

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter


def gradient_shares(model: nn.Module) -> dict[str, float]:
    """|gradient| / |weight| of each weight matrix or kernel. Call between backward and zero_grad."""
    weights = {name: p for name, p in model.named_parameters() if p.ndim > 1 and p.grad is not None}
    return {name: (p.grad.norm() / p.detach().norm()).item() for name, p in weights.items()}


def log_gradients(writer: SummaryWriter, model: nn.Module, step: int) -> None:
    """A curve for each weight, and histograms of weights and gradients."""
    for name, share in gradient_shares(model).items():
        writer.add_scalar(f"gradient/{name}", share, step)
    for name, parameter in model.named_parameters():
        writer.add_histogram(f"weight/{name}", parameter.detach(), step)
        if parameter.grad is not None:
            writer.add_histogram(f"gradient_values/{name}", parameter.grad, step)


def deep(activation: type[nn.Module]) -> nn.Sequential:
    """Ten layers of 32."""
    layers: list[nn.Module] = []
    for _ in range(10):
        layers += [nn.Linear(32, 32), activation()]
    model = nn.Sequential(*layers, nn.Linear(32, 1))
    if activation is nn.ReLU:
        for layer in model[::2]:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return model


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    torch.manual_seed(0)
    inputs, targets = torch.randn(64, 32), torch.randn(64, 1)
    ratios = {}
    for activation in (nn.Sigmoid, nn.ReLU):
        model = deep(activation)
        (model(inputs) - targets).square().mean().backward()
        shares = list(gradient_shares(model).values())
        assert len(shares) == 11
        ratios[activation.__name__] = shares[0] / shares[-2]  # the first layer against the last hidden one
    print({name: f"{ratio:.1e}" for name, ratio in ratios.items()})
    assert ratios["Sigmoid"] < 1e-3 and 0.01 < ratios["ReLU"] < 100

    with TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            log_gradients(writer, model, step=0)
        events = EventAccumulator(folder, size_guidance={"histograms": 0}).Reload()
    assert len(events.Tags()["scalars"]) == 11 and len(events.Tags()["histograms"]) == 2 * 22
    histogram = events.Histograms("weight/0.weight")[0].histogram_value
    assert histogram.num == 32 * 32 and abs(histogram.sum - model[0].weight.sum().item()) < 1e-2
