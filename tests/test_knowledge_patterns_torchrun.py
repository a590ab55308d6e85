"""The pattern that is started by torchrun, run as it says: the sandbox that vets it has no network to join a group."""

import os
import subprocess
import sys

import pytest

from knowledge.patterns import REPOSITORY

SCRIPT = REPOSITORY / "pytorch" / "distributed" / "ddp_script.py"


@pytest.mark.slow
def test_the_ddp_script_ends_well_in_two_processes_and_is_reported_once() -> None:
    launcher = ["-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1", "--nproc-per-node=2"]
    process = subprocess.run(
        [sys.executable, *launcher, str(SCRIPT)],
        env=os.environ | {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=120.0,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("of the saved weights") == 1, process.stdout
