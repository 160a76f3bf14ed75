"""Holds programs for .ci/try, in the same way on all systems.

hold NAME PROGRAM ARGUMENT...   runs it until the file NAME.stop appears, then
                                sends Ctrl-C (Ctrl-Break on Windows) and ends
                                with its exit code; NAME.kill ends it at once.
connect HOST PORT COUNT         opens so many connections, and closes them.
"""

import os
import signal
import socket
import subprocess
import sys
import time

# Seconds that a program may take to end in order.
PATIENCE = 60
WINDOWS = os.name == "nt"


def hold(name, command):
    # A group of its own: Ctrl-Break is for a whole group.
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if WINDOWS else 0
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, creationflags=flags
    )
    asked_at = None
    while child.poll() is None:
        if os.path.exists(name + ".kill"):
            child.kill()
        elif asked_at is None and os.path.exists(name + ".stop"):
            child.send_signal(
                signal.CTRL_BREAK_EVENT if WINDOWS else signal.SIGINT
            )
            asked_at = time.monotonic()
        elif asked_at is not None and time.monotonic() - asked_at > PATIENCE:
            print("it did not end within", PATIENCE, "seconds", flush=True)
            child.kill()
        time.sleep(0.1)
    return child.returncode


def connect(host, port, count):
    raise_limit(count)
    open_ones = []
    for _ in range(count):
        open_ones.append(socket.create_connection((host, port), timeout=20))
    for each in open_ones:
        each.close()
    return 0


def raise_limit(count):
    """This process has the limit of the shell, and needs more."""
    if WINDOWS:
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 64
    if soft < wanted:
        wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main(words):
    if words[0] == "hold":
        return hold(words[1], words[2:])
    if words[0] == "connect":
        return connect(words[1], int(words[2]), int(words[3]))
    raise SystemExit(__doc__)


sys.exit(main(sys.argv[1:]))
