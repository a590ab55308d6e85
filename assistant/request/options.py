"""Options that a question switches on or off: early stopping, TensorBoard, a schedule, an optimiser."""

import re
from dataclasses import dataclass
from typing import Any

from assistant.request.reading import Reading, ask, mentions, wanted

T, X, M = "training_config", "experiment_config", "model_config"


@dataclass(frozen=True)
class Switch:
    """One option: what it is called, and what the field is with it and without it."""

    field: str
    pattern: str
    on: Any = True
    off: Any = False


SWITCHES = (
    Switch(
        f"{T}.early_stopping.enabled",
        r"\bearly[ _-]?stop(?:ping|ped|s)?\b|\bstop(?:s|ping)? (?:training )?early\b|\bpatience\b",
    ),
    Switch(
        f"{T}.mixed_precision",
        r"\bmixed[ _-]?(?:precision|float16|bfloat16)\b|\bamp\b|\bautocast\b|\bbf(?:loat)?16\b|"
        r"\bfp16\b|\b(?<!b)float16\b|\bhalf[ -]precision\b",
    ),
    Switch(f"{T}.mixed_precision", r"\bfp32\b|\bfull[ -]precision\b|\bsingle[ -]precision\b", on=False, off=True),
    Switch(
        f"{T}.distributed",
        r"\bdistributed\b|\bmulti-?(?:ple )?gpus?\b|\bmulti-?node\b|\bddp\b|\bfsdp\b|\bhorovod\b|"
        r"\bdata[ -]?parallel\b|\bmirroredstrategy\b",
    ),
    Switch(f"{X}.tensorboard_enabled", r"\btensor ?board\b"),
    Switch(f"{X}.wandb_enabled", r"\bweights (?:and|&) biases\b|\bwandb\b|\bw&b\b"),
    Switch(f"{M}.pretrained", r"\bpre-?trained\b|\bfine-?tun\w*|\btransfer[ -]learning\b|\bimagenet weights\b"),
    Switch(f"{M}.pretrained", r"\bfrom scratch\b|\brandomly initiali[sz]ed\b", on=False, off=True),
    Switch(f"{M}.dropout", r"\bdrop-?out\b", on=None, off=0.0),
    Switch(f"{T}.weight_decay", r"\bweight[ _-]?decay\b|\bl2\b", on=None, off=0.0),
)
NO_VALUE = {f"{M}.dropout", f"{T}.weight_decay"}
"""Only their absence is a switch; their presence is a number."""
SCHEDULES: tuple[tuple[str, str], ...] = (
    ("cosine", r"\bcosine\b(?! similarity| distance)|\bcos(?:ine)?[ -]?annealing\w*"),
    ("exponential", r"\bexponential(?:ly)?\b|\bexponentiallr\b"),
    ("plateau", r"\bplateaus?\b|\breduce(?:_lr_on_|lron)plateau\b"),
    (
        "step",
        r"\bstep(?:[ -]?lr| decay|[ -](?:learning[ -]rate )?schedule\w*|wise (?:decay|schedule))\b|"
        r"\bmultistep(?:lr)?\b",
    ),
)
ANY_SCHEDULE = r"\b(?:lr|learning[ -]rate)?[ -]?(?:schedul(?:e|er|ing)|annealing)\b|\b(?:lr|learning[ -]rate) decay\b"
CONSTANT = r"\b(?:constant|fixed) (?:lr|learning[ -]rate)\b"
OPTIMIZERS: tuple[tuple[str, str], ...] = (
    ("adamw", r"\badam-?w\b"),
    ("adam", r"\badam\b"),
    ("sgd", r"\bsgd\b|\bstochastic gradient descent\b"),
    (
        "lion",
        r"\blion optimi[sz]er\b|(?<=optimizer )lion\b|(?<=optimiser )lion\b|(?<=with )lion\b|"
        r"(?<=using )lion\b|(?<=use )lion\b",
    ),
)
CLIPPING = (
    r"\b(?:grad(?:ient)?s?[ _-](?:norm[ _-])?)clip\w*|\bclip\w* (?:the |of )?(?:grad(?:ient)?s?|norm)\b|"
    r"\bclipnorm\b|\bclipping\b"
)
AUGMENTATIONS: tuple[tuple[str, str], ...] = (
    ("flip", r"\b(?:random |horizontal |left-right )*flip(?:s|ping|ped)?\b|\bmirror(?:ed|ing)? images\b"),
    ("shift", r"\b(?:random )?(?:pixel )?shift(?:s|ing|ed)?\b|\brandom translations?\b"),
    ("rotate", r"\brotat(?:e|ed|ion|ions|ing)\b"),
    ("crop", r"\b(?:random )?crop(?:s|ping|ped)?\b"),
    ("color jitter", r"\bcolou?r[ -]?jitter\w*|\bbrightness\b"),
    ("mixup", r"\bmix-?up\b"),
    ("cutmix", r"\bcut-?mix\b"),
    ("cutout", r"\bcut-?out\b|\brandom erasing\b"),
    ("zoom", r"\brandom zoom\b|\bzoom(?:s|ing)?\b"),
)
AUGMENT = r"\b(?:data |image )?augment(?:ation|ations|ed|ing)?\b"


