"""What kind of question it is: a project to build, something to explain, or nothing that gradproof does."""

import re
from typing import Literal

from assistant.request.reading import Reading, wanted

Kind = Literal["build", "explain", "outside"]
POLITENESS = re.compile(
    r"^(?:(?:hi|hello|hey|dear \w+|please|pls|plz|so|ok|okay|well|thanks|thank you|good (?:morning|"
    r"day|evening)|there|all|now|and)\b[\s,.!:-]*)+"
)
INTERROGATIVE = re.compile(
    r"(?:what|why|how|when|which|who|where|is|are|does|do|did|should|can i|can we|could i|could we|"
    r"may i|will|was|has|"
    r"explain|tell me|difference|describe|meaning|define|i (?:do not|don'?t) understand|i get|"
    r"i am getting|i'?m getting|"
    r"help me understand|any idea)\b"
)
ASKED_OF_US = re.compile(
    r"(?:can|could|would|will) (?:you|u)\b|(?:i|we) (?:want|need|would like|'?d like)\b|i'?d like|"
    r"let'?s|how about|do (?:this|it)"
)
IDEA = re.compile(r"(?:what|how) (?:about|if)\b")
HOW_TO_BUILD = re.compile(
    r"how (?:do|can|could|would|should|to|might) ?(?:i|you|we|one)? ?(?:build|train|create|make|write|"
    r"fit|implement)\b"
)
DIFFERENCE = re.compile(r"\bdifferences? between\b|\bversus\b.*\?|\bvs\.?\b.*\?|\bwhat (?:is|does|are)\b.*\bmean\b")
ERROR_TEXT = re.compile(
    r"traceback \(most recent|\b\w*(?:error|exception|warning): |\bout of memory\b|"
    r"\bexpected scalar type\b|\bcannot be multiplied\b"
)
BUILD = re.compile(
    r"\b(?:build|train|create|make|write|implement|give me|generate|fit|develop|design|code|"
    r"classif\w+|predict\w*|regress\w*|"
    r"recogni[sz]\w+|set up|need|want|would like|learn|detect|segment|script|project|program|pipeline|"
    r"model for|network for)\b"
)
TRAINS = re.compile(
    r"\b(?:train\w*|fit\w*|model|network|net|neural|classif\w*|predict\w*|regress\w*|recogni[sz]\w*|"
    r"learn\w*|project|pipeline)\b"
)
LEARNING_WORDS = re.compile(
    r"\b(?:py ?torch|torch\w*|tensor ?flow|keras|tf|tensor(?:s|board)?|neural|deep learning|"
    r"machine learning|ml|gradients?|backprop\w*|"
    r"epochs?|batch(?:es|norm|size)?|(?:batch|layer) ?norm\w*|learning[ -]rate|lr|loss(?:es)?|"
    r"overfit\w*|underfit\w*|regulari[sz]\w*|optimi[sz]ers?|"
    r"adam\w*|sgd|momentum|schedul\w+|drop-?out|cnns?|conv\w*|lstms?|gru|rnns?|transformers?|"
    r"attention|mlps?|resnet\w*|embeddings?|"
    r"layers?|activation\w*|relu|softmax|sigmoid|gelu|logits|classif\w+|regress\w+|dataset\w*|"
    r"data ?loaders?|augment\w*|"
    r"checkpoints?|early[ -]stop\w*|amp|autocast|mixed[ -]precision|nan|cuda|gpus?|inference|train\w*|fine-?tun\w*|"
    r"bert\w*|gpt\w*|vit|u-?net|(?:style|cycle|dc|w)?gans?|autoencoder\w*|segmentation|detection|accuracy|features|"
    r"state_?dict|requires_grad|"
    r"clip_grad\w*|zero_grad|no_grad|model\.\w+|nn\.\w+|weights?|predict\w*|jax|mxnet|iris|digits|mnist|cifar\w*|"
    r"cross[ -]?entropy|mse|sparse_\w+|categorical_\w+|validation|hyper-?parameters?|seed|callbacks?|"
    r"graph execution|eager)\b"
)
OTHER_FRAMEWORKS = (
    ("JAX", r"\bjax\b|\bflax\b|\bhaiku\b|\bequinox\b"),
    ("MXNet", r"\bmxnet\b|\bgluon\b"),
    ("PaddlePaddle", r"\bpaddle(?:paddle)?\b"),
    ("Caffe", r"\bcaffe2?\b"),
    ("Theano", r"\btheano\b"),
    ("MATLAB", r"\bmatlab\b"),
    ("Julia", r"\bin julia\b|\bflux\.jl\b"),
    ("R", r"\b(?:in|with|using) r\b(?!-)"),
    ("C++", r"\bin c\+\+|\blibtorch\b"),
    ("JavaScript", r"\bjavascript\b|\btensorflow\.?js\b|\btypescript\b"),
    (
        "scikit-learn models",
        r"\brandom forests?\b|\bxgboost\b|\blightgbm\b|\bcatboost\b|\bsvms?\b|\bsupport vector\b|\bk-?means\b|"
        r"\bk[ -]?nn\b|\bnearest neighbou?rs?\b|\bdecision trees?\b|\bnaive bayes\b|\bgradient boost\w*\b",
    ),
)
HARMFUL = re.compile(
    r"\b(?:write|build|make|create|generate|develop|code|train)\b.{0,60}\b(?:malware|ransomware|"
    r"keylogger|spyware|botnet|exploits?|"
    r"phishing (?:e-?mails?|pages?|sites?)|computer virus|deepfakes?|"
    r"credit card fraud kit)\b(?! (?:detect|classif|filter|famil))"
)
DEFENSIVE = re.compile(r"\b(?:detect\w*|classif\w+|recogni[sz]\w+|filter\w*|identify|spot|flag)\b")
OUTSIDE = (
    "That is outside what gradproof does: it writes and checks PyTorch and Keras code for training neural networks, "
    "and answers questions about it."
)


