# SPDX-License-Identifier: MIT
"""Compares our parser with Nix's own over every .nix file of the project, the cases beside this script, files made by the
grammar (nixsyntax_generate), and any folder named by LLAMA_FLEET_NIX_CORPUS: both must accept the same files, see the
same tree and miss the same variables.

Every Nix there is takes part: nix-instantiate of PATH and that of $LLAMA_FLEET_NIX_CURRENT (words that start `nix`; the
last one is replaced). Undefined variables, which `nix-instantiate --parse` reports too, are a pass of their own: the
first that Nix names must be one of ours, then the file is asked about again inside of `with {};`. Known differences
between Nix 2.8 and current Nix, which we follow, are the cases that say `nix-2.8: differs` in their first line.
usage: second_opinion.py PROGRAM GENERATOR
  LLAMA_FLEET_NIX_GENERATED=N: so many generated files instead of 200 (half of them damaged afterwards)"""
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ.get("SOURCE_DIR", Path(__file__).resolve().parents[2]))
WORK = Path(os.environ.get("WORK_DIR", "/tmp/second-opinion"))
GENERATED = (WORK / "generated").resolve()
BATCH = 400
# Nix 2.34's own faults: some merged sets with `inherit (e)`; its warning about `or` where the text has a `%`.
CRASHED = ("Assertion '", "bad_format_string")


class Nix:
    """One nix-instantiate: the words that start it, and what it is."""

    def __init__(self, words):
        self.words = words
        said = subprocess.run([*words, "--version"], capture_output=True, text=True).stdout.split()
        self.version = said[-1]
        self.current = tuple(int(part) for part in re.findall(r"\d+", said[-1])[:2]) >= (2, 24)

    def parse(self, arguments, cwd=None, stdin=None):
        environment = dict(os.environ, NIX_STATE_DIR=str(WORK / "state"), NIX_STORE_DIR=str(WORK / "store"),
                           NIX_LOG_DIR=str(WORK / "log"), NIX_CONF_DIR=str(WORK / "conf"))
        options = ["--extra-experimental-features", "pipe-operators"] if self.current else []
        return subprocess.run([*self.words, "--parse", *options, *arguments], cwd=cwd, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def every_nix():
    found = [["nix-instantiate"]] if shutil.which("nix-instantiate") else []
    named = shlex.split(os.environ.get("LLAMA_FLEET_NIX_CURRENT", ""))
    return [Nix(words) for words in [*found, *([[*named[:-1], "nix-instantiate"]] if named else [])]]


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
        if text.startswith('"${', at):  # a dynamic attribute, no string: there the dollar is escaped
            stack.append(('"${', []))
            at += 3
            continue
        if c in "({[":
            stack.append((c, []))
            at += 1
            continue
        end = skip_string(text, at) if c == '"' else at + 1
        if c in ")}]":
            opening, items = stack.pop()
            if opening == '"${':
                inner, c, end = "".join(items), '}"', end + 1
            elif c == "}" and re.match(r":| @ ", text[end:end + 3]):
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


def opinion(nix, path, reason):
    """(accepted, tree or reason, place of an undefined variable or "-") about one file that Nix refused."""
    if "undefined variable" not in reason:
        return False, re.sub(r"^warning: .*\n", "", reason), "-"
    line, column = re.search(r":(\d+):(\d+)(?::\n|$)", reason, re.MULTILINE).groups()
    text = b"with {}; (\n" + path.read_bytes().split(b"\0")[0] + b"\n)"
    done = nix.parse(["-"], cwd=path.parent, stdin=text)
    if done.returncode != 0:
        return False, re.sub(r"^warning: .*\n", "", done.stderr.decode("utf-8", "replace")), "-"
    tree = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    assert tree.startswith("(with { }; ") and tree.endswith(")"), tree
    return True, tree[len("(with { }; "):-1], f"{line}:{column}"


def opinions(nix, paths):
    """The same for many files. Nix stops at the first that it refuses, and is called again for those behind it."""
    start = 0
    while start < len(paths):
        batch = paths[start:start + BATCH]
        done = nix.parse([str(path) for path in batch])
        trees = done.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]
        yield from ((True, tree, "-") for tree in trees)
        start += len(trees)
        if done.returncode != 0:
            yield opinion(nix, paths[start], done.stderr.decode("utf-8", "replace"))
            start += 1


