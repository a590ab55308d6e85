"""langchain-openai's client as it is used here: one endpoint, no retries of its own, no tracing, no redirects."""

import base64
import functools
import ipaddress
import json
import warnings
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

from assistant.model.failures import ErrorInBody
from assistant.model.schema import OPENAI, Endpoint, Message

NO_KEY = "none"
"""Sent where no key is configured: the client insists on one, and most local servers ignore it."""
CONNECT_S = 10.0
REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Where DeepSeek, vLLM and llama.cpp, or OpenRouter and Ollama, put what a model thinks aloud."""


def is_openai(endpoint: Endpoint) -> bool:
    return urlsplit(endpoint.address).hostname == urlsplit(OPENAI).hostname


def root(endpoint: Endpoint) -> str:
    """The server's own address, where llama.cpp, Ollama and LM Studio keep what OpenAI's protocol does not know."""
    url = urlsplit(endpoint.address)
    return f"{url.scheme}://{url.netloc}"


def open_chat(endpoint: Endpoint) -> Any:
    """A ChatOpenAI for the endpoint; its reasoning fields arrive in `additional_kwargs["reasoning"]`."""
    import openai

    async def key() -> str:
        return endpoint.api_key.get_secret_value() if endpoint.api_key else NO_KEY

    # A refused schema is handled, and the advice in these is not for our users.
    warnings.filterwarnings("ignore", message="Invalid schema for OpenAI's|This model does not support OpenAI's")
    timeout = openai.Timeout(None, connect=CONNECT_S)
    # A proxy from the environment knows no loopback of ours; redirects would carry the prompt to someone else.
    http = openai.DefaultAsyncHttpxClient(
        timeout=timeout,
        follow_redirects=False,
        trust_env=not _is_loopback(endpoint),
        event_hooks={"response": [_raise_error]},
    )
    return _chat_class()(
        model=endpoint.model,
        base_url=endpoint.address,
        api_key=key,  # A coroutine function, so that no second, synchronous client is made.
        http_async_client=http,
        http_socket_options=(),  # They are for langchain's own clients; it warns of them where a proxy is set.
        openai_proxy="",
        timeout=timeout,
        max_retries=0,
        stream_chunk_timeout=None,
        use_responses_api=False,
        default_headers=_authorization(endpoint),
    )


@functools.cache
def _chat_class() -> type:
    from langchain_core.messages import convert_to_messages
    from langchain_openai import ChatOpenAI

    class Chat(ChatOpenAI):
        """Keeps the reasoning, for which the protocol has no field, and is asked past langchain's callbacks, so that
        nothing traces a prompt whatever the environment says."""

        async def hear(self, messages: list[Message], *, stream: bool, **arguments: Any) -> AsyncIterator[Any]:
            """The generations of one reply: the pieces of a stream, or a single whole one."""
            said = convert_to_messages([(message.role, message.content) for message in messages])
            if not stream:
                for generation in (await self._agenerate(said, **arguments)).generations:
                    yield generation
                return
            async with aclosing(self._astream(said, **arguments)) as pieces:
                async for generation in pieces:
                    yield generation

        def _convert_chunk_to_generation_chunk(self, chunk: dict, *args: Any, **kwargs: Any) -> Any:
            generation = super()._convert_chunk_to_generation_chunk(chunk, *args, **kwargs)
            if generation is not None and chunk.get("choices"):
                _keep_reasoning(generation.message, chunk["choices"][0].get("delta") or {})
            return generation

        def _create_chat_result(self, response: Any, generation_info: dict | None = None) -> Any:
            result = super()._create_chat_result(response, generation_info)
            body = response if isinstance(response, dict) else response.model_dump()
            for generation, choice in zip(result.generations, body["choices"], strict=True):
                _keep_reasoning(generation.message, choice["message"])
            return result

    return Chat


async def _raise_error(response: Any) -> None:
    """Raise ErrorInBody for {"error": …} under a status of 200, which a stream's reader takes for no event at all."""
    if response.status_code != 200 or "json" not in response.headers.get("content-type", ""):
        return
    try:
        body = json.loads(await response.aread())
    except ValueError:
        return
    if isinstance(body, dict) and (error := body.get("error")) and not body.get("choices"):
        raise ErrorInBody(str(error.get("message") or error) if isinstance(error, dict) else str(error))


def _keep_reasoning(message: Any, said: dict[str, Any]) -> None:
    reasoning = next((said[name] for name in REASONING_FIELDS if isinstance(said.get(name), str)), "")
    if reasoning:
        message.additional_kwargs["reasoning"] = reasoning


def _authorization(endpoint: Endpoint) -> dict[str, str]:
    """A user's name and password from the address; in a header they are not logged with it."""
    name, marker, _ = urlsplit(endpoint.base_url or "").netloc.rpartition("@")
    return {"Authorization": "Basic " + base64.b64encode(name.encode()).decode()} if marker else {}


def _is_loopback(endpoint: Endpoint) -> bool:
    host = urlsplit(endpoint.address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
