"""What the failures of a Qdrant server mean, and what mends them."""

import contextlib
import json
from collections.abc import Iterator

from pydantic import ValidationError

from knowledge.errors import IndexUnavailable

ELSEWHERE = (301, 302, 307, 308, 404, 405)
"""Statuses that are another service's, unless a Qdrant server explains them."""
START = "docker run -p 6333:6333 -p 6334:6334 qdrant/qdrant"


@contextlib.contextmanager
def explained(address: str) -> Iterator[None]:
    """What fails between here and the server at this address becomes IndexUnavailable, with what mends it."""
    from grpc import RpcError
    from qdrant_client.common.client_exceptions import QdrantException
    from qdrant_client.http.exceptions import ApiException

    try:
        yield
    except (ApiException, QdrantException, RpcError) as error:
        raise IndexUnavailable(_explanation(error, address)) from error


def is_missing(error: Exception) -> bool:
    """Whether the server says that there is no such collection."""
    return _status(error) == 404


def is_transient(error: BaseException) -> bool:
    """Whether asking again may help: nothing was answered, or "too much", or a fault of the server's."""
    from grpc import RpcError
    from qdrant_client.common.client_exceptions import QdrantException
    from qdrant_client.http.exceptions import ApiException

    status = _status(error)
    known = isinstance(error, ApiException | QdrantException | RpcError)
    return known and (status is None or status == 429 or status >= 500)


def _status(error: BaseException) -> int | None:
    """As HTTP counts them; None where nothing was answered."""
    code = getattr(error, "code", None)
    if callable(code):
        names = {"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "INTERNAL": 500, "UNKNOWN": 500}
        name = code().name
        return names.get(name, None if name in ("UNAVAILABLE", "DEADLINE_EXCEEDED") else 400)
    return getattr(error, "status_code", None)


def _explanation(error: Exception, address: str) -> str:
    status, at = _status(error), f"the Qdrant server at {address}"
    if status in (401, 403):
        may = "wants a key, or another one" if status == 401 else "lets this key only read"
        return f"{at} {may}; set GRADPROOF_QDRANT_API_KEY to one that may read and write"
    if isinstance(getattr(error, "source", None), ValidationError) or (status in ELSEWHERE and not _told(error)):
        return no_qdrant(address)
    if status is None:
        return (
            f"no Qdrant server answers at {address} ({_said(error)}); start one (`{START}`), correct "
            "GRADPROOF_QDRANT_URL, or unset it for the embedded index"
        )
    return f"{at} failed ({_said(error)}); look at its log, then try again"


def no_qdrant(address: str) -> str:
    """Of another service that answers there."""
    return f"what answers at {address} is not a Qdrant server; correct GRADPROOF_QDRANT_URL"


def _told(error: Exception) -> str:
    """What a Qdrant server itself says is wrong; empty where it is none, or says nothing."""
    details = getattr(error, "details", None)
    if callable(details):
        return str(details())
    try:
        return str(json.loads(getattr(error, "content", b""))["status"]["error"])
    except (ValueError, KeyError, TypeError):
        return ""


def _said(error: Exception) -> str:
    """The failure's own words, cut to one short line."""
    content = getattr(error, "content", b"").decode("utf-8", "replace")
    text = _told(error) or content or str(getattr(error, "source", error))
    return " ".join(text.split())[:160] or type(error).__name__
