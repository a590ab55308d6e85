"""Wrong: padding is masked by its id, which is that of the end token as well."""

import torch

END = 0
ids = torch.tensor([[5, 6, 8, 9, END, END, END]])  # the first END belongs to the answer
labels = ids.masked_fill(ids == END, -100)  # wrong: mask what comes after the answer's length
assert (labels == END).any(), f"the end of an answer is never learnt: labels are {labels[0].tolist()}"
