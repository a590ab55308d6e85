"""Numbers with a name beside them: "20 epochs", "lr=1e-3", "dropout of 30%"."""

import re
from dataclasses import dataclass

from assistant.errors import RequestError
from assistant.request.reading import Number, Reading, find_numbers

LINK = (
    r"(?:\s*[:=]\s*|\s+|-)(?:(?:is|of|to|at|as|be|by|around|about|roughly|approximately|equal to|"
    r"set to|value|exactly|only|"
    r"just|up to|max(?:imum)?(?: of)?|rate|size|equals|from \S{1,12} to)\s+){0,3}$"
)
BACK_LINK = r"^\s*-?\s*(?:(?:as|for|the|a|of|total|training|full|max|maximum|more|hidden|initial)\s+){0,3}"
DISMISSED = re.compile(r"(?:instead of|rather than|\bnot)\s+(?:the\s+)?$")


@dataclass(frozen=True)
class Quantity:
    """One named number of the request, and what it may be."""

    field: str
    name: str
    """What it is called in a message."""
    after: str = ""
    """Words that stand before the number: "batch size 64"."""
    before: str = ""
    """Words that stand after it: "64 units"."""
    whole: bool = True
    low: float = 1
    high: float = 1e9
    low_open: bool = False
    high_open: bool = False

    def fits(self, number: Number) -> bool:
        """True where the name stands beside the number."""
        if DISMISSED.search(number.left) or (number.left.endswith("from ") and re.match(r"\s*to\b", number.right)):
            return False
        return bool(
            (self.after and re.search(rf"(?<!\w)(?:{self.after}){LINK}", number.left))
            or (self.before and re.match(rf"{BACK_LINK}(?:{self.before})(?!\w)", number.right))
        )

    def value(self, number: Number) -> int | float:
        """The number in the request's unit; RequestError where it is impossible."""
        value = number.value / 100 if number.percent else number.value
        value = round(value, 10)
        low_fails = value <= self.low if self.low_open else value < self.low
        high_fails = value >= self.high if self.high_open else value > self.high
        if low_fails or high_fails or (self.whole and value != int(value)):
            raise RequestError(
                f"The {self.name} is given as {number.text}{'%' * number.percent}; {self.range_in_words()}"
            )
        return int(value) if self.whole else value

    def range_in_words(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        low = f"{'above' if self.low_open else 'of at least'} {self.low:g}"
        high = f" and {'below' if self.high_open else 'at most'} {self.high:g}" if self.high < 1e9 else ""
        return f"it must be {kind} {low}{high}."


T, M, D = "training_config", "model_config", "ml_task.dataset_info"
COUNT = r"(?:num(?:ber)?[_ ](?:of )?)?"
GRADIENT = r"grad(?:ient)?"
FEATURES, TOKENS, CHANNELS = "features", "tokens", "channels"
"""Parts of the input shape, which has no field for each."""
QUANTITIES = (
    Quantity(
        f"{T}.early_stopping.patience",
        "patience",
        r"patience|early[ -]stop(?:ping)?(?: patience| after| of)|"
        r"(?:no|without) improvement (?:for|in|after|over)|n.t improv\w+ (?:for|in|after|over)",
        r"epochs? (?:of |without )?(?:patience|improvement)|patience",
    ),
    Quantity(
        f"{T}.early_stopping.min_delta",
        "minimum delta",
        r"min(?:imum)?[_ -]?(?:delta|improvement)",
        r"min(?:imum)?[_ -]?delta",
        whole=False,
        low=0,
    ),
    Quantity(f"{T}.num_epochs", "number of epochs", rf"{COUNT}epochs?|ep", r"epochs?|passes over the data"),
    Quantity(
        f"{T}.batch_size",
        "batch size",
        r"(?:mini-?)?batch(?:es)?(?:[_ -]?size)?s?|bs",
        r"batch(?:[_ -]?size)|(?:samples )?per batch",
    ),
    Quantity(
        f"{T}.learning_rate",
        "learning rate",
        r"learning[_ -]?rate|lr|(?:adamw?|sgd|lion)(?: optimi[sz]er)?",
        r"learning[_ -]?rate|lr",
        whole=False,
        low=0,
        low_open=True,
        high=100,
    ),
    Quantity(
        f"{T}.weight_decay",
        "weight decay",
        r"weight[_ -]?decay|wd|l2(?: penalty| regulari[sz]ation)?",
        r"weight[_ -]?decay",
        whole=False,
        low=0,
        high=100,
    ),
    Quantity(
        f"{M}.dropout",
        "dropout",
        r"drop-?out(?: (?:rate|probability|p))?",
        r"drop-?out",
        whole=False,
        low=0,
        high=1,
        high_open=True,
    ),
    Quantity(f"{T}.seed", "seed", r"(?:random )?(?:seed|random_state)", r"(?:random )?seed", low=0, high=2**32 - 1),
    Quantity(
        f"{T}.gradient_clipping",
        "gradient norm to clip at",
        rf"{GRADIENT}s?[_ -](?:norm )?clip(?:ping|ped)?(?:[_ -](?:norm|value))?|clip_?grad(?:_norm)?|"
        rf"clip(?:ping|ped)?(?: the)?(?:[_ ](?:global|{GRADIENT}s?|norm))*|"
        rf"max[_ -](?:{GRADIENT}[_ -])?norm|(?:global_?)?clipnorm|{GRADIENT} norm(?: (?:capped|limited|bounded))?",
        rf"{GRADIENT}[_ -]clip(?:ping)?|clip(?:ping)?[_ -]norm",
        whole=False,
        low=0,
        low_open=True,
    ),
    Quantity(
        f"{M}.hidden_dim",
        "layer width",
        r"hidden[_ -]?(?:size|dim(?:ension)?s?|units|width)|width|d_model|units|(?:layers?|"
        r"blocks?) (?:of|with)(?: size)?",
        r"(?:hidden )?(?:units|neurons|filters|nodes|wide)(?: each| per layer)?|hidden[_ -]?(?:size|dim)",
    ),
    Quantity(
        f"{M}.num_layers",
        "number of layers",
        rf"{COUNT}(?:hidden )?layers?|depth",
        r"(?:(?:hidden|conv(?:olutional)?|lstm|recurrent|dense|fully[- ]connected|linear|encoder|transformer|"
        r"attention|residual|stacked)[ -]){0,3}(?:layers?|blocks?)|layered",
    ),
    Quantity(
        f"{D}.output_shape",
        "number of classes",
        rf"{COUNT}classes",
        r"(?:[a-z]+ )?(?:class(?:es)?|categories|labels|species|kinds|topics|sentiments)|way",
    ),
    Quantity(
        f"{D}.vocab_size",
        "vocabulary size",
        r"vocab(?:ulary)?(?:[_ -]size)?",
        r"(?:-?(?:words?|tokens?))? ?vocab(?:ulary)?",
        low=2,
    ),
    Quantity(
        f"{D}.num_samples",
        "number of samples",
        rf"{COUNT}(?:samples|rows|examples)",
        r"(?:(?:synthetic|random|labell?ed|training|rgb|gr[ae]y(?:scale)?|colou?r|small|fake|generated|short|movie|"
        r"product|customer|text|\d+x\d+(?:x\d+)?)\s+){0,3}(?:samples|rows|examples|images|records|observations|"
        r"instances|data ?points|reviews|texts|sentences|documents|photos|pictures|tweets|emails)",
    ),
    Quantity(
        FEATURES,
        "number of features",
        rf"{COUNT}features|in_features",
        r"(?:(?:numeric(?:al)?|input|tabular|continuous|real|standardi[sz]ed)\s+){0,2}"
        r"(?:features|columns|variables|inputs|predictors|attributes)",
    ),
    Quantity(
        TOKENS,
        "sequence length",
        r"(?:sequence|seq|max(?:imum)?|text|input)[_ -]len(?:gth)?|sequences(?: of length)?",
        r"(?:tokens|words|time ?steps)(?: each| long| per (?:text|sequence))?",
    ),
    Quantity(CHANNELS, "number of channels", rf"{COUNT}channels|in_channels", r"(?:colou?r |input |image )?channels?"),
    Quantity("context.compute_resources.gpus", "number of GPUs", rf"{COUNT}gpus", r"gpus?", low=0),
)
"""Where a number fits two names and no other number decides, the earlier one takes it."""


def read_quantities(text: str) -> Reading:
    """Each named number; a number that could have two names takes the one that leaves no other number nameless."""
    numbers = find_numbers(text)
    open_names = {index: [item for item in QUANTITIES if item.fits(number)] for index, number in enumerate(numbers)}
    found: dict[str, list[tuple[Quantity, Number]]] = {}
    while any(open_names.values()):
        index = min((i for i, names in open_names.items() if names), key=lambda i: (len(open_names[i]), i))
        quantity = open_names.pop(index)[0]
        found.setdefault(quantity.field, []).append((quantity, numbers[index]))
        for other, names in open_names.items():
            if len(names) > 1:
                open_names[other] = [item for item in names if item.field != quantity.field]
    fields = {name: [item.value(number) for item, number in pairs] for name, pairs in found.items()}
    asked = {_which(found[name][0][0], values): name for name, values in fields.items() if len(set(values)) > 1}
    return Reading(fields={name: values[0] for name, values in fields.items()}, questions=list(asked), about=asked)


def _which(quantity: Quantity, values: list[int | float]) -> str:
    named = [f"{value:g}" for value in dict.fromkeys(values)]
    return (
        f"The question names {' and '.join(named)} as the {quantity.name}: say '{quantity.name} {named[0]}' or another?"
    )
