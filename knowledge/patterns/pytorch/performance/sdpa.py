# /// pattern
# id = "pt.performance.sdpa"
# topic = "performance.attention"
# twin = "tf.performance.dot-product-attention"
# questions = [
#   "F.scaled_dot_product_attention example",
#   "scaled_dot_product_attention attn_mask True means attend or ignore",
#   "flash attention in plain pytorch",
#   "attention out of memory for long sequences",
#   "is_causal with a padding mask",
#   "convert key_padding_mask to attn_mask",
#   "select the sdpa backend sdpa_kernel",
#   "sdpa attension mask inverted",
# ]
# apis = ["torch.nn.functional.scaled_dot_product_attention", "torch.nn.attention.sdpa_kernel",
#   "torch.nn.attention.SDPBackend"]
# replaces = ["torch.backends.cuda.sdp_kernel", "flash_attn.flash_attn_func",
#   "xformers.ops.memory_efficient_attention", "softmax(q @ k.T) by hand"]
# why = """One call for softmax(q kᵀ / √d) v that never holds all T x T weights where a fused kernel fits. Its boolean
# mask says where attention MAY go (True = attend); nn.MultiheadAttention's key_padding_mask says the opposite. An
# inverted mask raises nothing: every query then reads the padding alone."""
# pitfalls = """dropout_p acts whenever it is given: pass 0.0 in evaluation. Join a causal and a padding mask with &, as
# here, instead of passing is_causal beside a mask."""
# when_not = "The weights themselves are wanted, for a picture: compute the formula. Masks by rule: flex_attention."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the result changes with the padding"
# ///
"""Fused attention, F.scaled_dot_product_attention: the formula it equals, and what its masks mean."""

import math

import torch
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel


def attention_by_formula(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """q (B, H, T, D), k and v (B, H, S, D), allowed broadcastable to (B, H, T, S), to (B, H, T, D)."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return scores.masked_fill(~allowed, -math.inf).softmax(dim=-1) @ v


def causal_and_padding(lengths: torch.Tensor, steps: int) -> torch.Tensor:
    """(B,) to (B, 1, T, T): True where a query may look, at itself and before, and not at padding."""
    causal = torch.ones(steps, steps, dtype=torch.bool, device=lengths.device).tril()
    valid = torch.arange(steps, device=lengths.device) < lengths[:, None]  # (B, T)
    return causal & valid[:, None, None, :]


if __name__ == "__main__":
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 2, 4, 6, 8).unbind()  # each (2 samples, 4 heads, 6 steps, 8)
    lengths = torch.tensor([6, 4])
    allowed = causal_and_padding(lengths, steps=6)
    result = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
    torch.testing.assert_close(result, attention_by_formula(q, k, v, allowed))

    everywhere, causal = torch.ones(6, 6, dtype=torch.bool), torch.ones(6, 6, dtype=torch.bool).tril()
    torch.testing.assert_close(F.scaled_dot_product_attention(q, k, v), attention_by_formula(q, k, v, everywhere))
    by_flag = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(by_flag, attention_by_formula(q, k, v, causal))
    for backend in (SDPBackend.MATH, SDPBackend.FLASH_ATTENTION):
        with sdpa_kernel(backend):
            torch.testing.assert_close(F.scaled_dot_product_attention(q, k, v, is_causal=True), by_flag)

    k2, v2 = k.clone(), v.clone()
    k2[1, :, 4:], v2[1, :, 4:] = 99, 99  # other padding in the second sample
    torch.testing.assert_close(F.scaled_dot_product_attention(q, k2, v2, attn_mask=allowed), result)
    print("equal to the formula, and blind to the padding")
