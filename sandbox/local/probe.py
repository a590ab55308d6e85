"""Can programs be jailed here at all? Found out by doing it, in a few milliseconds."""

import os
import subprocess

from sandbox.errors import SandboxError
from sandbox.local.view import jail_command
from sandbox.local.zygote import explain_start_failure
from sandbox.runtime import Interpreter

_NEST = [
    "unshare",
    "--user",
    "--map-current-user",
    "--pid",
    "--mount-proc",
    "--net",
    "--ipc",
    "--uts",
    "--fork",
    "true",
]


def require_jail(interpreter: Interpreter) -> None:
    """Raise SandboxError, with the remedy, unless a jail starts and namespaces can be nested in it as a run needs."""
    command, passed = jail_command(interpreter, ["/usr/bin/env", "PATH=/usr/bin:/bin", *_NEST], keep=[])
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10.0, pass_fds=passed, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"the jail could not be started: {error}; see 'gradproof doctor'") from error
    finally:
        for descriptor in passed:
            os.close(descriptor)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise SandboxError(f"programs cannot be jailed here: {explain_start_failure(last)}")
