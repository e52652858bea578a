#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real server with an H200, captured: CUDA is chosen, machine code for 9.0 alone, CPU flags up to AMX. Skipped where the capture is not at hand."""
import json
import os
import subprocess
import sys

capture = os.path.join(os.environ["SOURCE_DIR"], "../shared/data/hosts/h200-emerald-rapids")
if not os.path.isdir(capture):
    print("skipped: the capture ../shared/data/hosts/h200-emerald-rapids is not there")
    sys.exit(77)


def answer(*words):
    done = subprocess.run([os.environ["LLAMA_FLEET"], *words, "--root", capture, "--host", "h200", "--json"],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


facts, plan = answer("probe"), answer("plan")
cards = [gpu for gpu in facts["gpus"] if gpu["vendor"] == "nvidia"]
assert [(gpu["chip"], gpu["compute_capability"]) for gpu in cards] == [("GH100", "9.0")], cards
build = plan["build"]
assert build["package"] == "llama-cpp-cuda", build
assert build["cuda"]["architectures"] == "90-real", build
assert build["cpu"]["variant"] == "sapphirerapids", build
assert build["cpu"]["flags"]["GGML_AMX_INT8"] and build["cpu"]["flags"]["GGML_AVX512_BF16"], build
assert not build["blas"], build
print("H200: llama-cpp-cuda for 90-real, sapphirerapids")
