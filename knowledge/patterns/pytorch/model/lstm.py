# /// pattern
# id = "pt.model.lstm"
# topic = "model.text"
# role = "model"
# provides = "lstm"
# entry = "LSTMClassifier"
# twin = "tf.model.lstm"
# questions = [
#   "lstm text classification pytorch",
#   "bidirectional lstm with padded sequences",
#   "how do I use pack_padded_sequence",
#   "ignore padding in an lstm",
#   "sentiment classifier rnn torch",
#   "sequence classification with embeddings and lstm",
#   "lstm clasifier variable length pytroch",
# ]
# errors = ["Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
#   "'lengths' argument should be a 1D CPU int64 tensor", "IndexError: index out of range in self"]
# apis = ["torch.nn.LSTM", "torch.nn.Embedding", "torch.nn.utils.rnn.pack_padded_sequence",
#   "torch.nn.utils.rnn.pad_packed_sequence"]
# why = """Packed, the LSTM stops at the end of each sequence and its backward direction starts there, so a sequence
# gives the same logits however much padding its batch needs. The mean over its tokens is what the head reads."""
# pitfalls = "Unpacked, the last output of a padded sequence is what the LSTM made of the padding."
# when_not = "Long texts and much data: a transformer reads all positions at once and trains faster on a GPU."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: padding changed the features"
# ///
"""A bidirectional LSTM that classifies padded token sequences and ignores the padding."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class LSTMClassifier(nn.Module):
    """Embedding, bidirectional LSTM, mean over the tokens, linear head. Id 0 is padding, on the right."""

    def __init__(
        self,
        *,
        vocab_size: int,
        num_classes: int,
        embedding_dim: int = 64,
        hidden_dim: int = 64,
        num_layers: int = 1,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.lstm = nn.LSTM(
            embedding_dim,
            hidden_dim,
            num_layers=num_layers,
            batch_first=True,
            bidirectional=True,
            dropout=dropout if num_layers > 1 else 0.0,  # between layers: there is no place for it in a single one
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * hidden_dim, num_classes)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids (N, T) to logits (N, num_classes)."""
        lengths = ids.ne(0).sum(dim=1).clamp(min=1)  # (N,); an empty sequence counts as one padding token
        embedded = self.dropout(self.embedding(ids))  # (N, T, E)
        packed = pack_padded_sequence(embedded, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)  # (N, longest, 2 H), 0 in the padding
        pooled = outputs.sum(dim=1) / lengths.unsqueeze(1)  # (N, 2 H)
        return self.head(self.dropout(pooled))


if __name__ == "__main__":
    torch.manual_seed(0)
    model = LSTMClassifier(vocab_size=50, num_classes=3)
    ids, labels = torch.randint(1, 50, (32, 10)), torch.randint(0, 3, (32,))
    ids[:, 7:] = 0
    ids[0] = 0  # an empty text does no harm

    model.eval()
    longer = torch.cat([ids, torch.zeros(32, 5, dtype=torch.int64)], dim=1)
    torch.testing.assert_close(model(longer), model(ids))  # more padding, the same answer

    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(ids), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
