"""Wrong: each token decoded on its own; half of a character is no text."""

tokens = list("Grüße".encode())  # a byte-level vocabulary: ü and ß are two tokens each
print("".join(bytes([token]).decode() for token in tokens))  # wrong: an incremental decoder, or all bytes at once
