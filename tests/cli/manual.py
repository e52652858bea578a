#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""doc/llama-fleet.1 is what the option table says (LLAMA_FLEET_ACCEPT=1 rewrites it), and no help text is wider than 80."""
import os
import subprocess
import sys

program, source = os.environ["LLAMA_FLEET"], os.environ["SOURCE_DIR"]


def output(*words):
    return subprocess.run([program, *words], check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8").stdout


page, path = output("help", "--man"), os.path.join(source, "doc/llama-fleet.1")
current = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
if page != current:
    if os.environ.get("LLAMA_FLEET_ACCEPT") == "1":
        open(path, "w", encoding="utf-8").write(page)
        print("doc/llama-fleet.1: accepted")
        sys.exit(77)
    sys.exit("doc/llama-fleet.1 differs from `llama-fleet help --man`; LLAMA_FLEET_ACCEPT=1 rewrites it")

verbs = [line.split()[0] for line in output("--help").splitlines() if line.startswith("  ") and not line[2].isdigit()]
texts = [output("--help")] + [output(verb, "--help") for verb in verbs]
assert len(verbs) >= 6, verbs
wide = [line for text in texts for line in text.splitlines() if len(line) > 80]
sys.exit(f"wider than 80 columns: {wide}" if wide else 0)
