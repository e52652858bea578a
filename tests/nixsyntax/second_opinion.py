# SPDX-License-Identifier: MIT
"""Compares our parser with Nix's own over every .nix file of the project, the cases beside this script, and any folder
named by LLAMA_FLEET_NIX_CORPUS: both must accept the same files and see the same tree.

Undefined variables, which `nix-instantiate --parse` reports too, are no matter of syntax: such files are asked about
again inside of `with {};`. Known differences between Nix 2.8 and current Nix, which we follow, are the cases that say
`nix-2.8: differs` in their first line.
usage: second_opinion.py PROGRAM"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ.get("SOURCE_DIR", Path(__file__).resolve().parents[2]))
WORK = Path(os.environ.get("WORK_DIR", "/tmp/second-opinion"))
BATCH = 40


def nix(arguments, cwd=None, stdin=None):
    environment = dict(os.environ, NIX_STATE_DIR=str(WORK / "state"), NIX_STORE_DIR=str(WORK / "store"),
                       NIX_LOG_DIR=str(WORK / "log"), NIX_CONF_DIR=str(WORK / "conf"))
    return subprocess.run(["nix-instantiate", "--parse", *CURRENT_OPTIONS, *arguments], cwd=cwd, input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def version():
    words = subprocess.run(["nix-instantiate", "--version"], capture_output=True, text=True).stdout.split()
    return tuple(int(part) for part in re.findall(r"\d+", words[-1])[:2])


def skip_string(text, at):
    """The offset behind the string literal that begins at `at`."""
    at += 1
    while text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


def parts_of(items, separator):
    """A flat list of texts, cut at the items that are this separator, which stays with the part before it."""
    parts = [""]
    for item in items:
        parts[-1] += item
        if item == separator:
            parts.append("")
    return parts


def formals_sorted(items):
    parts = [part.rstrip(",").strip() for part in parts_of(items, ",")]
    names = sorted(part for part in parts if part != "...")
    return " " + ", ".join(names + [part for part in parts if part == "..."]) + " "


def let_sorted(items):
    """The bindings of `let … in e`. A value may be `assert a; b`, the only one that has a semicolon of its own."""
    parts = parts_of(items, ";")
    parts[0] = parts[0][len("let"):]
    end = next(n for n, part in enumerate(parts) if part.startswith(" in "))
    bindings = []
    for part in parts[:end]:
        if bindings and re.search(r"(= |; |^ )assert [^;]*;$", bindings[-1]):
            bindings[-1] += part
        else:
            bindings.append(part)
    return "let" + "".join(sorted(bindings)) + "".join(parts[end:])


def in_order(text):
    """The same tree with formals and the bindings of `let` in the order of their names, which Nix 2.8 leaves to chance.

    A brace opens formals if its partner is followed by `:` or ` @`. Iterative: trees may be deep."""
    stack = [(None, [])]
    at = 0
    while at < len(text):
        c = text[at]
        if c in "({[":
            stack.append((c, []))
            at += 1
            continue
        end = skip_string(text, at) if c == '"' else at + 1
        if c in ")}]":
            opening, items = stack.pop()
            if c == "}" and re.match(r":| @ ", text[end:end + 3]):
                inner = formals_sorted(items) if "".join(items).strip() else "  "
            elif c == ")" and "".join(items[:4]) == "let ":
                inner = let_sorted(items)
            else:
                inner = "".join(items)
            stack[-1][1].append(opening + inner + c)
        else:
            stack[-1][1].append(text[at:end])
        at = end
    return "".join(stack[0][1])


def opinion(path):
    """(accepted, tree or reason) of Nix about one file."""
    done = nix([str(path)])
    if done.returncode == 0:
        return True, done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    reason = done.stderr.decode("utf-8", "replace")
    if "undefined variable" not in reason:
        return False, reason
    text = b"with {}; (\n" + path.read_bytes() + b"\n)"
    done = nix(["-"], cwd=path.parent, stdin=text)
    if done.returncode != 0:
        return False, done.stderr.decode("utf-8", "replace")
    tree = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    assert tree.startswith("(with { }; ") and tree.endswith(")"), tree
    return True, tree[len("(with { }; "):-1]


def opinions(paths):
    """The same for many files, a batch a process as long as all is well."""
    for start in range(0, len(paths), BATCH):
        batch = paths[start:start + BATCH]
        done = nix([str(path) for path in batch])
        lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
        if done.returncode == 0 and len(lines) == len(batch):
            yield from ((True, line) for line in lines)
        else:
            yield from (opinion(path) for path in batch)


def first_line(path):
    with path.open("rb") as file:
        return file.readline().decode("utf-8", "replace")


def corpus():
    folders = [SOURCE / name for name in ("examples", "nix", "tests")]
    named = os.environ.get("LLAMA_FLEET_NIX_CORPUS")
    if named:
        folders.append(Path(named))
    paths = [path.resolve() for folder in folders for path in sorted(folder.rglob("*.nix")) if path.is_file()]
    return [path for path in paths if "\n" not in str(path)]


# What Nix 2.8 does otherwise than current Nix, which we follow: our answer, its answer.
OLD_NIX = [
    (r"ok ", r"attribute '.*' already defined"),  # sets in sets are merged only since 2.20
    (r"ok ", r"unexpected invalid token"),  # pipe operators
    (r"refused nix-parse \S+ a string must not contain a NUL byte", r""),
]


def old_difference(path, answer, tree):
    if NEW:
        return False
    theirs = re.sub(r"^.*warning: .*\n", "", tree)
    rows = [n for n, (ours, nix_says) in enumerate(OLD_NIX) if re.match(ours, answer) and re.search(nix_says, theirs)]
    text = path.read_bytes()
    return bool(rows) and (rows[0] != 1 or b"|>" in text or b"<|" in text) and (rows[0] != 2 or b"\0" in text)


def main():
    if not shutil.which("nix-instantiate"):
        print("skipped: nix-instantiate is not installed, so there is no second opinion")
        return 77
    WORK.mkdir(parents=True, exist_ok=True)
    paths = corpus()
    if not paths:
        print("no file to compare")
        return 1
    ours = subprocess.run([sys.argv[1], *(["--current"] if NEW else [])], check=True, stdout=subprocess.PIPE,
                          input="\n".join(map(str, paths)).encode() + b"\n").stdout
    answers = ours.decode("utf-8", "surrogateescape").split("\n")[:-1]
    assert len(answers) == len(paths), (len(answers), len(paths))
    same = refused = differ = known = 0
    for path, answer, (accepted, tree) in zip(paths, answers, opinions(paths)):
        fine = answer.startswith("ok ")
        if fine == accepted and (not fine or answer[3:] == tree or in_order(tree) == in_order(answer[3:])):
            same += 1
            refused += not fine
        elif old_difference(path, answer, tree) or (not NEW and "nix-2.8: differs" in first_line(path)):
            known += 1
        elif "nix: differs" in first_line(path):
            known += 1
        else:
            differ += 1
            print(f"differs: {path}")
            if differ <= 20:
                print(f"  ours: {answer[:400]}\n  Nix:  {'ok ' if accepted else 'refused '}{tree[:400]}")
    print(f"{same} files the same ({refused} of them refused by both), {known} known differences, {differ} differ")
    return 1 if differ else 0


NEW = shutil.which("nix-instantiate") is not None and version() >= (2, 24)
CURRENT_OPTIONS = ["--extra-experimental-features", "pipe-operators"] if NEW else []
sys.exit(main())
