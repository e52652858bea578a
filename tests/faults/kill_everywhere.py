# SPDX-License-Identifier: MIT
"""Kills a transaction at every system call it makes, fails each call that can fail, and looks at the files.

Before each call: kill -9, then `recover`: every file must be as before or every file as after, and nothing else there.
Each call that writes: it fails, once or from there on: an error must be told and the files be as before; only where the
error itself says that something is left may `recover` be needed. Recovery is killed everywhere too.
"""
import collections
import re
import shutil
import subprocess
import sys

import golden

driver = sys.argv[1]
work = golden.work_dir()
before, after, root = work / "before", work / "after", work / "root"
counts = collections.Counter()
# What a transaction may fail at. close is left out: a failed close after a good fsync loses nothing.
WRITES = {"write", "openat", "mkdir", "link", "rename", "unlink", "rmdir", "fsync", "flock", "fchmod", "fchown"}
# ENOSPC, EIO and EROFS once; EROFS from there on, as a disk that the kernel has given up behaves.
FAILURES = (("ENOSPC", ""), ("EIO", ""), ("EROFS", ""), ("EROFS", "+"))


def make_trees():
    texts = {"flake.nix": "{ outputs = _: { }; }\n", "machines/carbon.nix": "[ ]\n", "machines/boron.nix": "[ 1 ]\n",
             "nixos/pkgs/old.nix": "gone\n", "nixos/pkgs/deep/old.nix": "", "README": "as it is\n"}
    for path, text in texts.items():
        (before / path).parent.mkdir(parents=True, exist_ok=True)
        (before / path).write_text(text)
    (before / "machines/boron.nix").chmod(0o600)
    shutil.copytree(before, after)
    for path in ("flake.nix", "machines/carbon.nix", "machines/boron.nix"):
        (after / path).write_text("after " + texts[path])
    shutil.rmtree(after / "nixos/pkgs")
    for path in ("nixos/overlays/llama-cpp.nix", "llama-fleet/plan/carbon.json"):
        (after / path).parent.mkdir(parents=True, exist_ok=True)
        (after / path).write_text("new\n")


def fresh_root(git):
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(before, root)
    if git:
        (root / ".git").mkdir()
        (root / ".git/HEAD").write_text("ref: refs/heads/main\n")


# A leak check cannot run under strace.
environment = golden.clean_environment(ASAN_OPTIONS="detect_leaks=0")


def run(words, inject=()):
    """The driver under strace, or without it when there is nothing to inject: (exit code, output)."""
    strace = ["strace", "-qq", "-o", "/dev/null"]
    if not any("signal" in one for one in inject):
        # Stop at the calls in question only, the rest at full speed. (Signals are not injected in that mode.)
        strace += ["-f", "--seccomp-bpf", "-e", "trace=" + ",".join(one.split(":")[0] for one in inject)]
    for one in inject:
        strace += ["-e", f"inject={one}"]
    done = subprocess.run((strace if inject else []) + [driver, *map(str, words)], capture_output=True, text=True,
                          env=environment)
    return done.returncode, done.stdout + done.stderr


def calls_of(words):
    """[(name, index among the calls of that name)] of the transaction's own calls, in order."""
    log = work / "strace.log"
    subprocess.run(["strace", "-qq", "-o", log, driver, *map(str, words)], capture_output=True, env=environment)
    seen, calls, inside = collections.Counter(), [], False
    for line in log.read_text().splitlines():
        name = re.match(r"\w+(?=\()", line)
        if not name:
            continue
        seen[name[0]] += 1
        if inside:
            calls.append((name[0], seen[name[0]]))
        inside |= name[0] == "getppid"
    return calls


def state():
    """"before", "after", or what is wrong with the tree."""
    here = golden.tree(root)
    for name, wanted in (("before", wanted_before), ("after", wanted_after)):
        if here == wanted:
            return name
    return "mixed: " + ", ".join(sorted(k for k in here.keys() | wanted_before.keys() | wanted_after.keys()
                                        if here.get(k) not in (wanted_before.get(k), wanted_after.get(k))
                                        or here.get(k) != wanted_before.get(k)))


