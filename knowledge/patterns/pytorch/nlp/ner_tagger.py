# /// pattern
# id = "pt.nlp.ner-tagger"
# topic = "nlp.tagging"
# twin = "tf.nlp.ner-tagger"
# questions = [
#   "named entity recognition with a BiLSTM in pytorch",
#   "part of speech tagging, one label per token",
#   "sequence labelling with padded batches",
#   "token classification loss ignoring padding",
#   "why bidirectional lstm for tagging",
#   "tagger accuracy is 95% but it finds no entities",
#   "ner bilstm pytroch",
# ]
# apis = ["torch.nn.LSTM", "torch.nn.utils.rnn.pack_padded_sequence",
#   "torch.nn.functional.cross_entropy"]
# replaces = ["torchtext", "torchcrf.CRF"]
# why = """A label for each token: the hidden states of both directions together see what comes before and after.
# Padding gets the label -100, so it counts in no loss; packed, the backward direction starts at the last token of each
# text."""
# pitfalls = """Accuracy over padding and over the common label O looks good when no entity is found: give F1 over the
# entities. Give lengths to pack_padded_sequence on the CPU."""
# when_not = "Much text and a GPU: a pretrained encoder with a linear head finds more."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: accuracy 0.85, and no entity was found"
# ///
"""A bidirectional LSTM that gives each token of padded sentences a tag, and entity scores without the padding."""

import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

IGNORED = -100


class Tagger(nn.Module):
    """Ids (N, T), 0 = padding, to logits (N, T, num_tags)."""

    def __init__(self, vocab_size: int, num_tags: int, *, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, width, padding_idx=0)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * width, num_tags)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        lengths = ids.ne(0).sum(dim=1).cpu()
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=ids.shape[1])
        return self.head(states)  # (N, T, num_tags)


def entity_f1(predicted: torch.Tensor, tags: torch.Tensor) -> float:
    """F1 over the tokens whose tag is not 0 (O); IGNORED ones do not count."""
    valid = tags != IGNORED
    predicted, tags = predicted[valid], tags[valid]
    hits = ((predicted == tags) & (tags > 0)).sum()
    return (2 * hits / ((predicted > 0).sum() + (tags > 0).sum()).clamp(min=1)).item()


def sentences(count: int, *, longest: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and tags (count, longest): a name (2..9) is a person (1) before the word 1, a place (2) after it, else O."""
    ids = torch.randint(2, 30, (count, longest)).masked_fill(torch.rand(count, longest) < 0.2, 1)
    ids = ids.masked_fill(torch.arange(longest) >= torch.randint(4, longest + 1, (count, 1)), 0)
    name = (ids >= 2) & (ids <= 9)
    before, after = F.pad(ids[:, 1:] == 1, (0, 1)), F.pad(ids[:, :-1] == 1, (1, 0))
    tags = torch.where(name & before, 1, torch.where(name & after, 2, 0))
    return ids, tags.masked_fill(ids == 0, IGNORED)


if __name__ == "__main__":
    torch.manual_seed(0)
    ids, tags = sentences(1500)
    model = Tagger(vocab_size=30, num_tags=3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(4):
        for rows in torch.randperm(1200).split(64):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(ids[rows]).flatten(0, 1), tags[rows].flatten(), ignore_index=IGNORED)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]

    model.eval()
    with torch.no_grad():
        logits = model(ids[1200:])  # sentences that were not trained on
        longer = model(F.pad(ids[1200:], (0, 5)))
    valid = ids[1200:] != 0
    torch.testing.assert_close(longer[:, :12][valid], logits[valid])  # padding changes nothing

    predicted, truth = logits.argmax(dim=2), tags[1200:]
    found = entity_f1(predicted, truth)
    by_sklearn = f1_score(truth[valid], predicted[valid], labels=[1, 2], average="micro")
    assert abs(found - by_sklearn) < 1e-6 and found > 0.9
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, F1 of the entities {found:.2f}")
