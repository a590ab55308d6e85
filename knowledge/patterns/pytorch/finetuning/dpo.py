# /// pattern
# id = "pt.finetuning.dpo"
# topic = "finetuning.preferences"
# questions = [
#   "DPO loss in pytorch",
#   "direct preference optimization from scratch",
#   "chosen and rejected log probabilities with a reference model",
#   "sequence log probability of an answer under a language model",
#   "dpo loss stays at 0.693",
#   "what does beta do in dpo",
#   "preference tunning loss torch",
# ]
# apis = ["torch.nn.functional.logsigmoid", "torch.Tensor.gather", "torch.nn.functional.log_softmax", "copy.deepcopy"]
# replaces = ["trl.DPOTrainer", "reward model and PPO"]
# why = """The loss is -log sigmoid(beta * margin): how much more the policy has raised the chosen answer than the
# rejected one, against a frozen copy of where it began (arXiv 2305.18290). At the start both are equal: margin 0, loss
# log 2. No reward model and no sampling are needed."""
# pitfalls = """Sum log probabilities over the answer, without the prompt and without padding. The reference is a copy,
# not a second name, and gets no gradient. Both answers may become rarer while the margin grows: watch the chosen
# one."""
# when_not = "There is one right answer: plain fine-tuning on it."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the loss stayed at 0.693"
# ///
"""Direct preference optimisation: raise chosen answers over rejected ones, against a frozen copy of the model."""

import copy
import math

import torch
from torch import nn
from torch.nn import functional as F

IGNORED = -100


def answer_log_probability(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Sum over the labels (N, T) that are not IGNORED, from logits (N, T, V) at the same places, to (N,)."""
    labels = labels[:, 1:]
    counts = labels != IGNORED
    log_probabilities = F.log_softmax(logits[:, :-1], dim=2).gather(2, labels.clamp(min=0)[..., None])[..., 0]
    return (log_probabilities * counts).sum(dim=1)


def dpo_loss(policy: torch.Tensor, reference: torch.Tensor, *, beta: float = 0.1) -> torch.Tensor:
    """Log probabilities (2, N) of chosen and rejected answers under both models, to a scalar."""
    raised = policy - reference  # (2, N)
    return -F.logsigmoid(beta * (raised[0] - raised[1])).mean()


def log_probabilities(model: nn.Module, pairs: tuple[torch.Tensor, torch.Tensor], *, prompt: int) -> torch.Tensor:
    """(2, N) for chosen and rejected texts (N, T), of which the first `prompt` tokens are given."""
    return torch.stack(
        [answer_log_probability(model(ids), F.pad(ids[:, prompt:], (prompt, 0), value=IGNORED)) for ids in pairs]
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    policy = nn.Sequential(nn.Embedding(12, 32), nn.Linear(32, 12))  # any model with (N, T) -> (N, T, V)
    reference = copy.deepcopy(policy).requires_grad_(False)
    prompts = torch.randint(0, 12, (64, 3))
    chosen = torch.cat([prompts, torch.randint(6, 12, (64, 4))], dim=1)  # high numbers are preferred
    rejected = torch.cat([prompts, torch.randint(0, 6, (64, 4))], dim=1)
    pairs = (chosen, rejected)

    before = log_probabilities(reference, pairs, prompt=3)  # (2, N), once: the reference never changes
    token_by_token = sum(reference(chosen[:1])[0, t - 1].log_softmax(dim=0)[chosen[0, t]] for t in range(3, 7))
    torch.testing.assert_close(before[0, 0], token_by_token)
    assert (
        abs(
            dpo_loss(torch.tensor([[-4.0], [-9.0]]), torch.tensor([[-6.0], [-6.0]]), beta=0.2).item()
            - math.log(1 + math.exp(-0.2 * 5))
        )
        < 1e-6
    )

    optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = dpo_loss(log_probabilities(policy, pairs, prompt=3), before)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert abs(losses[0] - math.log(2)) < 1e-5 and losses[-1] < 0.5 * losses[0]

    with torch.no_grad():
        after = log_probabilities(policy, pairs, prompt=3)
        torch.testing.assert_close(log_probabilities(reference, pairs, prompt=3), before)
    assert ((after - before)[0] > (after - before)[1]).float().mean() > 0.95
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, margin {(after - before).diff(dim=0).neg().mean():.1f} nats")
