# SPDX-License-Identifier: MIT
"""Every file of ours says its license on the first line (after #! where there is one)."""
import re

import lint

OURS = (".h", ".cc", ".c", ".def", ".py", ".cmake", ".sh", "CMakeLists.txt")
# Nix files are ours in these places; elsewhere they are examples and cases: somebody's flakes.
NIX = re.compile(r"(nix/.*|[^/]*)\.nix")
SCRIPTS = re.compile(r"run|test|\.ci/run|tools/[^/.]+")


def complaints(root):
    out = []
    for path in lint.files(root):
        name = str(path)
        lines = (root / path).read_text(errors="replace").splitlines()[:2]
        script = SCRIPTS.fullmatch(name) and lines[:1] and lines[0].startswith("#!")
        if not (name.endswith(OURS) or NIX.fullmatch(name) or script):
            continue
        lines = lines[1:] if lines and lines[0].startswith("#!") else lines
        if not lines or not re.match(r"(//|#) SPDX-License-Identifier: MIT$", lines[0]):
            out.append(f"{path}: the first line is not SPDX-License-Identifier: MIT")
    return out


SPDX = "SPDX-License-Identifier: MIT\n"
lint.main(complaints, {
    "src/a.cc": "// " + SPDX, "src/b.cc": "\n// " + SPDX, "run": "#!/bin/sh\n# " + SPDX, "test": "#!/bin/sh\n",
    "nix/a.nix": "{ }\n", "examples/x/flake.nix": "{ }\n", "tools/list": "a list\n", "CMakeLists.txt": "# " + SPDX,
}, ["^nix/a.nix", "^src/b.cc", "^test:"])
