# /// pattern
# id = "pt.nlp.pretrained-embeddings"
# topic = "nlp.embeddings"
# twin = "tf.nlp.pretrained-embeddings"
# questions = [
#   "load glove vectors into nn.Embedding",
#   "use pretrained word2vec embeddings in pytorch",
#   "nn.Embedding.from_pretrained freeze",
#   "padding_idx with pretrained embeddings",
#   "embedding matrix for my vocabulary, words without a vector",
#   "fine-tune pretrained embeddings later",
#   "padding row of the embedding is not zero",
#   "pretraned embeding glove torch",
# ]
# apis = ["torch.nn.Embedding.from_pretrained", "torch.nn.Embedding", "torch.Tensor.requires_grad_"]
# replaces = ["torchtext.vocab.GloVe", "torchtext.vocab.Vectors"]
# why = """One row for each id of the vocabulary: the word's vector where the file has it, small random numbers where
# not, zeros for padding. from_pretrained freezes unless told otherwise; padding_idx keeps row 0 from ever getting a
# gradient."""
# pitfalls = """from_pretrained does not clear the padding row: put zeros there. Rows go by your ids, not by the file's
# order. Read only the words that you need: the file has some 400,000."""
# when_not = "A pretrained transformer: it brings its own embeddings."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the embedding did not change"
# ///
"""Word vectors from a text file (as of GloVe) in the rows of an embedding, in the order of one's own vocabulary."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

PADDING, UNKNOWN = 0, 1


def read_vectors(path: Path, words: Iterable[str]) -> dict[str, torch.Tensor]:
    """The vectors (D,) of those words that the file has; a line is a word and D numbers."""
    wanted, vectors = set(words), {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.rstrip().split(" ")
            if word in wanted:
                vectors[word] = torch.tensor([float(number) for number in numbers])
    return vectors


def build_embedding(vocabulary: dict[str, int], vectors: dict[str, torch.Tensor], *, freeze: bool) -> nn.Embedding:
    """Rows for PADDING, UNKNOWN and the words of vocabulary, whose ids are 2 and up."""
    dim = len(next(iter(vectors.values())))
    known = torch.stack(list(vectors.values()))
    weight = known.std() * torch.randn(len(vocabulary) + 2, dim)  # for words without a vector
    for word, vector in vectors.items():
        weight[vocabulary[word]] = vector
    weight[PADDING] = 0
    return nn.Embedding.from_pretrained(weight, freeze=freeze, padding_idx=PADDING)


if __name__ == "__main__":
    torch.manual_seed(0)
    vocabulary = {"river": 2, "bank": 3, "zzyzx": 4}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.txt"
        path.write_text("the 1 1 1\nbank 0.5 -0.5 2\nriver 1 0 -1\n", encoding="utf-8")
        vectors = read_vectors(path, vocabulary)
    assert sorted(vectors) == ["bank", "river"]  # nothing that is not needed

    embedding = build_embedding(vocabulary, vectors, freeze=False)
    ids = torch.tensor([[2, 3, PADDING], [4, UNKNOWN, PADDING]])  # (N, T)
    embedded = embedding(ids)  # (N, T, D)
    assert embedded[0].tolist() == [[1, 0, -1], [0.5, -0.5, 2], [0, 0, 0]]
    assert embedded[1, 0].ne(0).all()

    before = embedding.weight.detach().clone()
    optimizer = torch.optim.SGD(embedding.parameters(), lr=0.1)
    (embedded - 1).square().sum().backward()  # padding would be pulled to 1 as well
    optimizer.step()
    moved = (embedding.weight - before).abs().sum(dim=1) > 0
    assert moved.tolist() == [False, True, True, True, True]  # all but the padding

    frozen = build_embedding(vocabulary, vectors, freeze=True)
    assert not frozen.weight.requires_grad
    frozen.requires_grad_(True)  # later, at a small learning rate
    print(f"{len(vectors)} of {len(vocabulary)} words have a vector")
