"""What a question says of the model: its family, and what it must not be."""

import re

from assistant.request.reading import Reading, ask, wanted

ARCHITECTURE = "model_config.architecture"
HEAD = r"(?:fully[ -]connected|dense|linear|mlp)(?: \w+)? (?:head|classifier head|output|layer on top)"
ARCHITECTURES: tuple[tuple[str, str], ...] = (
    ("vit", r"\bvit(?:-\w+)?\b|\bvision transformers?\b|\bswin\b"),
    ("bert", r"\b(?:distil|ro|al|de)?bert[a]?(?:-\w+)?\b|\broberta\b"),
    ("gpt", r"\b(?:nano)?gpt(?:-?\d)?\b|\bllama\b|\bllms?\b|\blanguage models?\b"),
    ("unet", r"\bu-?net\b"),
    ("resnet", r"\bres-?nets?(?:[ -]?\d+)?\b|\bresidual (?:network|cnn|convolutional|conv)\w*"),
    ("lstm", r"\b(?:bi-?)?lstms?\b|\brnns?\b|\brecurrent (?:neural )?net\w*"),
    ("transformer", r"(?<!vision )\btransformers?(?: encoder)?\b|\bself-attention\b"),
    ("cnn", r"\bcnns?\b|\bconv-?nets?\b|(?<!graph )\bconvolutional\b(?! layers? of)|(?<!graph )\bconvolutions?\b"),
    (
        "mlp",
        r"\bmlps?\b|\bmulti-?layer perceptrons?\b|\bfully[ -]connected\b|\bfeed-?forward\b|"
        r"\bdense (?:net(?:work)?\b|neural)|\bperceptron\b",
    ),
)
TITLES = {
    "vit": "ViT",
    "resnet": "ResNet",
    "lstm": "LSTM",
    "transformer": "Transformer",
    "cnn": "CNN",
    "mlp": "MLP",
    "unet": "U-Net",
    "bert": "BERT",
    "gpt": "GPT",
}
CONTAINED = {
    "resnet": {"cnn"},
    "vit": {"transformer"},
    "bert": {"transformer"},
    "gpt": {"transformer"},
    "unet": {"cnn"},
}
"""A ResNet is a CNN: naming both is no contradiction."""
ALTERNATIVES = re.compile(
    r"\bcnns? (?:or|vs\.?|versus|and) (?:an? )?res-?net|\bres-?net (?:or|vs\.?|versus|and) (?:an? )?cnn"
)
CHOICE = re.compile(r"\bor\b|\bvs\b|\bversus\b|\bcompar\w+")
"""Where several families are named, one of them is wanted, and not one model of all."""
BACKBONE = (
    r"\b(resnet[ -]?(?:18|34|50|101|152)|vgg[ -]?\d*|efficient-?net\w*(?:-\w\d)?|mobile-?net\w*|"
    r"dense-?net[ -]?\d*|inception\w*|"
    r"alexnet|lenet(?:-?5)?|squeezenet|convnext\w*|xception|nasnet|wide ?resnet\w*)\b"
)
ACTIVATIONS: tuple[tuple[str, str], ...] = (
    ("gelu", r"\bgelu\b"),
    ("silu", r"\bsilu\b|\bswish\b"),
    ("tanh", r"\btanh\b"),
    ("relu", r"(?<!leaky )(?<!leaky-)(?<!leaky_)\brelu\b"),
)
WIDTHS = re.compile(
    r"\blayers? (?:of|with) (?:sizes? )?\d+(?: units)?(?:\s*,\s*\d+)*,?\s*(?:and|,)\s*\d+|"
    r"\b\d+-\d+-\d+\b|[\[(]\s*\d+(?:\s*,\s*\d+)+\s*[\])] (?:hidden|units|layers)"
)


RECURRENT = re.compile(r"\b(?:gru|lstm|rnn|recurrent)s?\b")
"""A language model of one of these is no Transformer."""


def read_model(text: str) -> Reading:
    """The family of the model and its activation."""
    return _family(text) | _backbone(text) | _activation(text) | _widths(text)


def _family(text: str) -> Reading:
    text = re.sub(HEAD, " ", text)
    named = [name for name, pattern in ARCHITECTURES if wanted(pattern, text)]
    if {"cnn", "resnet"} & set(named) and "mlp" in named and not wanted(r"\bmlps?\b", text):
        named.remove("mlp")
    if "gpt" in named and RECURRENT.search(text) and "gpt" not in text:
        named.remove("gpt")
    inner = set().union(*(CONTAINED.get(name, set()) for name in named)) if named else set()
    if not ALTERNATIVES.search(text):
        named = [name for name in named if name not in inner]
    if len(named) > 1:
        families = " and ".join(TITLES[name] for name in named)
        question = f"The question names {families}, and a project has one model: which one should it be?"
        if CHOICE.search(text):
            return ask(question, about=ARCHITECTURE)
        both = {question: f"{families} in one model"}
        return Reading(implied={ARCHITECTURE: "custom"}, composing=both, about={question: ARCHITECTURE})
    return Reading(fields={ARCHITECTURE: named[0]} if named else {}, assumptions=_said_rnn(text, named))


def _said_rnn(text: str, named: list[str]) -> list[str]:
    if named != ["lstm"] or "lstm" in text:
        return []
    return ["A recurrent network is built as an LSTM, which keeps its gradients over longer texts than a plain RNN."]


def _backbone(text: str) -> Reading:
    match = re.search(BACKBONE, text)
    if not match or not wanted(BACKBONE, text):
        return Reading()
    name = re.sub(r"[ -]", "", match[1])
    family = {} if name.startswith("resnet") else {ARCHITECTURE: "custom"}
    return Reading(fields={"model_config.backbone": name, **family})


def _activation(text: str) -> Reading:
    named = [name for name, pattern in ACTIVATIONS if wanted(pattern, text)]
    if len(named) > 1:
        said = f"the activations {' and '.join(named)}"
        question = f"The question names {said}: which one should the model use?"
        return Reading(composing={question: said}, about={question: "model_config.activation"})
    return Reading(fields={"model_config.activation": named[0]} if named else {})


def _widths(text: str) -> Reading:
    match = WIDTHS.search(text)
    sizes = re.findall(r"\d+", match.group()) if match else []
    if len(set(sizes)) < 2:
        return Reading()
    said = ", ".join(sizes)
    question = (
        f"The layers of the vetted models all have one width, and the question names {said}: which width? "
        f"Say for example '{sizes[0]} units'."
    )
    return Reading(composing={question: f"layers of {said} units"}, about={question: "model_config.hidden_dim"})
