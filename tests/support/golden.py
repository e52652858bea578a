# SPDX-License-Identifier: MIT
"""What script tests share: golden files, throw-away flakes, running the program.

A test is a plain script that ctest starts with LLAMA_FLEET (the program), SOURCE_DIR and WORK_DIR set (see
add_script_test in tests/CMakeLists.txt). It ends 0 passed, 1 failed, 77 skipped with a printed reason:

    import golden
    work = golden.work_dir()                                  # empty, removed and made again at every start
    flake = golden.flake_copy("examples/homelab", work / "homelab")     # a git repository with one commit
    done = golden.run("fit", flake, "--write")                # checked: exit code 0, output as text
    golden.compare(done.stdout, "fit.out")                    # beside the test script
    golden.compare_trees(flake, golden.source / "examples/homelab-fitted")
    golden.finish()

Run with LLAMA_FLEET_ACCEPT=1, `compare` writes the golden files anew; such a run proves nothing and therefore ends as
skipped. Look at `git diff` before you commit them.
"""
import difflib
import os
import pathlib
import shutil
import stat
import subprocess
import sys

source = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
script = pathlib.Path(sys.argv[0]).resolve()
_accept = os.environ.get("LLAMA_FLEET_ACCEPT") == "1"
_accepted, _failed, _skipped = [], [], []


def skip(reason):
    """Ends the whole test as skipped."""
    print(f"skipped: {reason}")
    sys.exit(77)


def skip_part(reason):
    """Notes that a part cannot be tested here; the test still passes, the line is in its output."""
    print(f"skipped a part: {reason}")
    _skipped.append(reason)


def fail(message):
    """Notes a failure and goes on; `finish` ends with 1."""
    print(f"FAILED: {message}")
    _failed.append(message)


def check(condition, message):
    if not condition:
        fail(message)


def finish():
    """The last line of every test."""
    if _failed:
        print(f"{len(_failed)} failure(s)")
        sys.exit(1)
    if _accepted:
        skip(f"accepted {len(_accepted)} golden file(s): {', '.join(_accepted)}")
    sys.exit(0)


def work_dir():
    """This test's own empty folder."""
    work = pathlib.Path(os.environ.get("WORK_DIR") or f"/tmp/llama-fleet-test-{os.getuid()}-{script.stem}")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


def clean_environment(**more):
    """Ours without what would make a run depend on the user: locale, colours, git's and the cache's places."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "XDG_"))}
    return kept | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
                   "GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@localhost", "GIT_COMMITTER_NAME": "test",
                   "GIT_COMMITTER_EMAIL": "test@localhost", "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z",
                   "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z"} | more


def run(*words, code=0, program=None, env=None, **options):
    """Runs the program and fails the test unless it ends with `code` (None: any)."""
    argv = [str(program or os.environ["LLAMA_FLEET"]), *map(str, words)]
    done = subprocess.run(argv, capture_output=True, text=True, env=env or clean_environment(), timeout=600, **options)
    if code is not None and done.returncode != code:
        fail(f"{' '.join(argv)}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done


def git(folder, *words):
    """git's output; the test fails if git does."""
    return run("-C", folder, *words, program="git").stdout


def make_repository(folder):
    """Makes a folder a git repository that holds all its files in one commit."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "as it was")
    return folder


def flake_copy(name, to, repository=True):
    """A writable copy of a folder of the source tree (or of any folder)."""
    shutil.copytree(source / name, to, symlinks=True)
    return make_repository(to) if repository else to


def tree(folder):
    """{path: what is there} of everything below, git's own folder left out: bytes and mode, link target, folder."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        relative = path.relative_to(folder)
        if ".git" in relative.parts:
            continue
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            found[str(relative)] = (oct(stat.S_IMODE(status.st_mode)), path.read_bytes())
        else:
            found[str(relative)] = os.readlink(path) if path.is_symlink() else "folder"
    return found


def _diff(wanted, got, name):
    lines = difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), f"{name} (golden)", f"{name} (got)")
    return "".join(lines)


def compare(got, name):
    """`got` against the golden file `name`, which lies beside the test script."""
    path = script.parent / name
    wanted = path.read_text() if path.exists() else ""
    if got == wanted and path.exists():
        return
    if _accept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(got)
        _accepted.append(name)
    else:
        fail(f"differs from {name} (LLAMA_FLEET_ACCEPT=1 writes it anew)\n{_diff(wanted, got, name)}")


def compare_trees(got, wanted, ignore=()):
    """Two folders, byte for byte and mode for mode; paths in `ignore` may differ."""
    left, right = ({k: v for k, v in tree(t).items() if k not in ignore} for t in (got, wanted))
    for path in sorted(left.keys() | right.keys()):
        one, two = left.get(path), right.get(path)
        if one == two:
            continue
        if isinstance(one, tuple) and isinstance(two, tuple):
            texts = [bytes_.decode(errors="replace") for _, bytes_ in (two, one)]
            fail(f"{path}: {one[0]} against {two[0]}\n{_diff(*texts, path)}")
        else:
            fail(f"{path}: {'missing' if one is None else 'not wanted' if two is None else 'of another kind'}")