def first_line(path):
    with path.open("rb") as file:
        return file.readline().decode("utf-8", "replace")


def corpus(generator):
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir(parents=True)
    subprocess.run([generator, str(GENERATED), os.environ.get("LLAMA_FLEET_NIX_GENERATED", "200")], check=True)
    folders = [SOURCE / name for name in ("examples", "nix", "tests")] + [GENERATED]
    named = os.environ.get("LLAMA_FLEET_NIX_CORPUS")
    if named:
        folders.append(Path(named))
    paths = [path.resolve() for folder in folders for path in sorted(folder.rglob("*.nix")) if path.is_file()]
    return [path for path in paths if "\n" not in str(path)]


# What Nix 2.8 does otherwise than current Nix, which we follow: our answer, its answer, a byte string in the file.
OLD_NIX = [
    (r"ok ", r"attribute '.*' already defined", b"="),  # sets in sets are merged only since 2.20
    (r"ok ", r"unexpected invalid token", b"|>"),  # pipe operators
    (r"ok ", r"unexpected ('<'|invalid token)", b"<|"),
    (r"refused nix-parse \S+ a string must not contain a NUL byte", r"", b"\0"),
]


def known_difference(nix, path, answer, tree):
    if nix.current:
        return False
    theirs = re.sub(r"^.*warning: .*\n", "", tree)
    text = path.read_bytes()
    return "nix-2.8: differs" in first_line(path) or any(
        re.match(ours, answer) and re.search(says, theirs) and has in text for ours, says, has in OLD_NIX)


def agree(nix, made, answer, accepted, tree, place):
    if not accepted or not answer.startswith("ok "):
        return accepted == answer.startswith("ok ")
    _, places, ours = answer.split(" ", 2)
    # What a merged set sees of a later `rec` is not asked of old Nix, which does not merge.
    variables = place in places.split(",") or not nix.current
    # Old Nix loses dynamic attributes of merged sets: of what is generated only the acceptance is asked.
    same = ours == tree or not nix.current and (made or in_order(tree) == in_order(ours))
    return variables and same


def compare(nix, paths):
    """How many files differ."""
    ours = subprocess.run([sys.argv[1], *(["--current"] if nix.current else [])], check=True, stdout=subprocess.PIPE,
                          input="\n".join(map(str, paths)).encode() + b"\n").stdout
    answers = ours.decode("utf-8", "surrogateescape").split("\n")[:-1]
    assert len(answers) == len(paths), (len(answers), len(paths))
    same = refused = differ = known = 0
    for path, answer, (accepted, tree, place) in zip(paths, answers, opinions(nix, paths)):
        if not accepted and any(sign in tree for sign in CRASHED):
            known += 1
        elif agree(nix, GENERATED in path.parents, answer, accepted, tree, place):
            same += 1
            refused += not accepted
        elif known_difference(nix, path, answer, tree):
            known += 1
        else:
            differ += 1
            print(f"differs: {path}")
            if differ <= 20:
                print(f"  ours: {answer[:400]}\n  Nix:  {'ok ' if accepted else 'refused '}{place} {tree[:400]}")
    print(f"Nix {nix.version}: {same} files the same ({refused} of them refused by both), {known} known differences, "
          f"{differ} differ")
    return differ


def main():
    nixes = every_nix()
    if not nixes:
        print("skipped: nix-instantiate is not installed, so there is no second opinion")
        return 77
    WORK.mkdir(parents=True, exist_ok=True)
    paths = corpus(sys.argv[2])
    if not os.environ.get("LLAMA_FLEET_NIX_CURRENT"):
        print("not tried: another Nix (LLAMA_FLEET_NIX_CURRENT names none)")
    differ = [compare(nix, paths) for nix in nixes]
    return 1 if any(differ) else 0


sys.exit(main())
