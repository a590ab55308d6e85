# /// pattern
# id = "pt.evaluation.classification"
# topic = "train.evaluation"
# role = "evaluation"
# provides = "classification"
# entry = "evaluate"
# twin = "tf.evaluation.classification"
# questions = [
#   "evaluate a classifier in pytorch",
#   "compute accuracy on the test set",
#   "model.eval and torch.no_grad or inference_mode",
#   "validation loop torch",
#   "my validation accuracy changes every time I run it",
#   "exact mean loss over batches of different size",
#   "evalute acuracy pytorch",
# ]
# errors = ["Inference tensors cannot be saved for backward",
#   "Expected more than 1 value per channel when training, got input size torch.Size([1, 64])"]
# apis = ["torch.nn.Module.eval", "torch.inference_mode", "torch.argmax"]
# replaces = ["torch.no_grad"]
# why = """eval() switches dropout off and BatchNorm to its running statistics; inference_mode() keeps no graph. Counts
# are summed over samples, so a smaller last batch weighs what it should."""
# pitfalls = "The mean of the batches' means is not the mean over samples."
# when_not = "Rare classes: accuracy hides them; count a confusion matrix."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: dropout was active"
# ///
"""Loss and accuracy of a classifier, exact over all samples of a loader."""

import torch
from torch import nn
from torch.utils.data import DataLoader


@torch.inference_mode()
def evaluate(model: nn.Module, loader: DataLoader, criterion: nn.Module, device: torch.device) -> dict[str, float]:
    """{"loss": mean per sample, "accuracy": 0 to 1} of a model that returns logits (N, K); its mode is restored."""
    was_training = model.training
    model.eval()
    loss, correct, seen = torch.zeros((), device=device), torch.zeros((), device=device), 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)  # (N, K)
        loss += criterion(logits, targets) * len(targets)
        correct += (logits.argmax(dim=1) == targets).sum()
        seen += len(targets)
    model.train(was_training)
    return {"loss": loss.item() / seen, "accuracy": correct.item() / seen}


if __name__ == "__main__":
    from torch.utils.data import TensorDataset

    torch.manual_seed(0)
    features, labels = torch.randn(100, 4), torch.randint(0, 3, (100,))
    loader = DataLoader(TensorDataset(features, labels), batch_size=32)  # 32, 32, 32 and 4
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 3))
    criterion, cpu = nn.CrossEntropyLoss(), torch.device("cpu")

    metrics = evaluate(model, loader, criterion, cpu)
    assert metrics == evaluate(model, loader, criterion, cpu) and model.training  # repeatable, mode restored
    logits = model.eval()(features)
    assert abs(metrics["loss"] - criterion(logits, labels).item()) < 1e-6
    assert abs(metrics["accuracy"] - (logits.argmax(dim=1) == labels).float().mean().item()) < 1e-6
    print(metrics)
