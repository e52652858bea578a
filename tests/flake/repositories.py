# SPDX-License-Identifier: MIT
"""Repositories in a state that has to be noticed: work that is not committed, a rebase, a submodule, links that lead out; every way of fit."""
import json
import os
import pty
import re
import subprocess

import golden

work = golden.work_dir()
boron = ("--root", f"boron={golden.source / 'examples/captures/boron'}", "--host", "boron", "--no-nix")


def flake(name):
    return golden.flake_copy("examples/homelab", work / name)


def unchanged(folder, before, what):
    golden.check(golden.tree(folder) == before, f"{what}: something has changed")


def line_with(text, word):
    return next((line for line in text.splitlines() if word in line), "")


# Work that is not committed: the edit goes on top of it, and is named; whatever else is dirty is not.
repo = flake("dirty")
machine = repo / "machines/boron.nix"
machine.write_text(machine.read_text().replace("htop", "htop\n    btop"))
(repo / "README.md").write_text("changed\n")
shown = golden.run("fit", repo, *boron)
note = re.search(r"note: not committed before this change.*?\n\n", shown.stdout, re.S)
golden.check(note and "machines/boron.nix" in note[0] and "README" not in note[0] and "flake.nix" not in note[0],
             f"a dirty file is not named, or others are:\n{shown.stdout}")
golden.run("fit", repo, *boron, "--write")
golden.check("    btop\n" in machine.read_text() and "llama-cpp-cpu" in machine.read_text(), "the owner's work or ours is lost")
golden.run("fit", repo, "--undo", "--write")
golden.check(golden.git(repo, "status", "--porcelain").split() == ["M", "README.md", "M", "machines/boron.nix"],
             "undo leaves something else than the owner's work")

# A rebase in progress: shown, not written, by every way.
repo = flake("rebase")
golden.run("fit", repo, *boron, "--write", "--git-add")
golden.git(repo, "commit", "-qam", "fitted")
(repo / ".git/rebase-merge").mkdir()
before = golden.tree(repo)
for way in (["--undo"], ["--pin", "b7779", *boron[2:]], ["--update", "--root", f"boron={golden.source / 'examples/captures/nitrogen'}", *boron[2:]]):
    done = golden.run("fit", repo, *way, "--write", code=4)
    golden.check("a rebase is in progress" in done.stderr, f"{way}: the rebase is not named:\n{done.stderr}")
    unchanged(repo, before, f"{way} during a rebase")

# A file of the flake in a submodule: refused by name, nothing is written. A flake that is itself one: fitted.
inner = golden.make_repository(golden.flake_copy("examples/homelab/machines", work / "inner", repository=False))
repo = golden.flake_copy("examples/homelab", work / "outer", repository=False)
golden.run("-r", repo / "machines", program="rm")
golden.make_repository(repo)
golden.git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "machines")
golden.git(repo, "commit", "-qm", "with a submodule")
before = golden.tree(repo)
for words in ([], ["--write"]):
    done = golden.run("fit", repo, *boron, *words, code=4)
    golden.check("machines is a submodule" in done.stderr, f"the submodule is not named:\n{done.stderr}")
    unchanged(repo, before, "a submodule")
whole = flake("whole")
outer = work / "around"
outer.mkdir()
golden.git(outer, "init", "-q")
golden.git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(whole), "fleet")
before = golden.tree(outer / "fleet")
golden.run("fit", outer / "fleet", *boron, "--write", "--git-add")
golden.check("edits.json" in golden.git(outer / "fleet", "status", "--porcelain"), "a flake in a submodule is not fitted")
golden.check(not (outer / "fleet/.llama-fleet").exists(), "the journal's folder is left in the work tree")
golden.run("fit", outer / "fleet", "--undo", "--write", "--git-add")
unchanged(outer / "fleet", before, "fit and undo in a submodule")
golden.check(golden.git(outer / "fleet", "status", "--porcelain") == "", "git still waits for files of ours")

# Links that lead out of the repository: nothing behind them is read or written.
for name, target in (("machines", "folder"), ("machines/boron.nix", "file")):
    repo = golden.flake_copy("examples/homelab", work / f"link-{target}", repository=False)
    outside = work / f"outside-{target}"
    os.rename(repo / name, outside)
    os.symlink(outside, repo / name)
    golden.make_repository(repo)
    before, beyond = golden.tree(repo), golden.tree(outside) if outside.is_dir() else outside.read_bytes()
    done = golden.run("fit", repo, *boron, "--write")
    golden.check(re.search(r"machines/boron\.nix is\s+imported at .* through a\s+link that\s+leads\s+out", done.stdout),
                 f"a {target} behind a link is not named:\n{done.stdout}")
    golden.run("fit", repo, "--undo", "--write")
    unchanged(repo, before, f"a {target} behind a link, fitted and undone")
    golden.check(beyond == (golden.tree(outside) if outside.is_dir() else outside.read_bytes()), f"the {target} outside has changed")

# A link inside the repository: the file that it leads to is edited, once, and the dry run says the same as --write.
repo = golden.flake_copy("examples/homelab", work / "link-inside", repository=False)
(repo / "real").mkdir()
os.rename(repo / "machines/boron.nix", repo / "real/boron.nix")
os.symlink("../real/boron.nix", repo / "machines/boron.nix")
golden.make_repository(repo)
before = golden.tree(repo)
golden.check("--- a/real/boron.nix" in golden.run("fit", repo, *boron).stdout, "the file behind the link is not in the dry run")
golden.run("fit", repo, *boron, "--write", "--git-add")
golden.check("llama-cpp-cpu" in (repo / "real/boron.nix").read_text() and (repo / "machines/boron.nix").is_symlink(),
             "the file behind the link is not edited, or the link is gone")
