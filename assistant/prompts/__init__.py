"""What is said to a model, as templates; a missing variable is an error."""

from functools import lru_cache
from typing import Any

import jinja2


def render(template: str, **values: Any) -> str:
    """The prompt in assistant/prompts/`template`.md.j2, filled."""
    return _templates().get_template(f"{template}.md.j2").render(values).strip() + "\n"


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("assistant", "prompts"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
