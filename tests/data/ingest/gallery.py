"""
Sorting a tensor
================

**Author**: nobody
"""

import torch

######################################################################
# The values
# ----------
# ``torch.sort`` gives the values and where they were.

values, places = torch.sort(torch.tensor([3, 1, 2]))

# %%
# Looking at them

print(values, places)
