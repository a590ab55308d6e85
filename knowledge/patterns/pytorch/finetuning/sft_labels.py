# /// pattern
# id = "pt.finetuning.sft-labels"
# topic = "finetuning.sft"
# questions = [
#   "mask the prompt in the loss when fine-tuning a language model",
#   "labels -100 for the prompt tokens, train on completions only",
#   "supervised fine-tuning loss only on the answer",
#   "instruction tuning collate function with padding",
#   "my fine-tuned model never stops generating",
#   "model does not generate the eos token after fine-tuning",
#   "sft loss mask promt tokens",
# ]
# apis = ["torch.nn.utils.rnn.pad_sequence", "torch.nn.functional.cross_entropy"]
# replaces = ["trl.DataCollatorForCompletionOnlyLM", "SFTTrainer(completion_only_loss=True)"]
# why = """Prompt and padding get the label -100, which adds nothing to the loss, so the model learns to answer and not
# to ask. Labels stand at the same places as ids, and the loss compares logits at t with the label at t + 1."""
# pitfalls = """Where padding has the id of the end token, a mask by id takes the end token too, and the model never
# learns to stop: mask by length. Tokenise prompt and answer apart, or the token at the seam may be another one."""
# when_not = "Pre-training on plain text: every token is a label."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the end of an answer is never learnt"
# ///
"""Fine-tuning on answers: labels of prompt and padding are left out of the loss, the end token is not."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

IGNORED = -100
END = 0
"""Also used for padding, as many tokenisers have no token of its own for it."""


def collate(examples: list[tuple[list[int], list[int]]]) -> dict[str, torch.Tensor]:
    """Prompts and answers as ids; to ids, labels and attention mask (N, T), padded on the right."""
    ids = [torch.tensor([*prompt, *answer, END]) for prompt, answer in examples]
    labels = [torch.tensor([IGNORED] * len(prompt) + [*answer, END]) for prompt, answer in examples]
    return {
        "ids": pad_sequence(ids, batch_first=True, padding_value=END),
        "labels": pad_sequence(labels, batch_first=True, padding_value=IGNORED),
        "mask": pad_sequence([torch.ones_like(row) for row in ids], batch_first=True).bool(),
    }


def answer_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over the labels (N, T) that count, from logits (N, T, V) at the same places."""
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)


if __name__ == "__main__":
    torch.manual_seed(0)
    examples = [([5, 6, 7], [8, 9]), ([4], [3, 2, 1, 2])]
    batch = collate(examples)
    assert batch["ids"].tolist() == [[5, 6, 7, 8, 9, END], [4, 3, 2, 1, 2, END]]
    assert batch["labels"].tolist() == [[IGNORED] * 3 + [8, 9, END], [IGNORED, 3, 2, 1, 2, END]]
    shorter = collate([*examples, ([1], [2])])
    assert shorter["labels"][2].tolist() == [IGNORED, 2, END, *[IGNORED] * 3]  # one END counts, padding does not
    assert shorter["mask"].sum(dim=1).tolist() == [6, 6, 3]

    logits = torch.randn(2, 6, 10, requires_grad=True)
    loss = answer_loss(logits, batch["labels"])
    loss.backward()
    log_probabilities = logits.log_softmax(dim=2)
    by_hand = [
        -log_probabilities[row, len(prompt) + place - 1, token]  # the logits before a token predict it
        for row, (prompt, answer) in enumerate(examples)
        for place, token in enumerate([*answer, END])
    ]
    torch.testing.assert_close(loss, torch.stack(by_hand).mean())
    assert logits.grad[0, :2].eq(0).all() and logits.grad[0, 2:5].ne(0).all()  # asks: no; answers and ends: yes

    model = nn.Sequential(nn.Embedding(10, 16), nn.Linear(16, 10))  # any model with (N, T) -> (N, T, V)
    assert answer_loss(model(shorter["ids"]), shorter["labels"]).isfinite()
    print(f"{(shorter['labels'] != IGNORED).sum()} of {shorter['labels'].numel()} labels count")
