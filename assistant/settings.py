"""Every setting, read once from the environment or a .env file."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    AnyHttpUrl,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import ConfigurationError
from assistant.model.schema import Budget, Endpoint
from knowledge.connection import Server
from sandbox.schema import Runtime, SandboxKind

ADDRESSES = {
    "openai_base_url": ("an endpoint", "http://127.0.0.1:8000/v1"),
    "qdrant_url": ("a Qdrant server", "http://127.0.0.1:6333"),
}
"""Field -> what lies there, and an example."""


def default_home() -> Path:
    """The state folder where GRADPROOF_HOME is not set: the XDG state directory."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "gradproof"


class Settings(BaseSettings):
    """What the environment says: each field is GRADPROOF_ and its name, but for the two that begin with OPENAI_."""

    model_config = SettingsConfigDict(
        env_prefix="GRADPROOF_", env_file=".env", extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    home: Path = Field(default_factory=default_home)
    """Conversations, index, projects."""
    sandbox: SandboxKind = "local"
    docker_image: str | None = None
    """Image for GRADPROOF_SANDBOX=docker; None means gradproof's own."""
    docker_runtime: str | None = None
    """Another runtime of the engine's, such as gVisor's "runsc"."""
    runtime_pytorch: Path | None = None
    """Interpreter that has PyTorch; None means the one that runs gradproof."""
    runtime_tensorflow: Path | None = None
    model: str | None = None
    """Name of the model that drafts; with none, nothing is asked of any endpoint."""
    openai_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("OPENAI_API_KEY"))
    openai_base_url: str | None = Field(default=None, validation_alias=AliasChoices("OPENAI_BASE_URL"))
    """Address of an OpenAI-compatible endpoint; None is OpenAI's own."""
    model_timeout: PositiveFloat = 300.0
    """Seconds that one reply may take, its retries included."""
    model_context: PositiveInt | None = None
    """Tokens of request and reply together, where the endpoint does not say."""
    price_input: float | None = Field(default=None, ge=0)
    """Per million tokens; with the other price, an answer says what it cost."""
    price_output: float | None = Field(default=None, ge=0)
    budget_tokens: PositiveInt | None = 200_000
    """Tokens that one question may use."""
    budget_cost: PositiveFloat | None = None
    """Likewise in money, in the currency of the prices."""
    budget_seconds: PositiveFloat | None = 1800.0
    """From a question to its answer."""
    checkpoints: None = None
    """Nothing but SQLite under `home` in this version; set, it is refused rather than ignored."""
    qdrant_url: str | None = None
    """Of a Qdrant server that holds the index; None is the embedded one, under `home`."""
    qdrant_api_key: SecretStr | None = None
    qdrant_grpc: int | None = Field(default=None, gt=0, lt=65536)
    """The server's gRPC port; None asks it by HTTP."""
    qdrant_collection: str = Field(default="gradproof", pattern=r"^[A-Za-z0-9_-]{1,200}$")
    """The alias that who shares an index has in common."""
    qdrant_shards: PositiveInt = 1
    """Of a collection that is made from now on; replicas likewise."""
    qdrant_replicas: PositiveInt = 1
    embedding_model: str | None = None
    """Name or folder of a sentence-transformers model on this disk; None is the one that comes with gradproof."""

    @field_validator("openai_api_key", "qdrant_api_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr | None, field: ValidationInfo) -> SecretStr | None:
        """The key without white space around it. A ConfigurationError is no ValueError: pydantic would show the key."""
        bare = key.get_secret_value().strip() if key else ""
        if not (bare.isascii() and bare.isprintable()):
            name = _variable(str(field.field_name))
            raise ConfigurationError(f"{name} holds a control character or one that is not ASCII; copy the key anew")
        return SecretStr(bare) if bare else None

    @field_validator("qdrant_grpc", mode="before")
    @classmethod
    def _usual_port(cls, port: Any) -> Any:
        """Where it is only said whether."""
        said = str(port).strip().lower()
        return 6334 if said in ("true", "yes", "on", "1") else None if said in ("false", "no", "off", "0") else port

    @field_validator("openai_base_url", "qdrant_url")
    @classmethod
    def _is_an_address(cls, address: str | None, field: ValidationInfo) -> str | None:
        """The address as a client takes it. It may hold a password, so that no error shows it."""
        bare = (address or "").strip()
        if not bare:
            return None
        try:
            url = TypeAdapter(AnyHttpUrl).validate_python(bare)
            if not (urlsplit(bare).hostname and bare.isprintable()):
                raise ValueError
            (url.host or "").strip("[]").encode("idna")  # As a look-up of the name does.
        except ValueError as error:
            name, (what, such) = _variable(str(field.field_name)), ADDRESSES[str(field.field_name)]
            raise ConfigurationError(
                f"{name} is not the address of {what} (http or https, a host, and a port up to 65535); "
                f"set it to one such as {such}"
            ) from error
        # What names no port is on Qdrant's own; pydantic would add that of the web.
        return bare if field.field_name == "qdrant_url" else str(url)

    def runtimes(self) -> dict[Runtime, Path]:
        """The interpreter for each runtime."""
        here = Path(sys.executable)
        return {
            "pytorch": self.runtime_pytorch or here,
            "tensorflow": self.runtime_tensorflow or here,
            "python": here,
        }

    def qdrant(self) -> Server | None:
        """The server that holds the index; None where it is embedded."""
        if self.qdrant_url is None:
            return None
        return Server(
            url=self.qdrant_url,
            api_key=self.qdrant_api_key,
            grpc_port=self.qdrant_grpc,
            collection=self.qdrant_collection,
            shards=self.qdrant_shards,
            replicas=self.qdrant_replicas,
        )

    def endpoint(self) -> Endpoint | None:
        """The configured model; None where none is named. ConfigurationError where it is not said where it is,
        or what it costs while money is limited."""
        if self.model is None:
            return None
        if self.openai_base_url is None and self.openai_api_key is None:
            raise ConfigurationError(
                f"GRADPROOF_MODEL is {self.model!r} and nothing says where it is; set OPENAI_BASE_URL, or "
                "OPENAI_API_KEY for OpenAI's own, or unset it"
            )
        if self.budget_cost is not None and (self.price_input is None or self.price_output is None):
            raise ConfigurationError(
                "GRADPROOF_BUDGET_COST needs GRADPROOF_PRICE_INPUT and GRADPROOF_PRICE_OUTPUT; set both, or unset it"
            )
        return Endpoint(
            model=self.model,
            base_url=self.openai_base_url,
            api_key=self.openai_api_key,
            input_price=self.price_input,
            output_price=self.price_output,
            timeout_s=self.model_timeout,
            context_tokens=self.model_context,
        )

    def budget(self) -> Budget:
        """What one question may use where it does not say otherwise."""
        return Budget(tokens=self.budget_tokens, cost=self.budget_cost, seconds=self.budget_seconds)


OUTDATED = ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER")
"""Variables of other tools with which LangChain refuses to run while nothing may be traced."""


def read_settings() -> Settings:
    """Settings from the environment; ConfigurationError names the first one that is wrong."""
    for name in OUTDATED:
        if os.environ.get(name):
            raise ConfigurationError(f"{name} is set, which LangChain does not support any more; unset it")
    try:
        return Settings()
    except RuntimeError as error:  # pathlib's, where nobody knows this user's home
        raise ConfigurationError("this user has no home folder; set HOME, or GRADPROOF_HOME to a folder") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = _variable("_".join(str(part) for part in first["loc"]))
        if first["type"] == "none_required":
            raise ConfigurationError(f"{name} is set, and this version cannot use it; unset it") from error
        raise ConfigurationError(f"{name} is {first['input']!r}: {first['msg'].lower()}") from error


def _variable(field: str) -> str:
    """The environment's name of a field."""
    return field.upper() if field.lower().startswith("openai_") else f"GRADPROOF_{field.upper()}"
