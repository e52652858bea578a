# SPDX-License-Identifier: MIT
"""Debian sid's llama.cpp and its Python library, for models.py and model_speed.py: unpacked once into the cache.

They are started through their own loader (tools/sid-start) in a folder that has all CPU variants of ggml, of which it
takes the best for this machine.
"""
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE, WORK = pathlib.Path(os.environ["SOURCE_DIR"]), pathlib.Path(os.environ["WORK_DIR"])
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
LLAMA, GGUF = CACHE / "sid-llama", CACHE / "sid-gguf"
THREADS = str(min(2, os.cpu_count() or 1))
MODEL_TOOL = sys.argv[1]


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def unpack():
    """Both packages are there afterwards, and WORK is an empty folder with ggml's variants."""
    for folder, package in ((LLAMA, "llama.cpp-tools"), (GGUF, "python3-gguf")):
        done = subprocess.run([SOURCE / "tools/sid-packages", folder, package], capture_output=True, text=True)
        if done.returncode == 3:
            skip(done.stderr.strip().splitlines()[-1])
        assert done.returncode == 0, done.stderr
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for library in (LLAMA / "root/usr/lib/x86_64-linux-gnu/ggml").glob("*/libggml-cpu-*.so"):
        (WORK / library.name).symlink_to(library)


def llama(program, *arguments, limit=100):
    """What the program printed, both streams together."""
    done = subprocess.run([SOURCE / "tools/sid-start", LLAMA, program, *arguments], cwd=WORK, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=limit)
    assert done.returncode == 0, (program, arguments, done.returncode, done.stdout[-3000:])
    return done.stdout


def python(*arguments, text=""):
    """make_gguf.py in sid's Python, with the library."""
    program = (GGUF / "root/usr/bin/python3").resolve().name
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    surroundings |= {"PYTHONHOME": str(GGUF / "root/usr"), "PYTHONDONTWRITEBYTECODE": "1",
                     "PYTHONPATH": str(GGUF / "root/usr/lib/python3/dist-packages")}
    done = subprocess.run([SOURCE / "tools/sid-start", GGUF, program, SOURCE / "tests/bench/make_gguf.py", *arguments],
                          input=text, capture_output=True, text=True, env=surroundings, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


def model_tool(*arguments):
    done = subprocess.run([MODEL_TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout
