"""Every setting, read once from the environment or a .env file."""

import os
import sys
from pathlib import Path
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
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import ConfigurationError
from assistant.model.schema import Budget, Endpoint
from sandbox.schema import Runtime, SandboxKind


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
    qdrant_url: None = None
    """Nothing but the embedded index in this version; likewise."""

    @field_validator("openai_api_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        """The key without white space around it. A ConfigurationError is no ValueError: pydantic would show the key."""
        bare = key.get_secret_value().strip() if key else ""
        if not (bare.isascii() and bare.isprintable()):
            raise ConfigurationError(
                "OPENAI_API_KEY holds a control character or one that is not ASCII; copy the key anew"
            )
        return SecretStr(bare) if bare else None

    @field_validator("openai_base_url")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
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
            raise ConfigurationError(
                "OPENAI_BASE_URL is not the address of an endpoint (http or https, a host, and a port up to 65535); "
                "set it to one such as http://127.0.0.1:8000/v1"
            ) from error
        return str(url)

    def runtimes(self) -> dict[Runtime, Path]:
        """The interpreter for each runtime."""
        here = Path(sys.executable)
        return {
            "pytorch": self.runtime_pytorch or here,
            "tensorflow": self.runtime_tensorflow or here,
            "python": here,
        }

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
        name = "_".join(str(part) for part in first["loc"]).upper()
        name = name if name.startswith("OPENAI_") else f"GRADPROOF_{name}"
        if first["type"] == "none_required":
            raise ConfigurationError(f"{name} is set, and this version cannot use it; unset it") from error
        raise ConfigurationError(f"{name} is {first['input']!r}: {first['msg'].lower()}") from error
