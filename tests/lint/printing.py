# SPDX-License-Identifier: MIT
"""Only cli/ prints: everywhere else what is to be said is returned."""
import re

import lint

PRINTS = re.compile(r"\bstd::(cout|cerr|clog)\b|\b((std::)?v?f?printf|(std::)?f?put(s|c|char)|std::print(ln)?"
                    r"|fmt::v?print(ln)?|perror)\b(?=\s*\()")
TEXTS = re.compile(r'"(\\.|[^"\\])*"|//.*')


def complaints(root):
    out = []
    for path in lint.files(root / "src", ".h", ".cc"):
        if path.parts[0] == "cli" or path.name.endswith("_test.cc"):
            continue
        for number, line in lint.numbered(root / "src", path):
            found = PRINTS.search(TEXTS.sub('""', line))
            if found:
                out.append(f"src/{path}:{number}: {found[0]}: only cli/ prints")
    return out


lint.main(complaints, {
    "src/cli/main.cc": "fmt::print(x);\n",
    "src/plan/a_test.cc": "std::cout << 1;\n",
    "src/plan/a.cc": "// printf(\nx = \"printf(\";\nsnprintf(b, 1, f);\nprintable(x);\noutputs(x);\nprintf(f);\n",
    "src/plan/b.cc": "std::cerr << 1;\nreturn std::cout;\nfmt::print(\"x\");\nputs(\"x\");\nstd::fprintf(stderr, f);\n",
}, [r"a.cc:6: printf", r"b.cc:1: std::cerr", r"b.cc:2: std::cout", r"b.cc:3: fmt::print",
    r"b.cc:4: puts", r"b.cc:5: std::fprintf"])
