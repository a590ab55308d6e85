"""An embedding with one row per word: padding and unknown have ids as well, so the last words have no row."""

import torch
from torch import nn

words = ["what", "a", "fine", "film"]
vocabulary = {word: number for number, word in enumerate(words, start=2)}  # 0 is padding, 1 is unknown

embedding = nn.Embedding(len(vocabulary), 8)  # wrong: len(vocabulary) + 2
embedding(torch.tensor([[vocabulary["what"], vocabulary["film"], 0]]))
