#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""console.py FILE.md: runs the ```console blocks of a document and compares what they show.

In a ```console block a line "$ COMMAND" is run by bash in the document's own scratch folder (one for the whole document), with
llama-fleet in PATH, $SOURCE naming the project, and ./run being what the project's own ./run does after its build. The lines below it are its stdout and stderr as they come, up to the next
"$ ". "[exit N]" as a last line is the exit code (0 if there is none). A line "..." stands for any number of lines, and "…" inside
a line for any characters. A ```sh block prepares: it is run and must succeed.

LLAMA_FLEET_ACCEPT=1 rewrites the blocks that have no "..." or "…" and reports skipped (77).
"""
import os
import re
import shutil
import subprocess
import sys

FENCE = re.compile(r"^```(console|sh)\n(.*?)^```$", re.M | re.S)


def run(command, folder, environment):
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    text = done.stdout.decode("utf-8", "replace").replace(folder, "$WORK").replace(environment["SOURCE"], "$SOURCE")
    if text and not text.endswith("\n"):
        text += "\n"
    return text + (f"[exit {done.returncode}]\n" if done.returncode else "")


def pattern(expected):
    parts = []
    for line in expected.splitlines():
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append("[^\n]*".join(re.escape(piece) for piece in line.split("…")) + "\n")
    return re.compile("".join(parts) + r"\Z")


def steps(block):
    """(command line, expected) pairs of a console block."""
    out = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            out.append([line, ""])
        elif out:
            out[-1][1] += line
        else:
            sys.exit(f"a console block must begin with '$ ': {line!r}")
    return out


def main(path):
    source = os.environ["SOURCE_DIR"]
    folder = os.path.join(os.environ["WORK_DIR"], "scratch")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    environment = dict(os.environ, SOURCE=source, LLAMA_FLEET_BENCH="no", LLAMA_FLEET_DEMO=os.path.join(folder, "build/demo/homelab"), LC_ALL="C.UTF-8", NO_COLOR="1", HOME=folder,
                       XDG_CACHE_HOME=os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")),
                       PATH=os.path.dirname(os.environ["LLAMA_FLEET"]) + ":" + os.environ["PATH"])
    with open(os.path.join(folder, "run"), "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\n[ $# -gt 0 ] && exec "{environment["LLAMA_FLEET"]}" "$@"\n'
                   f'exec "{source}/tools/demo" "{environment["LLAMA_FLEET"]}"\n')
    os.chmod(os.path.join(folder, "run"), 0o755)
    os.symlink(os.path.join(source, "examples"), os.path.join(folder, "examples"))
    os.symlink(os.path.join(source, "doc"), os.path.join(folder, "doc"))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    failures, count, accepted = 0, 0, text

    for kind, block in FENCE.findall(text):
        if kind == "sh":
            got = run("set -e\n" + block, folder, environment)
            if "[exit" in got:
                sys.exit(f"{path}: preparing failed:\n{block}\n{got}")
            continue
        shown = ""
        for command, expected in steps(block):
            count += 1
            got = run(command[2:], folder, environment)
            shown += command + got
            if not pattern(expected).match(got):
                failures += 1
                print(f"{path}: {command}--- expected\n{expected}--- got\n{got}---")
        if shown != block and "..." not in block and "…" not in block:
            accepted = accepted.replace(block, shown, 1)
    if os.environ.get("LLAMA_FLEET_ACCEPT") == "1" and accepted != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(accepted)
        print(f"{path}: accepted")
        sys.exit(77)
    if count == 0:
        sys.exit(f"{path}: no command in it")
    print(f"{path}: {count - failures} of {count} commands as shown")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(sys.argv[1])
