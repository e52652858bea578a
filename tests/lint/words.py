# SPDX-License-Identifier: MIT
"""Texts say what a stranger can follow: links lead to files that are there, no path is one of the machine that the text
was written on, nothing is promised in place of being done."""
import re

import lint

# Each in a form that does not match itself.
WORDS = {r"/wor[k]/(main|shared)\b|/wor[k]/\.": "a path of one machine",
         r"\bTOD[O]\b|\bFIXM[E]\b": "a promise; do it or leave it out"}
# What people really wrote may look like that.
DATA = re.compile(r"(tests/\w+/(cases|captures|golden|fixtures|broken|round-trip)|examples)/.*")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TEXT = (".h", ".cc", ".py", ".md", ".cmake", ".txt", ".nix", ".sh", "run", "test", "debian-packages")


def complaints(root):
    out = []
    for path in lint.files(root, *TEXT):
        for number, line in lint.numbered(root, path):
            for word, why in WORDS.items() if not DATA.fullmatch(str(path)) else ():
                found = re.search(word, line)
                if found:
                    out.append(f"{path}:{number}: {found[0]}: {why}")
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)) if path.suffix == ".md" else ():
                file = target.partition("#")[0]
                if file and ":" not in file and not (root / path.parent / file).exists():
                    out.append(f"{path}:{number}: the link {target} leads nowhere")
    return out


lint.main(complaints, {
    "README.md": "[a](doc/a.md) [b](doc/b.md#x)\n[c](https://example.org) [d](#here) `[x](y)`\nsee /wor" "k/main/x\n",
    "doc/a.md": "[up](../README.md)\n", "src/a.cc": "// TOD" "O: later\n",
    "tests/flake/cases/x.nix": "# TOD" "O\n",
}, [r"^README.md:1: the link doc/b.md#x leads nowhere", r"^README.md:3: /wor", r"^src/a.cc:1: TOD"])
