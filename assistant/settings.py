"""Every setting, read once from the environment or a .env file."""

import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import ConfigurationError
from sandbox.schema import Runtime


def default_home() -> Path:
    """The state folder where GRADPROOF_HOME is not set: the XDG state directory."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "gradproof"


class Settings(BaseSettings):
    """What the environment says. Each field is GRADPROOF_ and its name, unless an alias says otherwise."""

    model_config = SettingsConfigDict(env_prefix="GRADPROOF_", env_file=".env", extra="ignore", populate_by_name=True)

    home: Path = Field(default_factory=default_home)
    """Conversations, index, projects."""
    sandbox: Literal["local"] = "local"
    checkpoints: str | None = None
    """A PostgreSQL URL; None keeps the conversations in SQLite under `home`."""
    qdrant_url: str | None = None
    runtime_pytorch: Path | None = None
    """Interpreter that has PyTorch; None means the one that runs gradproof."""
    runtime_tensorflow: Path | None = None
    model: str | None = None
    openai_api_key: str | None = Field(default=None, validation_alias="OPENAI_API_KEY", repr=False)
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")

    def runtimes(self) -> dict[Runtime, Path]:
        """The interpreter for each runtime."""
        here = Path(sys.executable)
        return {
            "pytorch": self.runtime_pytorch or here,
            "tensorflow": self.runtime_tensorflow or here,
            "python": here,
        }

    @property
    def model_configured(self) -> bool:
        return bool(self.model and (self.openai_api_key or self.openai_base_url))


def read_settings() -> Settings:
    """Settings from the environment; ConfigurationError names the first one that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        setting = name if name.startswith("OPENAI") else f"GRADPROOF_{name}"
        raise ConfigurationError(f"{setting} is {first['input']!r}: {first['msg'].lower()}") from error
