# SPDX-License-Identifier: MIT
"""Files stay under 400 lines. A function over 60 lines has a comment directly above it that says why it is "long".

Functions are found by clang-format's shape: their first line and their closing brace stand at the left edge.
"""
import re

import lint

MAX_FILE, MAX_FUNCTION = 400, 60
FIRST = re.compile(r"[A-Za-z_\[~].*")
NO_FUNCTION = re.compile(r"(namespace|class|struct|enum|union|extern|using)\b(?!.*\)\s*\{)")


def functions(lines):
    """(index of the first line, count of lines)"""
    start = None
    for i, line in enumerate(lines):
        if FIRST.match(line):
            start = None if NO_FUNCTION.match(line) else i
        elif line == "}" and start is not None:
            yield start, i - start + 1
            start = None


def comment_above(lines, start):
    i = start
    while i > 0 and lines[i - 1].lstrip().startswith(("//", "template")):
        i -= 1
    return "\n".join(lines[i:start])


def complaints(root):
    out = []
    for path in lint.files(root, ".h", ".cc", ".c", ".py", ".cmake", ".sh"):
        lines = (root / path).read_text(errors="replace").splitlines()
        if len(lines) >= MAX_FILE:
            out.append(f"{path}: {len(lines)} lines; files stay under {MAX_FILE}")
        if path.suffix not in (".h", ".cc", ".c"):
            continue
        for start, count in functions(lines):
            if count > MAX_FUNCTION and not re.search(r"\blong\b", comment_above(lines, start), re.I):
                out.append(f"{path}:{start + 1}: a function of {count} lines; over {MAX_FUNCTION}, a comment says why")
    return out


BODY = "    x();\n" * 60
lint.main(complaints, {
    "src/a.cc": f"namespace a {{\nint f(int a,\n      int b) {{\n{BODY}}}\n\n// long: a table\nint g() {{\n{BODY}}}\n"
                f"struct S {{\n{BODY}}};\n}}\n",
    "src/b.h": "// x\n" * 400, "src/c.cc": f"int f() {{\n{BODY[:-18]}}}\n", "build-x/d.cc": "\n" * 500,
}, [r"^src/a.cc:2: a function of 63 lines", r"^src/b.h: 400 lines"])
