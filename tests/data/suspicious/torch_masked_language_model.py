"""Right although the target equals the input at most places: the loss counts only the tokens that were masked."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MASK, VOCABULARY, LENGTH = 0, 17, 12
IGNORE = -100


class Encoder(nn.Module):
    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.positions = nn.Parameter(0.02 * torch.randn(LENGTH, width))
        self.mix = nn.Linear(LENGTH * width, 128)
        self.head = nn.Linear(128, LENGTH * VOCABULARY)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embedding(ids) + self.positions
        hidden = F.relu(self.mix(x.flatten(1)))
        return self.head(hidden).view(-1, LENGTH, VOCABULARY)


def make_sequences(count: int) -> Tensor:
    """Arithmetic progressions modulo 16, with ids from 1: any two tokens give all others."""
    start, stride = torch.randint(16, (count, 1)), torch.randint(1, 4, (count, 1))
    return 1 + (start + stride * torch.arange(LENGTH)) % 16


def corrupt(ids: Tensor) -> tuple[Tensor, Tensor]:
    """Hide 15% of the tokens; a tenth of those stay as they are, as in BERT."""
    chosen = torch.rand(ids.shape) < 0.15
    hidden = chosen & (torch.rand(ids.shape) < 0.9)
    return ids.masked_fill(hidden, MASK), ids.masked_fill(~chosen, IGNORE)


def main() -> None:
    torch.manual_seed(20)
    sequences = make_sequences(3000)
    test_inputs, test_targets = corrupt(make_sequences(300))
    model = Encoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(5):
        losses = []
        for rows in torch.randperm(len(sequences)).split(60):
            inputs, targets = corrupt(sequences[rows])
            loss = F.cross_entropy(model(inputs).transpose(1, 2), targets, ignore_index=IGNORE)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            judged = test_targets != IGNORE
            accuracy = (model(test_inputs).argmax(-1) == test_targets)[judged].float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, accuracy at masked places {accuracy:.3f}")


if __name__ == "__main__":
    main()
