"""The loss that a question names. A figure such as a mean squared error is one only where it is called so."""

from assistant.request.reading import Reading, wanted

LOSS = "training_config.loss"
LOSSES: tuple[tuple[str, str], ...] = (
    (
        "binary_cross_entropy",
        r"\bbinary[ -]cross[ -]?entropy\b|\bbce(?:[ -]?with[ -]?logits)?(?:[ -]?loss)?\b|\bbinary_?crossentropy\b",
    ),
    (
        "cross_entropy",
        r"(?<!binary )(?<!binary-)\bcross[ -]?entropy(?:loss)?\b|\b(?:sparse)?_?categorical_?crossentropy\b",
    ),
    ("nll", r"\bnll[ -]?loss\b|\bnegative log[ -]likelihood\b"),
    (
        "mse",
        r"\b(?:mse|mean[ -]squared[ -]error|l2|squared error)[ -]?loss\b|"
        r"\b(?:loss(?: is|=|:)?|minimi[sz]\w+)(?: the)? ?(?:mse|mean squared error)\b",
    ),
    (
        "mae",
        r"\b(?:mae|mean[ -]absolute[ -]error|l1|absolute error)[ -]?loss\b|"
        r"\b(?:loss(?: is|=|:)?|minimi[sz]\w+)(?: the)? ?(?:mae|mean absolute error)\b",
    ),
    ("smooth_l1", r"\bsmooth[ -]?l1\b"),
    ("huber", r"\bhuber\b"),
    ("focal", r"\bfocal[ -]?(?:loss|cross[ -]?entropy)\b"),
    ("dice", r"\bdice[ -]?loss\b|\bsoft dice\b"),
    ("hinge", r"\b(?:hinge|max[ -]margin)[ -]?loss\b"),
    ("kl_divergence", r"\bkl[ -]?div(?:ergence)?[ -]?loss\b|\bkullback\w*[ -]leibler\b"),
    ("ctc", r"\bctc(?:[ -]?loss)?\b"),
    ("triplet", r"\btriplet(?:[ -]?margin)?[ -]?loss\b"),
    ("contrastive", r"\b(?:contrastive|info[ -]?nce|nt[ -]?xent)[ -]?loss\b"),
    ("quantile", r"\b(?:quantile|pinball)[ -]?loss\b"),
    ("poisson", r"\bpoisson[ -]?(?:nll[ -]?)?loss\b"),
)


def read_loss(text: str) -> Reading:
    """The loss by its name in the request; two of them have no place there."""
    named = [name for name, pattern in LOSSES if wanted(pattern, text)]
    if "smooth_l1" in named and "mae" in named:
        named.remove("mae")
    if "focal" in named:
        named = [name for name in named if name not in ("cross_entropy", "binary_cross_entropy")]
    if len(named) > 1:
        return Reading(unsupported=[f"a loss made of {' and '.join(named)}"])
    return Reading(fields={LOSS: named[0]} if named else {})