def asks_to_explain(text: str) -> bool:
    """True where the words alone show it: a pasted error, or a question about the field and not for a project."""
    bare = POLITENESS.sub("", text)
    asks = INTERROGATIVE.match(bare) and not (ASKED_OF_US.match(bare) or HOW_TO_BUILD.match(bare) or IDEA.match(bare))
    return bool(ERROR_TEXT.search(bare) or (asks and LEARNING_WORDS.search(bare)))


def kind_of(text: str, *, has_subject: bool) -> Kind:
    """build, explain or outside. `has_subject` says that a task, a dataset, a file or a model was named."""
    text = POLITENESS.sub("", text)
    if ERROR_TEXT.search(text):
        return "explain"
    if not LEARNING_WORDS.search(text) and not has_subject:
        return "outside"
    if HOW_TO_BUILD.match(text) and has_subject:
        return "build"
    if DIFFERENCE.search(text):
        return "explain"
    if INTERROGATIVE.match(text) and not ASKED_OF_US.match(text):
        return "explain"
    if BUILD.search(text) and (has_subject or TRAINS.search(text)):
        return "build"
    if text.endswith("?") and not ASKED_OF_US.match(text):
        return "explain"
    return "build" if has_subject else "explain"


def refusal(text: str) -> str | None:
    """The sentence that declines what gradproof never does, or None."""
    if HARMFUL.search(text) and not DEFENSIVE.search(text):
        return OUTSIDE
    for name, pattern in OTHER_FRAMEWORKS:
        if wanted(pattern, text) and not re.search(rf"(?:from|unlike) (?:{pattern})", text):
            return (
                f"gradproof writes neural networks in PyTorch and Keras, not {name}; ask for the same in "
                "PyTorch or Keras."
            )
    return None


TASK_TYPES: tuple[tuple[str, str], ...] = (
    ("notebook", r"\bnote ?books?\b|\bjupyter\b|\bipynb\b|\bcolab\b"),
    (
        "deployment",
        r"\bdeploy\w*|\bserv(?:e|ing) (?:it|the model|with|as)\b|\bonnx\b|\btorchscript\b|"
        r"\btf ?lite\b|\bfastapi\b|\brest api\b|\bdocker\w*|\btorchserve\b",
    ),
    ("evaluation", r"\bevaluat(?:e|ion) (?:script|only|my|an existing|the saved)\b"),
    (
        "model",
        r"\b(?:just|only) (?:the|a|an) (?:model|architecture|network)\b|\bmodel (?:definition|"
        r"class) only\b|\bno training\b",
    ),
)


def read_task_type(text: str) -> Reading:
    """Where something other than a training project is asked for."""
    named = next((name for name, pattern in TASK_TYPES if wanted(pattern, text)), None)
    if wanted(
        r"\b(?:my|our|this|existing|attached) (?:existing )?(?:code|code ?base|script|repo(?:sitory)?|"
        r"project)\b",
        text,
    ):
        return Reading({"task_type": named} if named else {}, implied={"context.existing_codebase": True})
    return Reading({"task_type": named} if named else {})
