"""What an endpoint says of its models: their names, and how much text each of them takes."""

import asyncio
import re
from typing import Any

from assistant.model.chat import is_openai, root
from assistant.model.schema import Endpoint

ANSWER_S = 5.0
NAMED = 5
"""Models that a sentence names."""
OLLAMA_DEFAULT = 4096
"""Tokens that Ollama gives a model on a GPU of less than 24 GiB where nothing else is set, however many the model was
made for (docs/context-length.mdx in its repository); it drops the beginning of what is longer without a word."""

FIELDS = ("max_model_len", "loaded_context_length", "context_length", "context_window", "max_context_length")
"""Of an entry of /models, the surest first: vLLM, LM Studio, OpenRouter and Together, Groq, Mistral and LM Studio."""


async def list_models(chat: Any, url: str = "/models") -> list[dict[str, Any]]:
    """The entries of /models; empty where the endpoint does not tell."""
    body = await _read(chat, "GET", url)
    entries = body.get("data", []) if isinstance(body, dict) else body
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


async def name_models(chat: Any) -> str:
    """The end of a sentence about a model that is not there."""
    names = sorted(str(entry["id"])[:80] for entry in await list_models(chat) if entry.get("id"))
    if not names:
        return "; check GRADPROOF_MODEL."
    more = f" (it has {len(names)})" if len(names) > NAMED else ""
    return f"; set GRADPROOF_MODEL to one that it has, such as {', '.join(names[:NAMED])}{more}."


async def context_tokens(chat: Any, endpoint: Endpoint) -> int | None:
    """How many tokens a request and its reply may have together; None where nothing says so."""
    if is_openai(endpoint):
        return _positive((chat.profile or {}).get("max_input_tokens"))
    entry = _entry(await list_models(chat), endpoint)
    if (told := _told(entry)) is not None:
        return told
    for ask in (_ask_llama_cpp, _ask_lm_studio, _ask_ollama):
        if (told := await ask(chat, endpoint)) is not None:
            return told
    return _positive((entry.get("meta") or {}).get("n_ctx_train"))


async def _ask_llama_cpp(chat: Any, endpoint: Endpoint) -> int | None:
    """What the server was started with, which may be less than the model was trained for."""
    body = await _read(chat, "GET", f"{root(endpoint)}/props")
    return _positive(_get(body, "default_generation_settings", "n_ctx"))


async def _ask_lm_studio(chat: Any, endpoint: Endpoint) -> int | None:
    return _told(_entry(await list_models(chat, f"{root(endpoint)}/api/v0/models"), endpoint))


async def _ask_ollama(chat: Any, endpoint: Endpoint) -> int | None:
    """What the loaded model really has, else what it is set to, else no more than Ollama's default."""
    names = {endpoint.model, f"{endpoint.model}:latest"}
    running = _get(await _read(chat, "GET", f"{root(endpoint)}/api/ps"), "models") or []
    for entry in running:
        if _get(entry, "name") in names and (told := _told(entry)) is not None:
            return told
    shown = await _read(chat, "POST", f"{root(endpoint)}/api/show", {"model": endpoint.model})
    if found := re.search(r"num_ctx\s+(\d+)", str(_get(shown, "parameters") or "")):
        return int(found.group(1))
    info = _get(shown, "model_info") or {}
    made_for = next((_positive(value) for name, value in info.items() if name.endswith(".context_length")), None)
    return made_for and min(made_for, OLLAMA_DEFAULT)


def _entry(entries: list[dict[str, Any]], endpoint: Endpoint) -> dict[str, Any]:
    """The model's entry; a server that has a single model may call it as it likes."""
    named = [entry for entry in entries if entry.get("id") == endpoint.model]
    return (named or (entries if len(entries) == 1 else []) or [{}])[0]


def _told(entry: dict[str, Any]) -> int | None:
    return next((told for name in FIELDS if (told := _positive(entry.get(name))) is not None), None)


def _positive(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _get(body: Any, *path: str) -> Any:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


async def _read(chat: Any, method: str, url: str, body: Any = None) -> Any:
    """The JSON at an address, or None: whatever fails here is only something that is not known."""
    import openai

    client = chat.root_async_client
    try:
        async with asyncio.timeout(ANSWER_S):
            if method == "POST":
                return await client.post(url, body=body, cast_to=object)
            return await client.get(url, cast_to=object)
    except (openai.OpenAIError, TimeoutError, ValueError):
        return None
