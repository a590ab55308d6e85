"""Tries to write where the next run, or the host, would see it. Prints every place that took it."""

import os
import sys
import sysconfig

places = ["/", "/usr", "/etc", "/dev", "/gradproof/checks", "/gradproof/gradproof_inside", sys.prefix, sys.base_prefix,
          sysconfig.get_paths()["purelib"], os.path.dirname(os.__file__), sys.argv[1], "/var/tmp", "/proc/sys/kernel"]
for place in places:
    for name in ("sitecustomize.py", "canary.pth"):
        try:
            with open(os.path.join(place, name), "w") as file:
                file.write("print('owned')")
            print("WROTE", place)
        except OSError:
            pass
for path in ("/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/1/mem", "/proc/1/oom_score_adj"):
    try:
        descriptor = os.open(path, os.O_WRONLY)
        os.write(descriptor, b"-1000")
        print("WROTE", path)
    except OSError:
        pass
