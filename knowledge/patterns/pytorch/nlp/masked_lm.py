# /// pattern
# id = "pt.nlp.masked-lm"
# topic = "nlp.masked-language-model"
# questions = [
#   "masked language model objective in pytorch",
#   "BERT style masking 80 10 10",
#   "collate function that masks tokens for MLM",
#   "which tokens count in the masked language modeling loss",
#   "do not mask padding and special tokens",
#   "mlm loss goes to zero immediately",
#   "DataCollatorForLanguageModeling in plain torch",
#   "maskd language modelling torch",
# ]
# apis = ["torch.isin", "torch.Tensor.masked_fill", "torch.where"]
# replaces = ["transformers.DataCollatorForLanguageModeling"]
# why = """15% of the words are to be guessed: labels elsewhere are -100. Of these 80% are shown as MASK, 10% as another
# word and 10% as they are, so that a word that is shown may be wrong and each has to be read (arXiv 1810.04805). Drawn
# anew for each batch, a text is another task in every epoch."""
# pitfalls = """Special tokens and padding are never chosen. Labels are taken before ids are changed. With the ids as
# labels everywhere, 85% of the answers stand in the input."""
# when_not = "Text is to be written: train a causal model."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: copying is rewarded"
# ///
"""Masking for a masked language model: 15% of the words, of which 80% MASK, 10% another word, 10% unchanged."""

import torch

PADDING, START, END, MASK = range(4)
SPECIAL = torch.tensor([PADDING, START, END, MASK])
IGNORED = -100


def mask_words(
    ids: torch.Tensor, *, vocab_size: int, share: float = 0.15, generator: torch.Generator | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids (N, T) to what the model sees and to labels, IGNORED where nothing is asked, (N, T) each."""
    wanted = torch.rand(ids.shape, generator=generator) < share
    asked = wanted & ~torch.isin(ids, SPECIAL.to(ids.device))
    labels = ids.masked_fill(~asked, IGNORED)

    draw = torch.rand(ids.shape, generator=generator)
    other = torch.randint(len(SPECIAL), vocab_size, ids.shape, generator=generator)
    shown = torch.where(asked & (draw < 0.8), MASK, ids)
    shown = torch.where(asked & (draw >= 0.8) & (draw < 0.9), other, shown)
    return shown, labels


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    vocab_size = 1000
    ids = torch.randint(4, vocab_size, (400, 64), generator=generator)
    ids[:, 0], ids[:, 50] = START, END
    ids[:, 51:] = PADDING
    before = ids.clone()

    shown, labels = mask_words(ids, vocab_size=vocab_size, generator=generator)
    assert ids.equal(before)  # the batch itself is not changed
    asked = labels != IGNORED
    words = ~torch.isin(ids, SPECIAL)
    assert not asked[~words].any() and shown[~asked].equal(ids[~asked]) and labels[asked].equal(ids[asked])
    assert abs(asked.sum() / words.sum() - 0.15) < 0.01

    masked, kept = shown[asked] == MASK, shown[asked] == ids[asked]
    shares = [part.float().mean().item() for part in (masked, ~masked & ~kept, kept)]
    for found, expected in zip(shares, (0.8, 0.1, 0.1), strict=True):
        assert abs(found - expected) < 0.03
    again, _ = mask_words(ids, vocab_size=vocab_size, generator=generator)
    assert not again.equal(shown)  # the next epoch asks for other words
    print("MASK, another word, unchanged:", [round(share, 3) for share in shares])
