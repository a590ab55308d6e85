"""Fenced blocks as a model writes them, and two small files to put into them."""

TRAIN = "import torch\n\n\ndef main():\n    print(torch.ones(1))\n\n\nmain()\n"
MODEL = "class Net:\n    width = 8\n"


def fenced(info: str, content: str, fence: str = "```") -> str:
    return f"{fence}{info}\n{content}{fence}\n"
