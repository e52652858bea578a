# SPDX-License-Identifier: MIT
"""src/bench/backend_shim.c, preloaded through the machine's own loader into a program with a pretended ggml.

Run as shim.py SHIM PROGRAM. The real ggml is in variants.py, where the packages can be had.
"""
import os
import subprocess
import sys

SHIM, PROGRAM = sys.argv[1:]
LONG = "/" + "a" * 5000


def said(backends=None, shim=SHIM):
    environment = {"LD_PRELOAD": shim, "LD_BIND_NOW": "1"} if shim else {}
    if backends is not None:
        environment["LLAMA_FLEET_BACKENDS"] = backends
    done = subprocess.run([PROGRAM], capture_output=True, text=True, env=os.environ | environment)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


AS_ALWAYS = ["search as always", "search /own"]
CASES = {None: AS_ALWAYS,
         "": [],
         "/b/libggml-cpu-x64.so": ["load /b/libggml-cpu-x64.so"],
         "/b/libggml-vulkan.so:/b/libggml-cpu-x64.so": ["load /b/libggml-vulkan.so", "load /b/libggml-cpu-x64.so"],
         "/b/libggml-blas.so:/links/": ["load /b/libggml-blas.so", "search /links/"],
         "::/a b/c.so:": ["load /a b/c.so"],
         LONG: ["load " + LONG[:4095]]}
assert said(shim=None) == AS_ALWAYS
for backends, wanted in CASES.items():
    assert said(backends) == wanted, (backends, said(backends))

# A wrapper's shell and all that it starts have no ggml.
shell = subprocess.run(["sh", "-c", "env true"], capture_output=True, text=True,
                       env=os.environ | {"LD_PRELOAD": SHIM, "LD_BIND_NOW": "1", "LLAMA_FLEET_BACKENDS": "/none.so"})
assert (shell.returncode, shell.stdout, shell.stderr) == (0, "", ""), shell

needed = subprocess.run(["readelf", "-d", SHIM], capture_output=True, text=True)
assert needed.returncode == 0 and "NEEDED" not in needed.stdout, "the shim needs a certain C library: " + needed.stdout
