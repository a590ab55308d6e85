"""What went wrong with a request, in one sentence that says what to do, and whether another try may help."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, Literal

from assistant.model.schema import Endpoint

Kind = Literal["refused", "unknown-model", "too-long", "connection", "cut", "time", "protocol", "empty"]

PASSING = frozenset({408, 409, 425, 429})
"""Statuses that another try may change, besides those of a server's own faults."""
EXCERPT = 200
"""Characters of a server's own words that are repeated."""

log = logging.getLogger(__name__)

_TOO_LONG = re.compile(
    r"context[_ ](length|window|size)|maximum context|prompt is too long|too many (input )?tokens|exceed.*\bcontext\b",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"not a valid model|(invalid|unknown) model|\bmodel\b\W+\S+\W+(does not exist|(is |was )?not found)", re.IGNORECASE
)


@dataclass(frozen=True)
class Failure:
    """Why a request brought no reply."""

    kind: Kind
    sentence: str
    again: bool = False
    wait_s: float | None = None
    """What the server asked for with Retry-After."""
    status: int | None = None
    """The HTTP status, where one was the reason."""
    parameter: str = ""
    """The server's complaint, where it may be about one parameter of the request."""


class ErrorInBody(ValueError):
    """What an endpoint complained of under a status of 200."""


def explain(error: Exception, endpoint: Endpoint, *, begun: bool) -> Failure:
    """What an exception of the client means; `begun` says whether a part of the reply had arrived.

    Any other exception is a fault of gradproof, and raised again.
    """
    import openai

    where = endpoint.address
    match error:
        case ErrorInBody():
            return _explain_body(str(error), endpoint)
        case openai.APIStatusError():
            return replace(_explain_status(error, endpoint), status=error.status_code)
        case openai.APITimeoutError() | TimeoutError():
            return Failure("time", f"The model endpoint {where} did not answer in time; see whether it is busy.", True)
        case openai.APIConnectionError():
            return _explain_connection(error, endpoint, begun=begun)
        case openai.APIResponseValidationError() | ValueError() | LookupError() | TypeError() | AttributeError():
            log.debug("a reply could not be read: %s", type(error).__name__)
            return no_protocol(endpoint)
        case openai.APIError():
            said = excerpt(error.message, endpoint)
            if _TOO_LONG.search(error.message):
                return _too_long(where, said)
            return Failure("cut", f"The model endpoint {where} broke off with {said!r}; try again later.", True)
    raise error


def no_protocol(endpoint: Endpoint) -> Failure:
    """What answered is something else than a model."""
    return Failure(
        "protocol",
        f"What answered at {endpoint.address} does not speak OpenAI's chat protocol; check OPENAI_BASE_URL, which "
        "usually ends in /v1.",
    )


def cut_off(endpoint: Endpoint) -> Failure:
    """The reply began, and its end is missing."""
    where = endpoint.address
    sentence = f"The connection to the model endpoint {where} broke before the reply's end; try again later."
    return Failure("cut", sentence, again=True)


def excerpt(message: str, endpoint: Endpoint) -> str:
    """A server's own words, short, on one line and without anything that opens its door."""
    key = endpoint.api_key.get_secret_value() if endpoint.api_key else ""
    shown = message.replace(key, "…") if key else message
    shown = re.sub(r"(?i)\b(bearer|basic)\s+\S+|\bsk-[\w-]{6,}", "…", shown)
    shown = " ".join(shown.split())
    return shown if len(shown) <= EXCERPT else shown[: EXCERPT - 1] + "…"


def _explain_status(error: Any, endpoint: Endpoint) -> Failure:
    status, where, message = error.status_code, endpoint.address, _message(error)
    said = excerpt(message, endpoint)
    if status == 401:  # Its words often repeat a part of the key.
        return Failure("refused", f"The model endpoint {where} refused the key (401); check OPENAI_API_KEY.")
    if status == 403:
        sentence = f"The model endpoint {where} does not let this key in (403: {said}); check OPENAI_API_KEY."
        return Failure("refused", sentence)
    if (status == 404 and "model" in message.lower()) or (status == 400 and _NO_MODEL.search(message)):
        return Failure("unknown-model", f"The model endpoint {where} has no model {endpoint.model!r}")
    if status in {404, 405}:
        sentence = f"There is no chat endpoint at {where}; check OPENAI_BASE_URL, which usually ends in /v1."
        return Failure("refused", sentence)
    if 300 <= status < 400:
        target = excerpt(error.response.headers.get("location", "another address"), endpoint)
        sentence = f"The model endpoint {where} redirects to {target}; set OPENAI_BASE_URL to where it is."
        return Failure("refused", sentence)
    if status in {400, 413, 422} and _TOO_LONG.search(message):
        return _too_long(where, said)
    if status == 429:
        return _explain_limit(error, where, said)
    if status in PASSING or (status >= 500 and status != 501):
        sentence = f"The model endpoint {where} failed with status {status} ({said}); try again later."
        return Failure("refused", sentence, again=True, wait_s=retry_after(error.response.headers))
    parameter = f"{getattr(error, 'param', None) or ''} {message}"
    sentence = f"The model endpoint {where} refused the request ({status}: {said}); check GRADPROOF_MODEL."
    return Failure("refused", sentence, parameter=parameter)


def _explain_limit(error: Any, where: str, said: str) -> Failure:
    if getattr(error, "code", None) == "insufficient_quota":
        return Failure("refused", f"The account at {where} has no quota left ({said}); see its plan and billing.")
    sentence = f"The model endpoint {where} takes no more requests for now (429: {said}); try again later."
    return Failure("refused", sentence, again=True, wait_s=retry_after(error.response.headers))


def _explain_connection(error: Any, endpoint: Endpoint, *, begun: bool) -> Failure:
    where = endpoint.address
    if not any(type(cause).__name__ in {"ConnectError", "ConnectTimeout", "ProxyError"} for cause in _causes(error)):
        return cut_off(endpoint) if begun else _unreached(where)
    sentence = f"Nothing answers at the model endpoint {where}: is the server running, and is OPENAI_BASE_URL right?"
    return Failure("connection", sentence, again=True)


def _explain_body(message: str, endpoint: Endpoint) -> Failure:
    """An error under a status of 200: gateways do so where what is behind them fails."""
    where, said = endpoint.address, excerpt(message, endpoint)
    if _TOO_LONG.search(message):
        return _too_long(where, said)
    sentence = f"The model endpoint {where} answered with an error ({said}); try again later."
    return Failure("refused", sentence, again=True, parameter=message)


def _unreached(where: str) -> Failure:
    """The connection was there, and nothing came over it."""
    sentence = (
        f"The model endpoint {where} cannot be reached: the connection broke before its reply was there; see whether "
        "the server runs, and try again later."
    )
    return Failure("cut", sentence, again=True)


def _too_long(where: str, said: str) -> Failure:
    return Failure(
        "too-long",
        f"The request is too long for the model at {where} ({said}); set GRADPROOF_MODEL_CONTEXT to what it takes, or "
        "ask for less.",
    )


def retry_after(headers: Any) -> float | None:
    """Seconds that a server asks to wait, given as seconds or as a date."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None


def _message(error: Any) -> str:
    """What the server says is wrong: the body's own words where it has some."""
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        said = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
        return str(said or body)
    return str(body or error.message)


def _causes(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
