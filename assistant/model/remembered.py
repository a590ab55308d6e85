"""What endpoints were found to be able to do, kept for a day in a file that holds no key."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel

from assistant.model.schema import Abilities, Endpoint
from knowledge.files import locked, replacing

FILE = "endpoints.json"
KEPT = timedelta(days=1)

log = logging.getLogger(__name__)


class _Entry(BaseModel):
    abilities: Abilities
    found: AwareDatetime


class _File(BaseModel):
    endpoints: dict[str, _Entry] = {}


def recall(home: Path, endpoint: Endpoint) -> Abilities | None:
    """What was found out within the last day."""
    entry = _read(home).endpoints.get(_name(endpoint))
    fresh = entry is not None and timedelta() <= datetime.now(UTC) - entry.found < KEPT
    return entry.abilities if entry and fresh else None


def remember(home: Path, endpoint: Endpoint, abilities: Abilities) -> None:
    """Keep it beside what other processes found of other endpoints. A home that cannot be written is no obstacle."""
    try:
        with locked(home), replacing(home / FILE) as draft:
            entry = _Entry(abilities=abilities, found=datetime.now(UTC))
            known = _File(endpoints=_read(home).endpoints | {_name(endpoint): entry})
            draft.write_text(known.model_dump_json(indent=1), encoding="utf-8")
    except OSError as error:
        log.warning("what %s can do is found out anew each time: %s", endpoint.address, error)


def _read(home: Path) -> _File:
    try:
        return _File.model_validate_json((home / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return _File()
    except (OSError, ValueError) as error:
        log.warning("%s is damaged and is written anew: %s", home / FILE, type(error).__name__)
        return _File()


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.address} {endpoint.model}"