def leftovers():
    return [str(p) for p in (root / ".git/llama-fleet", root / ".llama-fleet") if p.exists()]


def recovered(what):
    code, out = run(["recover", root])
    golden.check(code == 0, f"{what}: recover said {out}")
    golden.check(state() in ("before", "after") and not leftovers(), f"{what}: after recover {state()} {leftovers()}")
    counts[state()] += 1


def kill(words, name, index, what, inject=()):
    code, _ = run(words, [*inject, f"{name}:signal=KILL:when={index}"])
    golden.check(code in (-9, 137), f"{what}: not killed, {code}")


def kill_apply(git):
    fresh_root(git)
    calls = calls_of(["apply", root, after])
    golden.check(state() == "after" and not leftovers(), f"plain run: {state()} {leftovers()}")
    for name, index in calls:
        if not git and name not in WRITES:
            continue  # only the place of the journal differs: the calls that read were killed with git
        what = f"killed at {name} {index} (git {git})"
        fresh_root(git)
        kill(["apply", root, after], name, index, what)
        counts["kill points"] += 1
        recovered(what)
    return calls


def fail_apply(calls):
    """`calls`: of a plain run."""
    for name, index in calls:
        for error, onwards in FAILURES if name in WRITES else ():
            what = f"{name} {index}{onwards} fails with {error}"
            fresh_root(True)
            code, out = run(["apply", root, after], [f"{name}:error={error}:when={index}{onwards}"])
            counts["error points"] += 1
            if code == 0:  # a call that could be done without: a second name, an empty folder's removal
                golden.check(state() == "after" or name == "rmdir", f"{what}: ok, but {state()}")
                counts["empty folders left"] += state() != "after"
            elif "error fit-unfinished" in out or (name == "write" and onwards):
                counts["unfinished"] += 1  # or cannot even say so: the driver's own output fails as well
                recovered(what)
            elif name == "flock":  # the lock file is not ours to remove while we cannot lock it
                golden.check(state() == "before", f"{what}: {out} {state()}")
                recovered(what)
            else:
                golden.check(code == 3 and out.startswith("error "), f"{what}: {code} {out}")
                golden.check(state() == "before" and not leftovers(), f"{what}: {out} {state()} {leftovers()}")


def kill_recovery(name, index, inject=()):
    """Kills recovery everywhere, and recovers from that."""
    def stop():
        fresh_root(True)
        kill(["apply", root, after], name, index, "setting up", inject)
    stop()
    for again_name, again_index in calls_of(["recover", root]):
        if again_name not in WRITES:
            continue
        stop()
        what = f"recovery from {name} {index}, killed at {again_name} {again_index}"
        kill(["recover", root], again_name, again_index, what)
        counts["kill points in recovery"] += 1
        recovered(what)


def kill_taking_back(calls):
    """The second replacement fails; then kill everywhere while the first is taken back."""
    renames = [index for name, index in calls if name == "rename"]
    inject = [f"rename:error=EIO:when={renames[3]}"]  # two of the journal, one file replaced
    for name in ("unlink", "rmdir", "fsync"):
        for index in [i for n, i in calls if n == name][-8:]:
            fresh_root(True)
            run(["apply", root, after], [*inject, f"{name}:signal=KILL:when={index}"])
            counts["kill points in taking back"] += 1
            recovered(f"rename failed, then killed at {name} {index}")


if not shutil.which("strace"):
    golden.skip("strace is not installed")
if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
    golden.skip("ptrace is not allowed here, so nothing can be killed at a system call")
make_trees()
wanted_before, wanted_after = golden.tree(before), golden.tree(after)
calls = kill_apply(git=True)
kill_apply(git=False)
fail_apply(calls)
renames = [index for name, index in calls if name == "rename"]
kill_recovery("rename", renames[1])  # before the journal says committed: goes back
kill_recovery("rename", renames[4])  # some files replaced: goes forward
kill_taking_back(calls)
for kind in ("before", "after"):
    golden.check(counts[kind] > 20, f"only {counts[kind]} recoveries ended as {kind}: the test does not reach far")
print(", ".join(f"{n} {what}" for what, n in counts.items()))
golden.finish()
