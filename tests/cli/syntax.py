# SPDX-License-Identifier: MIT
"""`llama-fleet syntax`: exit codes, folders, links and standard input as nix-instantiate takes them, errors with places."""
import json
import os
import subprocess
from pathlib import Path

WORK = Path(os.environ["WORK_DIR"]).resolve()
PROGRAM = os.environ["LLAMA_FLEET"]


def run(*arguments, stdin=""):
    done = subprocess.run([PROGRAM, "syntax", *arguments], cwd=WORK, input=stdin, capture_output=True, text=True,
                          env=dict(os.environ, HOME="/home/owner"))
    return done.returncode, done.stdout, done.stderr


def same(got, wanted):
    assert got == wanted, f"\n got: {got!r}\nwant: {wanted!r}"


(WORK / "d").mkdir(parents=True, exist_ok=True)
(WORK / "d/x.nix").write_text("[ ./a ../b ~/c ]")
(WORK / "d/default.nix").write_text("./a")
(WORK / "bad.nix").write_text("{\n  a = 1\n}\n")
(WORK / "free.nix").write_text("{ lib }: lib.x mkIf import")
for link, target in (("link.nix", "d/x.nix"), ("dl", "d")):
    (WORK / link).unlink(missing_ok=True)
    (WORK / link).symlink_to(target)

same(run("d/x.nix", "d/default.nix"), (0, "", "syntax: 2 file(s), every byte came back\n"))
tree = f"[ ({WORK}/d/a) ({WORK}/b) (/home/owner/c) ]\n"
same(run("--tree", "d/x.nix"), (0, tree, ""))
same(run("--tree", "link.nix"), (0, tree, ""))  # a link to a file: paths are those of the file
same(run("--tree", "dl/x.nix"), (0, tree.replace("/d/", "/dl/"), ""))  # a link on the way: they are not
same(run("--tree", "d", "dl", "d/"), (0, f"{WORK}/d/a\n" * 3, ""))
same(run("--tree", "-", stdin="./a + \"$x\""), (0, f'({WORK}/a + "$x")\n', ""))

code, out, err = run("--tree", "bad.nix", "d")
same((code, out), (3, f"{WORK}/d/a\n"))  # the others are looked at all the same
assert "bad.nix:3:1" in err and "expected ';' after the binding, got '}'" in err, err
code, out, err = run("-", stdin="{")
assert code == 3 and "(stdin):1:2" in err, err
code, out, err = run("none.nix")
assert code == 3 and "none.nix" in err, err
same(run()[0], 2)

same(run("free.nix")[0], 0)
code, out, err = run("--variables", "free.nix")
assert code == 3 and "free.nix:1:16" in err and "undefined variable 'mkIf'" in err, err

# With --json the answer is one JSON text, trees and bytes that are no UTF-8 included.
same(json.loads(run("--json", "d/x.nix")[1]), {"files": 1, "ok": True})
code, out, err = run("--json", "--tree", "d/x.nix", "bad.nix", "d")
same((code, json.loads(out)), (3, {"files": 3, "ok": False, "trees": [
    {"file": "d/x.nix", "tree": tree.rstrip("\n")}, {"file": "d/default.nix", "tree": f"{WORK}/d/a"}]}))
same(json.loads(err)["error"]["id"], "nix-parse")
(WORK / "latin.nix").write_bytes(b'"\xe4"')
same(json.loads(run("--json", "--tree", "latin.nix")[1])["trees"][0]["tree"], '"\N{REPLACEMENT CHARACTER}"')
# A CR alone ends a line, as for Nix.
(WORK / "cr.nix").write_bytes(b"x: x # a\ry\n ]")
assert "cr.nix:3:2" in run("cr.nix")[2]
# More than one piece of the print, byte for byte.
(WORK / "long.nix").write_text("[" + " 1" * 50000 + " ]")
same(run("--tree", "long.nix"), (0, "[ " + "(1) " * 50000 + "]\n", ""))
print("syntax: as it should be")
