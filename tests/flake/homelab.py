# SPDX-License-Identifier: MIT
"""fit(examples/homelab) on the captured machines equals examples/homelab-fitted, byte for byte; a second run has nothing to do;
fit --undo gives examples/homelab again, modes included, and what its owner has written since.

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

# Nothing is undone without --write.
golden.git(flake, "commit", "-q", "-a", "-m", "fitted")
fitted = golden.tree(flake)
golden.run("fit", flake, "--undo")
golden.check(golden.tree(flake) == fitted, "fit --undo without --write has changed something")
golden.run("fit", flake, "--undo", "--write", "--git-add")
golden.check(golden.tree(flake) == before, "fit --undo does not give what was there before")
again = golden.run("fit", flake, "--undo", "--write")
golden.check("nothing to do" in again.stdout, f"the second undo finds something to do:\n{again.stdout}")

# The owner goes on working between fit and undo.
golden.git(flake, "reset", "-q", "--hard", "HEAD")
golden.git(flake, "clean", "-q", "-d", "-f")
golden.check(golden.tree(flake) == fitted, "the commit does not hold what fit has written")
for name, old, new in [("machines/boron.nix", "    llama-cpp-cpu #", "    btop\n    llama-cpp-cpu #"),
                       ("flake.nix", "  outputs =", "  # Everything below is mine.\n  outputs ="),
                       ("nixos/default.nix", "    curl\n", "    curl\n    wget\n")]:
    path = flake / name
    text = path.read_text(encoding="utf-8")
    golden.check(text.count(old) == 1, f"{name} does not hold {old!r} once")
    path.write_text(text.replace(old, new), encoding="utf-8")
    wanted = before[name][1].decode().replace(old.replace("-cpu", ""), new.replace("-cpu", ""))
    before[name] = (before[name][0], wanted.encode())
golden.run("fit", flake, "--undo", "--write", "--git-add")
after = golden.tree(flake)
golden.check(after == before, f"differs after undo around the owner's edits: {[p for p in before if after.get(p) != before[p]]}")
golden.finish()
