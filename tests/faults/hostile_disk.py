# SPDX-License-Identifier: MIT
"""The world as it fails without strace: a second writer, files and folders that may not be written, a full disk."""
import atexit
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import golden

# In the common temporary folder: a build folder below /root is closed to the plain user of this test.
work = pathlib.Path(tempfile.mkdtemp(prefix="llama-fleet-faults-"))
work.chmod(0o755)
atexit.register(shutil.rmtree, work, ignore_errors=True)
driver = shutil.copy(sys.argv[1], work / "apply_driver")
before, after = work / "before", work / "after"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def make_trees():
    for folder, text in ((before, "before\n"), (after, "after\n" + "x" * 50000 + "\n")):
        for path in ("flake.nix", "machines/carbon.nix"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        shutil.copytree(folder / "machines", folder / ("old" if folder == before else "llama-fleet/plan"))
    (before / ".git").mkdir()
    (before / ".git/HEAD").write_text("ref: refs/heads/main\n")


def fresh_root(name, at=work):
    shutil.copytree(before, at / name)
    return at / name


def apply(root, prefix=()):
    done = subprocess.run([*prefix, driver, "apply", str(root), str(after)], capture_output=True, text=True)
    return done.stdout + done.stderr


def expect(root, out, error):
    golden.check(out.startswith(f"error {error}:"), f"{root.name}: wanted {error}, got {out!r}")
    golden.compare_trees(root, before)
    golden.check(not (root / ".git/llama-fleet").exists(), f"{root.name}: something is left in .git")


def second_writer():
    root = fresh_root("locked")
    (root / ".git/llama-fleet").mkdir()
    with open(root / ".git/llama-fleet/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        out = apply(root)
        golden.check(out.startswith("error fit-locked:"), out)
        golden.compare_trees(root, before)
    golden.check(apply(root) == "ok\n", "the lock of a dead process still holds")
    golden.compare_trees(root, after)


def race():
    """Two at once, many times: whole or not at all, and never two that both believe they wrote from `before`."""
    outcomes = set()
    for i in range(25):
        root = fresh_root(f"race-{i}")
        argv = [driver, "apply", str(root), str(after)]
        both = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        said = [p.communicate()[0] for p in both]
        golden.compare_trees(root, after)
        golden.check("ok\n" in said, f"nobody wrote: {said}")
        outcomes |= {text.split(":")[0].strip() for text in said}
        golden.check(not (root / ".git/llama-fleet").exists(), "the lock is left")
        shutil.rmtree(root)
    golden.check(outcomes <= {"ok", "error fit-locked", "error file-changed"}, f"unexpected: {outcomes}")


def read_only():
    """Modes bind only those who are not root."""
    prefix = []
    if os.getuid() == 0:
        if subprocess.run([*NOBODY, "true"], capture_output=True).returncode != 0:
            return golden.skip_part("cannot become another user, and root may write everywhere")
        prefix = NOBODY
    cases = {"file": "flake.nix", "folder": ".", "subfolder": "machines", "emptied": "old", "git": ".git"}
    for name, path in cases.items():
        root = fresh_root(f"read-only-{name}")
        if prefix:
            for one in [root, *root.rglob("*")]:
                os.chown(one, 65534, 65534)
        mode = (root / path).stat().st_mode
        (root / path).chmod(mode & ~0o222)
        out = apply(root, prefix)
        (root / path).chmod(mode)
        expect(root, out, "file-read-only")


def owner_is_kept():
    if os.getuid() != 0:
        return golden.skip_part("only root can write into another user's repository")
    root = fresh_root("owner")
    for one in [root, *root.rglob("*")]:
        os.chown(one, 65534, 65534)
    golden.check(apply(root) == "ok\n", "apply as root failed")
    golden.compare_trees(root, after)
    for one in root.rglob("*"):
        golden.check(one.stat().st_uid == 65534, f"{one} belongs to root now")


def full_disk():
    """A small tmpfs with less and less room: somewhere on the way each kind of step is the first that fails."""
    disk = work / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        return golden.skip_part("mount is not allowed here, so no disk can be filled")
    try:
        seen = set()
        for blocks in range(128):
            shutil.rmtree(disk / "full", ignore_errors=True)
            (disk / "ballast").unlink(missing_ok=True)
            root = fresh_root("full", disk)
            with open(disk / "ballast", "wb") as ballast:
                room = os.statvfs(disk).f_bavail - blocks
                ballast.write(b"x" * 4096 * max(room, 0))
            out = apply(root)
            seen.add(out.split(":")[0].strip())
            if out == "ok\n":
                golden.compare_trees(root, after)
                break
            expect(root, out, "file-unwritable")
            golden.check("No space left" in out, out)
        golden.check(seen == {"ok", "error file-unwritable"}, f"only seen: {seen}")
    finally:
        subprocess.run(["umount", disk], check=True)


make_trees()
second_writer()
race()
read_only()
owner_is_kept()
full_disk()
golden.finish()
