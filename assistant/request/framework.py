"""Which framework a question names."""

from assistant.request.reading import Reading, ask, wanted
from assistant.schema import Framework

NAMES: dict[Framework, str] = {
    "pytorch": r"\bpy ?torch\b|\btorch(?:vision)?\b",
    "tensorflow": r"\btensor ?flow\b|\bkeras\b|\btf(?:2|\.\w+)?\b",
}
TITLES: dict[Framework, str] = {"pytorch": "PyTorch", "tensorflow": "Keras/TensorFlow"}


def read_framework(text: str, option: Framework | None) -> Reading:
    """The framework named in the text, or else the option; two of them are a question back."""
    named = named_frameworks(text)
    if len(named) > 1:
        question = "The question names PyTorch and Keras, and a project is written in one: which one first?"
        return ask(question, about="framework")
    if named and option and named != [option]:
        return Reading(
            questions=[
                f"The question says {TITLES[named[0]]} and the option says {TITLES[option]}: which one should it be?"
            ]
        )
    chosen = named[0] if named else option
    return Reading(fields={"framework": chosen} if chosen else {})


def named_frameworks(text: str) -> list[Framework]:
    """The frameworks that are wanted; "not Keras" and "from Keras to PyTorch" leave PyTorch."""
    return [name for name, words in NAMES.items() if wanted(rf"(?<!\bfrom )(?:{words})", text)]