def read_options(text: str, quantities: dict[str, Any]) -> Reading:
    """Everything that is switched on or off. `quantities` are the named numbers of the text."""
    return (
        _switches(text)
        | _schedule(text)
        | _optimizer(text)
        | _clipping(text, quantities)
        | _augmentation(text)
        | _folders(text)
    )


def _switches(text: str) -> Reading:
    fields = {}
    for switch in SWITCHES:
        found = mentions(switch.pattern, text)
        if found and not (switch.field in NO_VALUE and any(found)):
            fields[switch.field] = switch.on if any(found) else switch.off
    return Reading(fields=fields)


def _schedule(text: str) -> Reading:
    field = f"{T}.lr_scheduler"
    named = [name for name, pattern in SCHEDULES if wanted(pattern, text)]
    if len(named) > 1:
        return ask(f"The question names the schedules {' and '.join(named)}: which one should it be?", about=field)
    if named:
        return Reading(fields={field: named[0]})
    found = mentions(ANY_SCHEDULE, text)
    if wanted(CONSTANT, text) or (found and not any(found)):
        return Reading(fields={field: None})
    if found and not re.search(UNCOMMON_SCHEDULE, text):
        return Reading(
            fields={field: "cosine"},
            assumptions=["The learning-rate schedule is cosine; say step, exponential or plateau for another."],
        )
    return Reading()


UNCOMMON_SCHEDULE = (
    r"\b(?:one[ -]?cycle|1cycle|cyclic(?:al)?|polynomial|linear(?:ly)?|inverse square root|"
    r"noam)(?: \w+){0,3} (?:schedul\w+|lr|decay|policy)\b|\bone-?cycle\w*"
)


def _optimizer(text: str) -> Reading:
    named = [name for name, pattern in OPTIMIZERS if wanted(pattern, text)]
    field = f"{T}.optimizer"
    if len(named) > 1:
        return ask(f"The question names the optimizers {' and '.join(named)}: which one should it be?", about=field)
    return Reading(fields={field: named[0]} if named else {})


def _clipping(text: str, quantities: dict[str, Any]) -> Reading:
    field = f"{T}.gradient_clipping"
    found = mentions(CLIPPING, text)
    if not found or field in quantities:
        return Reading()
    if not any(found):
        return Reading(fields={field: None})
    return Reading(
        fields={field: 1.0}, assumptions=["Gradients are clipped at a norm of 1.0; say 'clip at 0.5' for another."]
    )


def _augmentation(text: str) -> Reading:
    field = "data_config.augmentation"
    named = [name for name, pattern in AUGMENTATIONS if wanted(pattern, text)]
    found = mentions(AUGMENT, text)
    if named:
        return Reading(fields={field: named})
    if any(found):
        return Reading(
            fields={field: ["shift"]},
            assumptions=[
                "Augmentation is a random shift by a pixel or a few; say 'shifts and flips' to mirror images too."
            ],
        )
    off = found or any(mentions(pattern, text) for _, pattern in AUGMENTATIONS)
    return Reading(fields={field: []} if off else {})


def _folders(text: str) -> Reading:
    fields = {}
    folders = (
        (f"{X}.tensorboard_log_dir", r"\b(?:log|logs|logging) ?(?:dir(?:ectory)?|folder)"),
        (f"{X}.checkpoint_dir", r"\bcheckpoint ?(?:dir(?:ectory)?|folder)"),
    )
    for field, words in folders:
        if match := re.search(rf"{words}(?: is| to|:|=)* ?['\"]?([a-z0-9_][\w/-]{{0,60}})", text):
            fields[field] = match[1]
    checkpoints = mentions(r"\bcheckpoint(?:s|ing)?\b", text)
    if checkpoints and not any(checkpoints):
        return Reading(
            fields,
            assumptions=[
                ("Checkpoints stay on: the best state is what is evaluated, and a run resumes from the last.")
            ],
        )
    return Reading(fields)
