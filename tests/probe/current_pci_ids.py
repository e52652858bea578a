#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of GPUs against a current pci.ids: Debian sid's, unpacked beside the machine's. Skipped where it cannot be had."""
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "llama-fleet/sid-pci-ids"

unpacked = subprocess.run([SOURCE / "tools/sid-packages", CACHE, "pci.ids"], capture_output=True, text=True)
if unpacked.returncode != 0:
    print("skipped: a current pci.ids cannot be had:", unpacked.stderr.strip().splitlines()[-1])
    sys.exit(77)
environment = os.environ | {"LLAMA_FLEET_PCI_IDS": str(CACHE / "root/usr/share/misc/pci.ids")}
done = subprocess.run([os.environ["PROBE_TEST"], "--gtest_filter=GpuTables.*"], env=environment)
sys.exit(done.returncode)
