# /// pattern
# id = "pt.train.ema"
# topic = "train.averaging"
# twin = "tf.train.ema"
# questions = [
#   "exponential moving average of weights pytorch",
#   "AveragedModel with get_ema_multi_avg_fn",
#   "ema model for evaluation",
#   "which decay for ema weights in a short training",
#   "average the weights over training steps to smooth validation loss",
#   "ema of model parameters torch",
#   "exponental moving averge model weights",
#   "ema weights much worse than the model",
# ]
# apis = ["torch.optim.swa_utils.AveragedModel", "torch.optim.swa_utils.get_ema_multi_avg_fn"]
# replaces = ["torch_ema.ExponentialMovingAverage", "timm.utils.ModelEmaV2", "ema = deepcopy(model) and a loop by hand"]
# why = """At a constant rate the weights keep jumping around a minimum; their running average lies nearer to it. The
# demo measures it on a regression with noisy batches. The average is evaluated and saved, never trained."""
# pitfalls = """A decay d remembers about 1 / (1 - d) steps: 0.999 needs thousands of them. Update after every
# optimizer.step, not after every epoch. BatchNorm's statistics are copied from the model, not averaged, unless
# use_buffers=True."""
# when_not = "A schedule that falls to zero does much of the same: measure before keeping both."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: most of the average is still the untrained model"
# ///
"""An exponential moving average of the weights beside the training, for evaluation."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def make_average(model: nn.Module, decay: float) -> AveragedModel:
    """A copy of the model that follows it: average = decay * average + (1 - decay) * model at each update."""
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay)).eval()


if __name__ == "__main__":
    torch.manual_seed(0)
    features = torch.randn(1024, 8)
    truth = torch.randn(8, 1)
    targets = features @ truth + 2 * torch.randn(1024, 1)  # much noise: small batches disagree
    model = nn.Linear(8, 1)
    average = make_average(model, decay=0.95)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history, losses = [], []
    for _ in range(200):
        batch = torch.randint(0, 1024, (8,))
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        average.update_parameters(model)
        history.append(model.weight.detach().clone())
        losses.append(loss.item())

    by_hand = history[0]  # the first update copies
    for weight in history[1:]:
        by_hand = 0.95 * by_hand + 0.05 * weight
    torch.testing.assert_close(average.module.weight, by_hand, rtol=1e-4, atol=1e-5)

    last_errors = torch.stack([(weight.T - truth).square().mean() for weight in history[-50:]])
    error = (average.module.weight.T - truth).square().mean()
    assert error < 0.5 * last_errors.mean(), (error, last_errors.mean())

    # For the file: the bare weights, which fit the bare model.
    fresh = nn.Linear(8, 1)
    fresh.load_state_dict(average.module.state_dict())
    torch.testing.assert_close(fresh(features), average(features))
    print(f"error of the weights: {last_errors.mean():.3f} by the last steps, {error:.3f} by the average")
