"""Leaves what is no plain file, or has no plain name, where artifacts are collected. Says what the kernel refused."""

import os
import socket

from attempts import attempt, say

os.makedirs("out/a")
open("out/good.txt", "w").write("good")
for name, target in {"link.txt": "/etc/passwd", "linked_folder": "/etc", "loop.txt": "loop.txt", "dangling.txt": "nowhere", "inner.txt": "good.txt", "proc.txt": "/proc/1/environ"}.items():
    os.symlink(target, f"out/{name}")
    say("G1", name, "made")
os.symlink("/usr/lib", "folder_link")
os.symlink("..", "out/up")
say("G2", "folder_link", "made")
attempt("G3", "of the host", lambda: os.link("/etc/passwd", "out/host.txt"))
attempt("G3", "of the interpreter", lambda: os.link(os.__file__, "out/library.txt"))
open("out/one.txt", "w").write("one")
attempt("G3", "own", lambda: os.link("out/one.txt", "out/two.txt"))
attempt("G4", "pipe", lambda: os.mkfifo("out/pipe.txt"))
attempt("G5", "character", lambda: os.mknod("out/device.txt", 0o20666, os.makedev(1, 5)))
attempt("G5", "block", lambda: os.mknod("out/block.txt", 0o60666, os.makedev(254, 0)))
attempt("G5", "socket", lambda: socket.socket(socket.AF_UNIX).bind("out/socket.txt"))
names = [b"out/line\nbreak.txt", b"out/\x1b[31mred.txt", b"out/GOOD.txt", b"out/\xff.txt", "out/\u202egpj.txt".encode(), b"out/back\\slash.txt", b"out/" + b"n" * 250 + b".txt",
         "out/e\u0301.txt".encode(), "out/\u00e9.txt".encode(), b"out/ .txt", b"out/\x00.txt"]
for number, name in enumerate(names):
    attempt("G6", str(number), lambda: open(name, "w").write("odd"))
for name in ("-rf.txt", "CON.txt", "--force.txt", "$(id).txt", "'; rm.txt", "%2e%2e.txt"):
    open(f"out/{name}", "w").write("plain")
with open("out/huge.txt", "wb") as file:
    file.truncate(200 << 20)
open("out/unreadable.txt", "w").write("secret")
os.chmod("out/unreadable.txt", 0)
os.makedirs("out/closed")
open("out/closed/inside.txt", "w").write("inside")
os.chmod("out/closed", 0)
os.makedirs("out/unsearchable")
open("out/unsearchable/inside.txt", "w").write("inside")
os.chmod("out/unsearchable", 0o400)
os.makedirs("/".join(["out", *"d" * 60]))
open("/".join(["out", *"d" * 60, "deep.txt"]), "w").write("deep")
for name in ("result.json", "gradproof.json", "verdict.json", "evidence", "3"):
    open(f"out/{name}", "w").write('{"status": "passed"}')
open("out/page.svg", "w").write("<svg onload='alert(1)'/>")
