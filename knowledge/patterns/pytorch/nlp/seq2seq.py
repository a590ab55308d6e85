# /// pattern
# id = "pt.nlp.seq2seq"
# topic = "nlp.seq2seq"
# twin = "tf.nlp.seq2seq"
# questions = [
#   "seq2seq with attention in pytorch",
#   "encoder decoder with teacher forcing",
#   "machine translation GRU attention from scratch",
#   "decoder input shifted right, start and end token",
#   "loss is low in training but the decoded output is wrong",
#   "mask padding in attention over encoder states",
#   "seq2seq greedy decoding until eos",
#   "sequnce to sequence atention torch",
# ]
# apis = ["torch.nn.GRU", "torch.Tensor.masked_fill", "torch.nn.functional.cross_entropy"]
# replaces = ["torchtext", "legacy seq2seq tutorial"]
# why = """In training the decoder reads the right answer one place late (START, y1, y2) and must give (y1, y2, END):
# all steps at once. In use it reads what it wrote itself. Attention takes, for each output, a weighted mean of the
# encoder's states, so nothing has to fit into one vector."""
# pitfalls = """Decoder inputs that are not shifted let it copy: loss 0, and nothing is learnt. Padding of the source
# must be masked in the attention, that of the target in the loss. Measure what is decoded, not the loss under teacher
# forcing."""
# when_not = "Real translation: a pretrained transformer."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the loss is"
# ///
"""Sequence to sequence with attention: teacher forcing in training, greedy decoding in use."""

import torch
from torch import nn
from torch.nn import functional as F

PADDING, START, END = 0, 1, 2


class Seq2Seq(nn.Module):
    """A bidirectional GRU reads the source; a GRU writes, looking back at the source by attention."""

    def __init__(self, vocab_size: int, *, width: int = 48) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, width, padding_idx=PADDING)
        self.encoder = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.key = nn.Linear(2 * width, width)
        self.decoder = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(2 * width, vocab_size)

    def encode(self, source: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids (N, S) to keys (N, S, D) and which of them count, bool (N, S)."""
        states, _ = self.encoder(self.embedding(source))
        return self.key(states), source != PADDING

    def decode(
        self, ids: torch.Tensor, keys: torch.Tensor, valid: torch.Tensor, state: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens so far (N, T) to logits (N, T, V) for the next ones, and the decoder's state."""
        queries, state = self.decoder(self.embedding(ids), state)  # (N, T, D)
        scores = queries @ keys.transpose(1, 2) / keys.shape[2] ** 0.5  # (N, T, S)
        weights = scores.masked_fill(~valid[:, None], -torch.inf).softmax(dim=2)
        return self.head(torch.cat([queries, weights @ keys], dim=2)), state

    def forward(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Teacher forcing: target (N, T) begins with START; logits (N, T - 1, V) for target[:, 1:]."""
        return self.decode(target[:, :-1], *self.encode(source))[0]

    @torch.no_grad()
    def translate(self, source: torch.Tensor, *, steps: int) -> torch.Tensor:
        """Ids (N, steps), PADDING after END; each token is read back in."""
        keys, valid = self.encode(source)
        ids, state, written = torch.full((len(source), 1), START), None, []
        ended = torch.zeros(len(source), 1, dtype=torch.bool)
        for _ in range(steps):
            logits, state = self.decode(ids, keys, valid, state)
            ids = logits.argmax(dim=2).masked_fill(ended, PADDING)  # (N, 1)
            ended = ended | (ids == END)
            written.append(ids)
        return torch.cat(written, dim=1)


def reversals(count: int, *, longest: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Sources (N, longest) of 3..9 with padding, and START, the same backwards, END, padding (N, longest + 2)."""
    source = torch.zeros(count, longest, dtype=torch.int64)
    target = torch.zeros(count, longest + 2, dtype=torch.int64)
    for row, length in enumerate(torch.randint(3, longest + 1, (count,)).tolist()):
        source[row, :length] = torch.randint(3, 10, (length,))
        target[row, : length + 2] = torch.tensor([START, *source[row, :length].tolist()[::-1], END])
    return source, target


if __name__ == "__main__":
    torch.manual_seed(0)
    source, target = reversals(2200)
    model = Seq2Seq(vocab_size=10)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(8):
        for rows in torch.randperm(2000).split(64):
            optimizer.zero_grad()
            logits = model(source[rows], target[rows])
            loss = F.cross_entropy(logits.flatten(0, 1), target[rows, 1:].flatten(), ignore_index=PADDING)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]

    model.eval()
    new_source, new_target = source[2000:], target[2000:]
    step_by_step = torch.stack([model(new_source, new_target[:, : t + 2])[:, -1] for t in range(7)], dim=1)
    torch.testing.assert_close(model(new_source, new_target), step_by_step)  # no logit sees a later token
    right = (model.translate(new_source, steps=7) == new_target[:, 1:]).all(dim=1).float().mean().item()
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, {right:.0%} of new sequences reversed without a mistake")
    assert right > 0.8
