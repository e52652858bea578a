# SPDX-License-Identifier: MIT
"""Nix's own parser accepts every file that fit leaves: those of the cases and of examples/homelab-fitted."""
import shutil
import subprocess

import golden

if shutil.which("nix-instantiate") is None:
    golden.skip("nix-instantiate is not installed")
folders = [golden.source / "tests/flake/cases", golden.source / "examples/homelab-fitted"]
files = [path for folder in folders for path in sorted(folder.rglob("*.nix"))]
golden.check(len(files) > 60, f"only {len(files)} files were found")
env = golden.clean_environment(NIX_STATE_DIR=str(golden.work_dir()))
for at in range(0, len(files), 40):
    some = files[at:at + 40]
    done = subprocess.run(["nix-instantiate", "--parse", *map(str, some)], capture_output=True, text=True, env=env)
    golden.check(done.returncode == 0, f"Nix does not accept one of {', '.join(p.name for p in some)}:\n{done.stderr}")
golden.finish()
