"""Print pip's settings as exports for uv, which reads only its own: index, find-links, certificate."""

import os
import shlex
import subprocess
import sys

NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def pip_settings() -> dict[str, str]:
    """Option -> value; the environment wins over files, as it does in pip."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings: dict[str, str] = {}
    for line in listing.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if option in NAMES and (section == ":env:" or option not in settings):
            settings[option] = value.strip("'\"").replace("\\n", " ")
    return settings


if __name__ == "__main__":
    for option, value in pip_settings().items():
        if NAMES[option] not in os.environ:
            print(f"export {NAMES[option]}={shlex.quote(value)}")
