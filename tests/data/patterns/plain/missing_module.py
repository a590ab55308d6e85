import torch
import surely_not_installed

print(surely_not_installed, torch)
