"""Right although two modules share a weight and one model has no optimiser: tying, and an averaged copy."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

VOCABULARY, CONTEXT = 20, 3


class NextToken(nn.Module):
    """A feed-forward language model whose output layer is its embedding."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.hidden = nn.Linear(CONTEXT * width, 48)
        self.back = nn.Linear(48, width)
        self.output = nn.Linear(width, VOCABULARY, bias=False)
        self.output.weight = self.embedding.weight

    def forward(self, context: Tensor) -> Tensor:
        features = torch.tanh(self.hidden(self.embedding(context).flatten(1)))
        return self.output(self.back(features))


def make_examples(count: int) -> tuple[Tensor, Tensor]:
    """The next token is the sum of the first and the last in the context, modulo the vocabulary, or sometimes noise."""
    context = torch.randint(VOCABULARY // 2, (count, CONTEXT))
    target = (context[:, 0] + context[:, -1]) % VOCABULARY
    noisy = torch.rand(count) < 0.05
    return context, torch.where(noisy, torch.randint(VOCABULARY, (count,)), target)


def main(decay: float = 0.98) -> None:
    torch.manual_seed(12)
    context, target = make_examples(2000)
    test_context, test_target = make_examples(400)
    model = NextToken()
    averaged = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(8):
        losses = []
        for rows in torch.randperm(len(target)).split(50):
            loss = F.cross_entropy(model(context[rows]), target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for slow, fast in zip(averaged.parameters(), model.parameters(), strict=True):
                    slow.lerp_(fast, 1.0 - decay)
            losses.append(loss.item())
        with torch.no_grad():
            accuracy = (averaged(test_context).argmax(1) == test_target).float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
