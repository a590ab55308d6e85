"""Everything that a question's words say, but for the framework: one reading from the readers of each concern."""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.request.attachments import DATA_FOLDER, Attachment
from assistant.request.data import INFO, OWN_DATA, read_data
from assistant.request.goals import read_goals
from assistant.request.losses import read_loss
from assistant.request.model import read_model
from assistant.request.numbers import CHANNELS, FEATURES, TOKENS, read_quantities
from assistant.request.options import read_options
from assistant.request.reading import Reading
from assistant.request.scope import read_task_type
from assistant.request.unsupported import read_unsupported

FILE_NAME = re.compile(r"(?<![\w/])[\w./-]{0,80}?([\w-]{1,80}\.(?:csv|tsv|npz))\b")
SPOKEN_OF = re.compile(
    r"\b(?:i|we) have (?:[\w,]+ ){0,4}(?:images|photos|pictures|samples|rows|records|reviews|texts|documents|data)\b|"
    r"\b(?:my|our|this|the|an?) (?:own |attached )?(?:[a-z]+ )?(?:csv|npz|spreadsheet|excel)(?: file)?\b|"
    r"\b(?:my|our|this) (?:own |attached )?(?:[a-z]+ )?(?:data(?:set)?|file)\b|\bthe attached \w+"
)
ATTACHED_CODE = re.compile(
    r"\b(?:the attached|this|my|our) (?:[a-z]+ )?(?:code|scripts?|files?|folder|project|model|notebooks?|program)\b"
)
"""Speaks of code where code is attached and no data."""
PARTS = (FEATURES, TOKENS, CHANNELS)


def read_question(text: str, attachments: Sequence[Attachment]) -> Reading:
    """Everything that the tidied text says, but for the framework."""
    numbers = read_quantities(text)
    quantities = numbers.fields
    model = read_model(text)
    unsure = {"model_config.hidden_dim", "model_config.num_layers"} if model.questions or model.composing else set()
    named = {name: value for name, value in quantities.items() if name not in PARTS and name not in unsure}
    data = read_data(text, quantities) | read_file_name(text, attachments)
    said = data | model | read_options(text, quantities) | read_loss(text) | replace(numbers, fields=named)
    return said | read_goals(text) | read_unsupported(text) | read_task_type(text)


def read_file_name(text: str, attachments: Sequence[Attachment]) -> Reading:
    """A data file that is spoken of: the attached one, or one that is not attached."""
    files = [item for item in attachments if item.kind in ("csv", "npz")]
    match = FILE_NAME.search(text)
    if files:
        named = [item for item in files if match and item.name.lower() == match[1]] or (
            files if len(files) == 1 else []
        )
        if len(named) == 1 and (match or SPOKEN_OF.search(text)):
            source, path = named[0].kind, named[0].path
            return Reading(implied={f"{INFO}.source": source, f"{INFO}.dataset_path": path})
        return Reading()
    if match:
        return Reading(fields={f"{INFO}.dataset_path": f"{DATA_FOLDER}/{match[1]}"})
    if any(item.kind == "code" for item in attachments):
        text = ATTACHED_CODE.sub(" ", text)
    if SPOKEN_OF.search(text):
        return Reading(fields={f"{INFO}.dataset_name": OWN_DATA})
    return Reading()
