# /// pattern
# id = "pt.compression.distillation"
# topic = "compression.distillation"
# twin = "tf.compression.distillation"
# questions = [
#   "knowledge distillation pytorch training loop",
#   "train a small student model from a large teacher",
#   "soft targets temperature and alpha distillation",
#   "teacher student training example",
#   "compress a classifier by distillation",
#   "distil with unlabelled data",
#   "knowlege distilation",
# ]
# apis = ["torch.nn.functional.kl_div", "torch.nn.functional.log_softmax"]
# replaces = ["mse between probabilities of teacher and student"]
# why = """The teacher's softened probabilities tell how classes resemble each other, more than a label does, and they
# are there for unlabelled samples too. Here 30 labels bring a student of 610 parameters to an accuracy of 0.71, and the
# teacher's answers on 470 unlabelled digits bring it to 0.87; the teacher, eight times its size, has 0.90."""
# pitfalls = """The teacher is in eval mode and without gradients. The factor T² keeps the soft part's weight as T
# changes. kl_div takes logarithms first and the mean "batchmean"."""
# when_not = "Labels are plenty and the student is large enough: train it on them."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the teacher was trained as well"
# ///
"""Knowledge distillation (Hinton et al., arXiv 1503.02531): a small student learns from a teacher's soft answers."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F


def distillation_loss(
    student: torch.Tensor, teacher: torch.Tensor, labels: torch.Tensor, *, temperature: float = 3.0, alpha: float = 0.9
) -> torch.Tensor:
    """alpha * soft part + (1 - alpha) * cross entropy; logits (N, K), labels (N,), -100 where there is none."""
    soft = F.kl_div(
        F.log_softmax(student / temperature, dim=1),
        F.log_softmax(teacher / temperature, dim=1),
        reduction="batchmean",
        log_target=True,
    )
    hard = F.cross_entropy(student, labels, ignore_index=-100)
    return alpha * temperature**2 * soft + (1 - alpha) * hard


def mlp(width: int) -> nn.Sequential:
    """Digits (N, 64) to logits (N, 10)."""
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))


def train_model(model: nn.Module, x: torch.Tensor, labels: torch.Tensor, *, teacher: nn.Module | None = None) -> None:
    """100 steps of Adam on all rows, with the teacher's answers where a teacher is given."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    if teacher is not None:
        with torch.no_grad():  # once: the inputs do not change
            answers = teacher.eval()(x)
    for _ in range(100):
        optimizer.zero_grad()
        logits = model(x)
        loss = F.cross_entropy(logits, labels) if teacher is None else distillation_loss(logits, answers, labels)
        loss.backward()
        optimizer.step()


@torch.no_grad()
def accuracy(model: nn.Module, x: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of right answers."""
    return (model.eval()(x).argmax(dim=1) == labels).double().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    train, test = slice(0, 500), slice(500, None)
    teacher = mlp(64)
    train_model(teacher, x[train], y[train])

    few = torch.full((500,), -100)
    few[:30] = y[:30]  # the student's own labels: 30 of 500
    alone, taught = mlp(8), mlp(8)
    taught.load_state_dict(alone.state_dict())  # both begin alike
    train_model(alone, x[:30], y[:30])
    weights = [parameter.clone() for parameter in teacher.parameters()]
    train_model(taught, x[train], few, teacher=teacher)
    assert all(a.equal(b) for a, b in zip(weights, teacher.parameters(), strict=True))

    scores = [accuracy(model, x[test], y[test]) for model in (teacher, alone, taught)]
    sizes = [sum(parameter.numel() for parameter in model.parameters()) for model in (teacher, taught)]
    print(f"teacher {scores[0]:.2f} ({sizes[0]} parameters), student {scores[1]:.2f} -> {scores[2]:.2f} ({sizes[1]})")
    assert scores[2] > scores[1] + 0.1 and sizes[1] < sizes[0] / 6
    logits = torch.randn(4, 10, requires_grad=True)
    same = distillation_loss(logits, logits.detach(), torch.zeros(4, dtype=torch.int64), alpha=1.0)
    assert same.abs() < 1e-6  # nothing to learn from an equal
