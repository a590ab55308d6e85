"""Answers in prose to questions that need no code, each claim held against the patterns it cites."""

from pydantic import BaseModel


class Explained(BaseModel):
    """A model's explanation, checked for its citations."""

    markdown: str
    cited: list[str] = []
    """Ids of the patterns that it cites and was given."""
    remarks: list[str] = []
