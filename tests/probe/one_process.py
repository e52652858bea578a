#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The local probe starts no process and asks no network: every system call of it is looked at."""
import os
import pathlib
import shutil
import subprocess
import sys

PROGRAM, WORK = os.environ["LLAMA_FLEET"], os.environ["WORK_DIR"]
if not shutil.which("strace"):
    print("skipped: strace is not installed")
    sys.exit(77)
shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
log = f"{WORK}/calls"
done = subprocess.run(["strace", "-f", "-o", log, PROGRAM, "probe", "--host", "h", "--no-driver-libraries"],
                      capture_output=True, text=True)
text = pathlib.Path(log).read_text()
if done.returncode != 0 and "ptrace" in done.stderr:
    print("skipped: strace may not trace here")
    sys.exit(77)
assert done.returncode == 0, done.stderr
calls = [line.split(None, 1)[1] for line in text.splitlines() if " " in line]
started = [call for call in calls if call.startswith(("fork(", "vfork(", "clone(", "clone3(", "execve("))
           and "CLONE_THREAD" not in call]
assert len(started) == 1, "processes were started:\n" + "\n".join(started[1:])
asked = [call for call in calls if call.startswith(("socket(", "connect("))]
assert not asked, asked
print(f"{len(calls)} system calls, one process")
