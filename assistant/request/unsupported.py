"""What belongs to the field and cannot be composed: named plainly instead of being passed over."""

import re

from assistant.request.reading import Reading, wanted
from assistant.schema import ProblemType

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
    ("1D convolutions", r"\b1-?d (?:conv\w*|cnns?)\b|\bconv1d\b|\btextcnn\b"),
    (
        "models without a hidden layer",
        r"\b(?:logistic|softmax|linear) (?:regression|classifier|model)s?\b|(?<!multilayer )(?<!layer )\bperceptron\b",
    ),
    ("signals", r"\bwave ?forms?\b|\b(?:sine|square|sawtooth) waves?\b|\becg\b|\bsensor (?:data|readings?)\b"),
    (
        "samplers for imbalanced data",
        r"\b(?:weighted|balanced) (?:random )?sampl\w+\b|\b(?:over|under)-?sampl\w+\b|\bsmote\b",
    ),
    (
        "several inputs or outputs",
        r"\b(?:[2-9]|several|multiple) (?:different |separate )?(?:inputs|outputs|towers)\b|"
        r"\bmulti-?(?:input|output|head(?!ed| self| attention)|task|modal)\b",
    ),
    (
        "synthetic data that follows a rule of its own",
        r"\bsynthetic\b.*\b(?:in which|where|whose) (?:the )?(?:class|label|target)\b|"
        r"\bwhether (?:the|a)\b.*\bsynthetic\b|\bsynthetic\b.*\bwhether (?:the|a)\b",
    ),
    ("a training step of its own", r"\bgradient ?tape\b|\btrain_step\b"),
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
        "the schedule",
        r"\bone[ -]?cycle\w*|\b1cycle\b|\bcyclic(?:al)?(?: learning[ -]rate| lr)\b|"
        r"\bpolynomial (?:decay|schedule)\b|\blinear (?:decay|schedule)\b",
    ),
    (
        "the optimizer",
        r"\brms ?prop\b|\badagrad\b|\badadelta\b|\bl-?bfgs\b|\bn-?adam\b|\br-?adam\b|\badafactor\b|\blamb\b|\bmuon\b",
    ),
    ("the activation", r"\bleaky[ _-]?relu\b|\bmish\b|\bp-?relu\b|\belu\b|\bselu\b|\bsoftplus\b"),
)
"""In the field, and neither in the request's format nor among the vetted patterns."""
ONE_OF_MANY = ("the schedule", "the optimizer", "the activation")
NEAREST_TASK: dict[str, ProblemType] = {
    "GANs": "generation",
    "diffusion models": "generation",
    "autoencoders": "generation",
    "super-resolution": "generation",
    "translation": "nlp",
    "summarisation": "nlp",
    "question answering": "nlp",
    "named entities and other labels per token": "nlp",
    "time series": "regression",
    "recommendation": "regression",
    "pose estimation": "regression",
    "reinforcement learning": "regression",
}
"""The request's name for what such a project learns, where the question names no task."""


def read_unsupported(text: str) -> Reading:
    """What was asked for by name and has no vetted pattern."""
    return Reading(unsupported=[_named(name, pattern, text) for name, pattern in UNSUPPORTED if wanted(pattern, text)])


def _named(name: str, pattern: str, text: str) -> str:
    """ "the optimizer" is one of many: say which."""
    match = re.search(pattern, text)
    return f"{name} {match.group()!r}" if name in ONE_OF_MANY and match else name


def nearest_task(unsupported: list[str]) -> ProblemType | None:
    """The task that the first of these parts belongs to; None where they fit any."""
    return next((NEAREST_TASK[name] for name in unsupported if name in NEAREST_TASK), None)
