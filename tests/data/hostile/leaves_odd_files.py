"""Leaves links, a pipe, odd names, a big sparse file, a hard link and a deep tree where artifacts are collected."""

import os

os.makedirs("out/a")
open("out/good.txt", "w").write("good")
os.symlink("/etc/passwd", "out/link.txt")
os.symlink("/etc", "out/linked_folder")
os.symlink("/usr/lib", "folder_link")
for make, name in ((os.mkfifo, "out/pipe.txt"), (lambda path: os.mknod(path, 0o20666, os.makedev(1, 5)), "out/device.txt")):
    try:
        make(name)
        print("MADE", name)
    except OSError:
        pass
open("out/one.txt", "w").write("one")
os.link("out/one.txt", "out/two.txt")
open("out/line\nbreak.txt", "w").write("odd")
open("out/\x1b[31mred.txt", "w").write("odd")
open("out/GOOD.txt", "w").write("the same name in capitals")
open(b"out/\xff.txt", "w").write("odd")
with open("out/huge.txt", "wb") as file:
    file.truncate(200 << 20)
deep = "out"
for _ in range(60):
    deep += "/d"
    os.mkdir(deep)
open(f"{deep}/deep.txt", "w").write("deep")
import socket

try:
    socket.socket(socket.AF_UNIX).bind("out/socket.txt")
except OSError:
    pass
