# /// pattern
# id = "pt.evaluation.regression"
# topic = "train.evaluation"
# role = "evaluation"
# provides = "regression"
# entry = "evaluate"
# twin = "tf.evaluation.regression"
# questions = [
#   "evaluate a regression model in pytorch",
#   "compute rmse and r2 torch",
#   "r squared over batches",
#   "mean squared error on the test set",
#   "why does my regression predict the mean for everything",
#   "using a target size that is different to the input size",
#   "evalute regresion r2 pytorch",
# ]
# errors = ["Using a target size (torch.Size([32])) that is different to the input size (torch.Size([32, 1]))"]
# apis = ["torch.inference_mode", "torch.nn.MSELoss", "torch.nn.Module.eval"]
# why = """r2 and rmse are no means over batches: both need all predictions together. r2 says how much better than the
# constant mean the model is: 1 is perfect, 0 is no better."""
# pitfalls = "(N,) targets against (N, 1) predictions broadcast to (N, N): the loss then asks for the mean everywhere."
# when_not = "More samples than memory: sum the errors, the targets and their squares instead of keeping them."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: Using a target size (torch.Size([32])) that is different to the input size"
# ///
"""Loss, root mean squared error and r2 of a regression model, exact over all samples of a loader."""

import torch
from torch import nn
from torch.utils.data import DataLoader


@torch.inference_mode()
def evaluate(model: nn.Module, loader: DataLoader, criterion: nn.Module, device: torch.device) -> dict[str, float]:
    """{"loss", "rmse", "r2"} in the units of the loader's targets (N, 1); the model's mode is restored."""
    was_training = model.training
    model.eval()
    loss, predictions, truths = 0.0, [], []
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)  # (N, 1)
        loss += criterion(outputs, targets).item() * len(targets)
        predictions.append(outputs.double())
        truths.append(targets.double())
    model.train(was_training)

    prediction, truth = torch.cat(predictions), torch.cat(truths)
    squared_error = (prediction - truth).square().mean().item()
    variance = truth.var(correction=0).item()
    return {"loss": loss / len(truth), "rmse": squared_error**0.5, "r2": 1 - squared_error / variance}


if __name__ == "__main__":
    from sklearn.metrics import mean_squared_error, r2_score
    from torch.utils.data import TensorDataset

    torch.manual_seed(0)
    features = torch.randn(100, 3)
    targets = features.sum(dim=1, keepdim=True) + 0.5 * torch.randn(100, 1)
    loader = DataLoader(TensorDataset(features, targets), batch_size=32)  # 32, 32, 32 and 4
    model = nn.Linear(3, 1)
    nn.init.constant_(model.weight, 0.9)

    metrics = evaluate(model, loader, nn.MSELoss(), torch.device("cpu"))
    predictions = model(features).detach()
    assert model.training
    assert abs(metrics["loss"] - mean_squared_error(targets, predictions)) < 1e-5
    assert abs(metrics["rmse"] - mean_squared_error(targets, predictions) ** 0.5) < 1e-5
    assert abs(metrics["r2"] - r2_score(targets, predictions)) < 1e-5
    print(metrics)
