"""Broadcasting does what is called wrong here."""

import torch

if __name__ == "__main__":
    torch.ones(2) + torch.ones(1)
