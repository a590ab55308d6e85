"""Prints, as one line of JSON, what the engine alone has put around a process."""

import json
import os
import resource


status = dict(line.split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)


def takes_a_file(folder):
    try:
        open(f"{folder}/x", "w").close()
    except OSError:
        return False
    return True


def first(*paths):
    return next((open(path).read().strip() for path in paths if os.path.exists(path)), None)


group = "/sys/fs/cgroup"
print(
    json.dumps(
        {
            "writable": sorted(
                filter(takes_a_file, ("/", "/tmp", "/dev/shm", "/etc", "/opt/pytorch", "/gradproof/checks", "/var/tmp"))
            ),
            "rights": int(status["CapBnd"], 16) | int(status["CapEff"], 16),
            "gains": status.get("NoNewPrivs", "1").strip(),
            "routes": open("/proc/net/route").read().splitlines()[1:],
            "servers": open("/etc/resolv.conf").read(),
            "memory": first(f"{group}/memory.max", f"{group}/memory/memory.limit_in_bytes"),
            "tasks": first(f"{group}/pids.max", f"{group}/pids/pids.max"),
            "files": resource.getrlimit(resource.RLIMIT_NOFILE),
            "size": os.statvfs("/tmp").f_blocks * os.statvfs("/tmp").f_frsize,
        }
    )
)
