#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""doc/guide.md leaves nothing of the guide out: its headings, files, flags, commands and names (guide-names.txt, made
from the guide; checked against the guide where it is at hand). And the program has the commands that the page shows."""
import glob
import os
import re
import shlex
import subprocess
import sys

SOURCE = os.environ["SOURCE_DIR"]
HERE = os.path.dirname(os.path.abspath(__file__))
KEYWORDS = {"true", "false", "null"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def names_of(guide):
    """Headings; what is bold or stands in backticks; in code blocks flags, file names, dotted names, names bound."""
    names = {"# " + line.lstrip("#").strip() for line in guide.splitlines() if re.match(r"#{2,} ", line)}
    blocks = re.findall(r"^[ \t]*```\w+\n(.*?)^[ \t]*```", guide, re.S | re.M)
    prose = re.sub(r"^[ \t]*```\w+\n.*?^[ \t]*```", "", guide, flags=re.S | re.M)
    names.update(re.findall(r"`([^`\n]+)`", re.sub(r"^#{2,} .*$", "", prose, flags=re.M)))
    names.update(bold.strip(": ") for bold in re.findall(r"\*\*([^*\n]+)\*\*", prose))
    for block in blocks:
        names.update(re.findall(r"-D(\w+)=", block))
        names.update(re.findall(r"(?:\./)[\w./-]+\.nix", block))
        code = re.sub(r"#.*", "", re.sub(r'"[^"\n]*"', '""', block))
        names.update(re.findall(r"(?<![\w./-])[a-z][\w'-]*(?:\.[a-zA-Z][\w'-]*)+(?![\w/-])", code))
        names.update(re.findall(r"(?:^|[{;])\s*([a-zA-Z][\w-]*)\s*=(?!=)", code, re.M))
        names.update(re.findall(r"\bllama-cpp-\w+", code))
    return {name for name in names if name not in KEYWORDS}


def missing_in(page, names):
    headings = {"# " + line.lstrip("#").strip() for line in page.splitlines() if line.startswith("#")}
    page = re.sub(r"\s+", " ", page)
    words = {name: r"(?<!\w)" * name[0].isalnum() + re.escape(name) + r"(?!\w)" * name[-1].isalnum() for name in names}
    return sorted(name for name in names
                  if (name not in headings if name.startswith("# ") else not re.search(words[name], page)))


def commands_exist(page):
    """Every `llama-fleet VERB … --option` of the page, against the program's own help."""
    program = os.environ.get("LLAMA_FLEET", "")
    if not os.path.exists(program):
        print("llama-fleet is not built: its commands in doc/guide.md were not looked at")
        return
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```", page, re.S | re.M))
    shown = re.findall(r"^llama-fleet ([^#\n]+)", blocks, re.M) + re.findall(r"`llama-fleet ([^`\n]+)`", page)
    assert len(shown) >= 8, shown
    for line in shown:
        words = shlex.split(line)
        said = subprocess.run([program, words[0], "--help"], stdout=subprocess.PIPE, text=True, check=False)
        assert said.returncode == 0, f"llama-fleet {line}: there is no {words[0]}"
        options = [word for word in words if word.startswith("--")]
        unknown = [word for word in options if not re.search(re.escape(word) + r"\b", said.stdout)]
        assert not unknown, f"llama-fleet {line}: {words[0]} has no {unknown}"


def main():
    page = read(os.path.join(SOURCE, "doc/guide.md"))
    kept = set(read(os.path.join(HERE, "guide-names.txt")).splitlines())
    assert len(kept) > 80, "guide-names.txt is not what it was"
    missing = missing_in(page, kept)
    assert not missing, f"doc/guide.md does not mention {missing}"
    assert missing_in(page.replace("GGML_AVX512_VBMI", ""), kept) == ["GGML_AVX512_VBMI"], "this test cannot fail"

    guides = glob.glob(os.path.join(SOURCE, "../shared/guide/*.txt"))
    for path in guides:
        names = names_of(read(path))
        lacks, too_many = sorted(names - kept), sorted(kept - names)
        assert names == kept, f"guide-names.txt is not the guide's: lacks {lacks}, too many {too_many}"
    commands_exist(page)
    print(f"doc/guide.md: all {len(kept)} names of the guide" + ("" if guides else "; the guide itself was not there"))


if len(sys.argv) > 1:  # guide_test.py GUIDE prints guide-names.txt
    print("\n".join(sorted(names_of(read(sys.argv[1])))))
else:
    main()
