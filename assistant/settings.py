"""Every setting, read once from the environment or a .env file."""

import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import ConfigurationError
from knowledge.schema import Framework
from sandbox.runtime import versions
from sandbox.schema import Runtime


def default_home() -> Path:
    """The state folder where GRADPROOF_HOME is not set: the XDG state directory."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "gradproof"


class Settings(BaseSettings):
    """What the environment says: each field is GRADPROOF_ and its name."""

    model_config = SettingsConfigDict(env_prefix="GRADPROOF_", env_file=".env", extra="ignore", env_ignore_empty=True)

    home: Path = Field(default_factory=default_home)
    """Conversations, index, projects."""
    sandbox: Literal["local"] = "local"
    runtime_pytorch: Path | None = None
    """Interpreter that has PyTorch; None means the one that runs gradproof."""
    runtime_tensorflow: Path | None = None
    checkpoints: None = None
    """Nothing but SQLite under `home` in this version; set, it is refused rather than ignored."""
    qdrant_url: None = None
    """Nothing but the embedded index in this version; likewise."""

    def runtimes(self) -> dict[Runtime, Path]:
        """The interpreter for each runtime."""
        here = Path(sys.executable)
        return {
            "pytorch": self.runtime_pytorch or here,
            "tensorflow": self.runtime_tensorflow or here,
            "python": here,
        }

    def framework_versions(self) -> dict[Framework, str | None] | None:
        """What is installed in the interpreters that were set; None where gradproof's own serves both."""
        if self.runtime_pytorch is None and self.runtime_tensorflow is None:
            return None
        return versions(self.runtimes(), ["pytorch", "tensorflow"])


def read_settings() -> Settings:
    """Settings from the environment; ConfigurationError names the first one that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        if first["type"] == "none_required":
            raise ConfigurationError(f"GRADPROOF_{name} is set, and this version cannot use it; unset it") from error
        raise ConfigurationError(f"GRADPROOF_{name} is {first['input']!r}: {first['msg'].lower()}") from error
