import warnings


def meshgrid(*tensors):
    warnings.warn("meshgrid is deprecated; use `torch.stack`.")


def kept(x):
    warnings.warn("kept is deprecated; use `torch.stack`.")
