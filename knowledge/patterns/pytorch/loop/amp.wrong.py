"""The names of the first years: the scaler and the autocast of torch.cuda.amp."""

from torch.cuda.amp import GradScaler

scaler = GradScaler(enabled=False)  # wrong: torch.amp.GradScaler("cuda")
