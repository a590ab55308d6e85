"""Can programs be jailed here at all? Found out by doing it, in a few milliseconds."""

import os
import subprocess
from typing import Literal

from sandbox.errors import SandboxError
from sandbox.local.view import jail_command
from sandbox.local.zygote import explain_start_failure
from sandbox.runtime import Interpreter

_NESTED = ["--user", "--map-current-user", "--pid", "--mount-proc", "--net", "--ipc", "--uts", "--fork"]


def best_tier(interpreter: Interpreter) -> Literal["A", "B"]:
    """A where namespaces nest in a jail, else B. Raises SandboxError, with the remedy, where there is no jail."""
    try:
        require_nesting(interpreter)
    except SandboxError:
        run_in_jail(interpreter, ["/usr/bin/true"])
        return "B"
    return "A"


def require_nesting(interpreter: Interpreter) -> None:
    """Raise SandboxError, with the reason, unless each run can have namespaces of its own in a jail (tier A)."""
    run_in_jail(interpreter, ["/usr/bin/unshare", *_NESTED, "/usr/bin/true"])


def run_in_jail(interpreter: Interpreter, inside_command: list[str]) -> str:
    """Run a trusted command in a jail of its own; its output. Raises SandboxError with its last words."""
    command, passed = jail_command(interpreter, inside_command, keep=[])
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=10.0,
            pass_fds=passed,
            check=False,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"the jail could not be started: {error}; see 'gradproof doctor'") from error
    finally:
        for descriptor in passed:
            os.close(descriptor)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise SandboxError(f"programs cannot be jailed here: {explain_start_failure(last)}")
    return done.stdout.strip()
