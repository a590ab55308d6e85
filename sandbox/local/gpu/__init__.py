"""NVIDIA's GPUs on the host's side: which there are, what of them a jail needs, who has which, and what they do."""
