"""What belongs to the field and cannot be composed: named plainly instead of being passed over."""

from assistant.request.reading import Reading, wanted

UNSUPPORTED: tuple[tuple[str, str], ...] = (
    ("GANs", r"\b(?:style|cycle|dc|w)?-?gans?\b|\bgenerative adversarial\b"),
    ("diffusion models", r"\bdiffusion\b"),
    ("autoencoders", r"\bauto-?encoders?\b|\bvaes?\b"),
    ("translation", r"\btranslat(?:e|es|ion|ing|or)\b(?! augment)|\bseq2seq\b|\bsequence[- ]to[- ]sequence\b"),
    ("summarisation", r"\bsummari[sz]\w+\b(?= (?:model|text|article|document|news|long))|\btext summari[sz]ation\b"),
    ("question answering", r"\bquestion[ -]answering\b|\bsquad\b|\bchat ?bots?\b"),
    (
        "named entities and other labels per token",
        r"\bnamed[ -]entit\w+\b|\bner\b|\bpos[ -]tagg\w+\b|\btoken classification\b",
    ),
    ("speech and audio", r"\bspeech\b|\baudio\b|\bspoken\b|\bspectrograms?\b"),
    ("video", r"\bvideos?\b"),
    ("time series", r"\btime[ -]series\b|\bforecast\w*\b|\bstock (?:price|market)\w*\b"),
    ("reinforcement learning", r"\breinforcement learning\b|\bdqn\b|\bppo\b|\bcart-?pole\b|\bq-learning\b"),
    ("graph networks", r"\bgraph (?:neural |convolutional |attention )?net\w*\b|\bgnns?\b|\bgcns?\b"),
    ("recommendation", r"\brecommend(?:er|ation)s?\b(?: system| engine| model)?|\bcollaborative filtering\b"),
    ("anomaly detection", r"\b(?:anomaly|outlier|fraud) detection\b(?= without)|\banomaly detection\b"),
    ("clustering", r"\bcluster(?:ing)?\b"),
    ("pose estimation", r"\bpose estimation\b|\bkey ?points?\b"),
    ("OCR", r"\bocr\b"),
    ("super-resolution", r"\bsuper[ -]resolution\b|\bdenois\w+\b"),
    (
        "contrastive and self-supervised learning",
        r"\bcontrastive\b|\bself[ -]supervised\b|\bsimclr\b|\bsiamese\b|\btriplet\b|\bmetric learning\b",
    ),
    ("several labels per sample", r"\bmulti-?label\b"),
    ("GRU networks", r"\bgrus?\b"),
    ("1D convolutions", r"\b1-?d conv\w*\b|\bconv1d\b|\btextcnn\b"),
    ("PyTorch Lightning", r"\blightning\b"),
    ("Hugging Face libraries", r"\bhugging ?face\b|\baccelerate\b"),
    ("MLflow", r"\bml ?flow\b"),
    (
        "hyper-parameter search",
        r"\boptuna\b|\bhyper-?parameter (?:search|tuning|optimi[sz]ation)\b|\bgrid search\b|\bray tune\b",
    ),
    ("cross-validation", r"\bcross[ -]validat\w+\b|\bk-?fold\b"),
    ("ensembles", r"\bensembl\w+\b"),
    ("quantisation and pruning", r"\bquanti[sz]\w+\b|\bpruning\b|\bprune\b"),
    ("distillation", r"\bdistill(?:ation|ing|ed)?\b"),
    ("gradient accumulation", r"\b(?:gradient|grad) accumulation\b|\baccumulat\w+ gradients?\b"),
    ("averaged weights", r"\bema of\b|\bexponential moving average\b|\bstochastic weight averaging\b|\bswa\b"),
    ("TPUs", r"\btpus?\b"),
    (
        "a loss that is weighted or smoothed",
        r"\blabel smoothing\b|\bclass[ -]weight\w*\b|\bweighted (?:loss|cross)\b",
    ),
    (
        "the schedule that was named",
        r"\bone[ -]?cycle\w*|\b1cycle\b|\bcyclic(?:al)?(?: learning[ -]rate| lr)\b|"
        r"\bpolynomial (?:decay|schedule)\b|\blinear (?:decay|schedule)\b",
    ),
    (
        "the optimizer that was named",
        r"\brms ?prop\b|\badagrad\b|\badadelta\b|\bl-?bfgs\b|\bn-?adam\b|\br-?adam\b|\badafactor\b|\blamb\b|\bmuon\b",
    ),
    ("the activation that was named", r"\bleaky[ _-]?relu\b|\bmish\b|\bp-?relu\b|\belu\b|\bselu\b|\bsoftplus\b"),
)
"""In the field, and neither in the request's format nor among the vetted patterns."""


def read_unsupported(text: str) -> Reading:
    """What was asked for by name and has no vetted pattern."""
    return Reading(unsupported=[name for name, pattern in UNSUPPORTED if wanted(pattern, text)])
