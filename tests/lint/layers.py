# SPDX-License-Identifier: MIT
"""Every #include of src/ obeys src/LAYERS; headers show no library but fmt and tl; base/json.h is for .cc files."""
import re

import lint

INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')
# In headers: C++ (no dot), C and the system (one part, or sys/), and the two libraries that are part of our own types.
IN_HEADERS = re.compile(r"[a-z_0-9]+|[a-z_0-9]+\.h|(sys|fmt|tl)/.*")
FOR_TESTS = re.compile(r"(.*/)?(fake_.*|.*_for_tests?)\.h")


def read_layers(root, out):
    uses, line_of = {}, {}
    for number, line in lint.numbered(root, "src/LAYERS"):
        name, colon, rest = line.partition("#")[0].partition(":")
        for other in rest.split():
            if other not in uses:
                out.append(f"src/LAYERS:{number}: {name} uses {other}, which is not above it")
        if colon:
            uses[name], line_of[name] = {name, *rest.split()}, number
    return uses, line_of


def complaints(root):
    out = []
    uses, line_of = read_layers(root, out)
    for path in lint.files(root / "src", ".h", ".cc", ".def"):
        layer, header = path.parts[0], path.suffix == ".h" and not FOR_TESTS.fullmatch(str(path))
        if layer not in uses:
            out.append(f"src/{path}: the folder {layer} is no layer of src/LAYERS")
            continue
        for number, line in lint.numbered(root / "src", path):
            include = INCLUDE.match(line)
            if not include:
                continue
            name, where = include[2], f"src/{path}:{number}"
            other = name.split("/")[0]
            if (root / "src" / name).exists():
                if other not in uses[layer]:
                    out.append(f"{layer} may not include {other} (src/LAYERS:{line_of[layer]}): {where}")
                elif name == "base/json.h" and header:
                    out.append(f"base/json.h is for .cc files: {where}")
            elif include[1] == '"' or other in uses:
                out.append(f"no such file below src/: {name}: {where}")
            elif header and not IN_HEADERS.fullmatch(name) and str(path) != "base/json.h":
                out.append(f"{name} may not be shown in a header: {where}")
    return out


lint.main(complaints, {
    "src/LAYERS": "# c\nbase:\nplan: base\nnixsyntax: base late\nlate:\n",
    "src/base/json.h": "#include <nlohmann/json.hpp>\n",
    "src/base/a.h": '#include <sys/stat.h>\n#include "base/json.h"\n',
    "src/nixsyntax/x.cc": '#include "base/json.h"\n#include <vector>\n  # include "plan/x.h"\n#include "none.h"\n',
    "src/plan/x.h": "#include <string>\n#include <stdio.h>\n#include <fmt/format.h>\n#include <gtest/gtest.h>\n",
    "src/odd/x.cc": "",
}, [r"^src/LAYERS:4: nixsyntax uses late", r"^base/json.h is for .cc files: src/base/a.h:2$",
    r"^nixsyntax may not include plan \(src/LAYERS:4\): src/nixsyntax/x.cc:3$", r"^no such file .* none.h: .*:4$",
    r"^src/odd/x.cc: the folder odd", r"^gtest/gtest.h may not be shown in a header: src/plan/x.h:4$"])