golden.run("fit", repo, "--undo", "--write", "--git-add")
unchanged(repo, before, "a link inside, fitted and undone")

# flake.nix as a link, and a folder as one: refused before anything is shown or written.
for name, target in (("flake.nix", "parts/flake.nix"), ("machines", "parts/machines")):
    repo = golden.flake_copy("examples/homelab", work / f"link-to-{name}", repository=False)
    (repo / "parts").mkdir()
    os.rename(repo / name, repo / target)
    os.symlink(target, repo / name)
    golden.make_repository(repo)
    before = golden.tree(repo)
    for words in ([], ["--write"]):
        done = golden.run("fit", repo, *boron, *words, code=4)
        golden.check(f"a link to {target}" in done.stderr and "hint:" in done.stderr, done.stderr)
        unchanged(repo, before, f"{name} as a link")

# What git ignores: the plan and the overlay have to be seen by Nix, facts and record need not be.
repo = flake("ignored")
(repo / ".gitignore").write_text("*.json\noverlays/\n")
golden.git(repo, "add", ".gitignore")
golden.git(repo, "commit", "-qm", "ignore")
before = golden.tree(repo)
for words in ([], ["--write", "--git-add"], ["--write"]):
    done = golden.run("fit", repo, *boron, *words, code=4)
    golden.check("git ignores what the flake needs" in done.stderr, done.stderr)
    unchanged(repo, before, "ignored files")
wanted = [line.strip() for line in done.stderr.splitlines() if line.strip().startswith("!/")]
golden.check("!/llama-fleet/plan/*.json" in wanted, f"no line for .gitignore:\n{done.stderr}")
with open(repo / ".gitignore", "a") as file:
    file.write("\n".join(wanted) + "\n")
done = golden.run("fit", repo, *boron, "--write", "--git-add")
golden.check(re.search(r"note: git ignores\s+llama-fleet/edits\.json,\s+llama-fleet/facts/boron\.json:", done.stdout), done.stdout)
status = golden.git(repo, "status", "--porcelain", "--ignored")
golden.check("A  llama-fleet/plan/boron.json" in status and "A  nixos/overlays/llama-cpp.nix" in status and "?? " not in status
             and "!! llama-fleet/facts/" in status, f"git was told of other files:\n{status}")
golden.run("fit", repo, "--undo", "--write", "--git-add")
# Written by hand and still ignored: git add -f is the other way.
golden.run("fit", repo, *boron, "--write")
(repo / ".gitignore").write_text("plan/\n")
done = golden.run("fit", repo, *boron, code=4)
golden.check("add -f -- llama-fleet/plan/boron.json" in done.stderr, done.stderr)

# A flake in a folder that another repository ignores is none of its files.
repo = flake("ignores-it")
(repo / ".gitignore").write_text("build/\n")
golden.run("fit", golden.flake_copy("examples/homelab", repo / "build/homelab", repository=False), *boron, "--write")

# A record that names what lies outside, or a link: an error, nothing is written.
repo = flake("record")
golden.run("fit", repo, *boron, "--write", "--git-add")
record_file = repo / "llama-fleet/edits.json"
good = record_file.read_text()
(work / "outside.nix").write_text("{ }\n")
os.symlink(work / "outside.nix", repo / "link.nix")
deleted = {"deed": "deleted", "before": "0" * 64, "encoding": "utf-8", "text": "{ }\n", "mode": "0644"}
for path in ("../outside.nix", str(work / "outside.nix"), ".git/config.nix"):
    record = json.loads(good)
    record["layers"][0]["files"].append(deleted | {"path": path})
    record_file.write_text(json.dumps(record))
    before = golden.tree(repo)
    done = golden.run("fit", repo, "--undo", "--write", code=3)
    golden.check("llama-fleet/edits.json" in done.stderr and "no file that fit touches" in done.stderr, done.stderr)
    unchanged(repo, before, f"a record that names {path}")
record = json.loads(good)
made = next(one for one in record["layers"][0]["files"] if one["deed"] == "made")
record["layers"][0]["files"].append(made | {"path": "link.nix"})
record_file.write_text(json.dumps(record))
golden.run("fit", repo, "--undo", "--write", "--force")
golden.check((work / "outside.nix").read_text() == "{ }\n", "the file behind the link has changed")
golden.check((repo / "link.nix").is_symlink(), "the link out of the repository is gone")

# The diff has colours on a terminal, none in a pipe, none where NO_COLOR asks for it.
repo = flake("colour")


def on_terminal(**more):
    main, side = pty.openpty()
    env = {k: v for k, v in golden.clean_environment(TERM="xterm", **more).items() if v is not None}
    done = subprocess.Popen([os.environ["LLAMA_FLEET"], "fit", str(repo), *boron], stdout=side, stderr=subprocess.DEVNULL, env=env)
    os.close(side)
    text = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # EIO: the other end is closed
            break
        if not piece:
            break
        text += piece
    os.close(main)
    golden.check(done.wait() == 0, "fit on a terminal fails")
    return text.decode().replace("\r\n", "\n")


coloured, plain = on_terminal(NO_COLOR=None), on_terminal(NO_COLOR="1")
piped = golden.run("fit", repo, *boron).stdout
golden.check("\x1b[32m+    llama-cpp-cpu" in coloured and "\x1b[36m@@" in coloured, f"no colours on a terminal:\n{coloured!r}")
golden.check(re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain == piped, "colours change more than colours")
golden.finish()
