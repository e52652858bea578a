# SPDX-License-Identifier: MIT
"""fit(examples/homelab) on the captured machines equals examples/homelab-fitted, byte for byte; a second run has nothing to do.

LLAMA_FLEET_ACCEPT=1 makes examples/homelab-fitted anew; then read `git diff --no-index examples/homelab{,-fitted}`.
"""
import os
import shutil

import golden

HOSTS = ["carbon", "beryllium", "boron", "nitrogen", "this-machine"]
FITTED = golden.source / "examples/homelab-fitted"

work = golden.work_dir()
flake = golden.flake_copy("examples/homelab", work / "homelab")
roots = [word for host in HOSTS for word in ("--root", f"{host}={golden.source / 'examples/captures' / host}")]

# Without --write nothing changes.
before = golden.tree(flake)
golden.run("fit", flake, *roots, "--no-nix")
golden.check(golden.tree(flake) == before, "a fit without --write has changed something")

golden.run("fit", flake, *roots, "--no-nix", "--write", "--git-add")
if os.environ.get("LLAMA_FLEET_ACCEPT") == "1":
    shutil.rmtree(FITTED, ignore_errors=True)
    shutil.copytree(flake, FITTED, ignore=shutil.ignore_patterns(".git"))
    golden.skip("examples/homelab-fitted is written anew")
golden.compare_trees(flake, FITTED)

status = golden.git(flake, "status", "--porcelain")
golden.check("??" not in status, f"new files that git does not know:\n{status}")
again = golden.run("fit", flake, "--no-nix")
golden.check("nothing to do" in again.stdout, f"the second run finds something to do:\n{again.stdout}")
golden.finish()
