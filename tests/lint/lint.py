# SPDX-License-Identifier: MIT
"""What the lints share. A lint is a function from the source tree to complaints; it first has to find the faults of its
own small fixture, so that one that finds nothing any more fails."""
import os
import pathlib
import re
import sys
import tempfile

# Made or foreign: build folders, caches, git's own. Of the hidden folders only the one of the CI script is ours.
SKIPPED = re.compile(r"build.*|__pycache__|node_modules|result.*|\.(?!ci$).*")


def files(root, *suffixes):
    """Paths relative to `root`, sorted; with one of the suffixes, if any are given."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not SKIPPED.fullmatch(f))
        for name in names:
            path = pathlib.Path(folder, name)
            if not path.is_symlink() and (not suffixes or name.endswith(suffixes)):
                found.append(path.relative_to(root))
    return sorted(found)


def numbered(root, path):
    return enumerate((root / path).read_text(errors="replace").splitlines(), 1)


def main(complaints, fixture, expected):
    """`fixture`: {path: text}; `expected`: one regular expression for each complaint it must give, in order."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in fixture.items():
            (pathlib.Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (pathlib.Path(folder) / path).write_text(text)
        got = complaints(pathlib.Path(folder))
    if len(got) != len(expected) or not all(re.search(e, g) for e, g in zip(expected, got)):
        sys.exit("the lint's own fixture: expected\n  " + "\n  ".join(expected) + "\ngot\n  " + "\n  ".join(got))
    found = complaints(pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2])))
    print("\n".join(found) if found else "nothing found")
    sys.exit(1 if found else 0)
