"""A machine with two NVIDIA cards, as far as files go: run in a mount namespace of its own, as root.

    unshare --mount --propagation private python machine.py LIBRARIES COMMAND…

/dev gets device files under the driver's names (they are /dev/zero and /dev/full underneath), and LD_LIBRARY_PATH,
which is to name a folder below /opt, what is in LIBRARIES. Then the command takes over.
"""

import os
import shutil
import stat
import subprocess
import sys

PLAIN = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
NVIDIA = {
    "nvidiactl": (1, 5),
    "nvidia-uvm": (1, 5),
    "nvidia-uvm-tools": (1, 5),
    "nvidia-modeset": (1, 5),
    "nvidia0": (1, 5),
    "nvidia1": (1, 7),
}


def main(libraries: str, *command: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "none", "/dev"], check=True)
    os.umask(0)
    for name, numbers in (PLAIN | NVIDIA).items():
        os.mknod(f"/dev/{name}", stat.S_IFCHR | 0o666, os.makedev(*numbers))
    os.mkdir("/dev/shm", 0o1777)
    os.umask(0o022)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "none", "/opt"], check=True)
    shutil.copytree(libraries, os.environ["LD_LIBRARY_PATH"])
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
