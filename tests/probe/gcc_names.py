# SPDX-License-Identifier: MIT
"""Every row of src/facts/gcc_names.cc against what GCC itself turns on for the name: GCC 16 of Debian sid, and the
machine's own, which may lack names and, for those it has, must agree on ggml's list. With NIXPKGS_LIB also the names of
nixpkgs."""
import glob
import os
import re
import subprocess
import sys

from gcc_options import FEATURE_OF, OF_GGML

ROOT, TOOL = os.environ["SOURCE_DIR"], sys.argv[1]
BASELINE = {"fxsr", "mmx", "sse", "sse2"}


def compiler_says(start, name):
    """Options that are on; None if the compiler does not know the name."""
    run = subprocess.run([*start, f"-march={name}", "--help=target"], capture_output=True, text=True,
                         stdin=subprocess.DEVNULL)
    if run.returncode or "[enabled]" not in run.stdout:
        return None
    return set(re.findall(r"^\s+-m(\S+)\s+\[enabled\]", run.stdout, re.M)) - BASELINE


def ours():
    lines = subprocess.run([TOOL, "--names"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: (set(features.split()), nix) for name, features, nix in (line.split("\t") for line in lines)}


def compare(rows, start, counted, word):
    bad = known = 0
    for name, (features, _) in rows.items():
        said = compiler_says(start, name)
        if said is None:
            continue
        known += 1
        theirs = {FEATURE_OF[option] for option in said if option in counted}
        mine = {feature for feature in features if feature in {FEATURE_OF[option] for option in counted}}
        if theirs != mine:
            print(f"{word} {name}: it has {sorted(theirs - mine)}, we have {sorted(mine - theirs)}")
            bad += 1
    print(f"{word}: {known - bad} of {known} names agree")
    return bad


def nix_names(rows):
    folder = os.environ.get("NIXPKGS_LIB")
    if not folder:
        print("not tried: the names of nixpkgs (NIXPKGS_LIB is not set)")
        return 0
    text = open(f"{folder}/systems/architectures.nix").read()
    known = set(re.findall(r'^\s+"?([a-z0-9][a-z0-9.-]*)"? = (?:\[|lib\.unique|withInferiors)', text, re.M))
    wrong = [name for name, (_, nix) in rows.items() if (name in known) != (nix == "nix")]
    print("nixpkgs:", f"{wrong} differ" if wrong else f"{len(known)} names agree")
    return len(wrong)


def main():
    rows, bad = ours(), 0
    own = subprocess.run(["gcc", "-print-prog-name=cc1"], capture_output=True, text=True).stdout.strip()
    if not os.path.exists(own) or compiler_says([own], "x86-64") is None:
        print("skipped: no GCC for x86-64 is installed here")
        sys.exit(77)
    bad += compare(rows, [own], [o for o in OF_GGML if o != "sse4.2"], "the machine's GCC")
    folder = os.path.expanduser("~/.cache/llama-fleet/sid-gcc")
    unpack = subprocess.run([f"{ROOT}/tools/sid-packages", folder, "gcc-16"], capture_output=True, text=True)
    newer = glob.glob(f"{folder}/root/usr/lib*/gcc/x86_64-linux-gnu/16/cc1")
    if unpack.returncode or not newer:
        print("not tried: GCC 16 of Debian sid:", (unpack.stderr.strip().splitlines() or ["?"])[-1])
    else:
        libraries = f"{folder}/root/usr/lib/x86_64-linux-gnu"
        start = [f"{libraries}/ld-linux-x86-64.so.2", "--library-path", libraries, newer[0]]
        bad += compare(rows, start, list(FEATURE_OF), "GCC 16")
    sys.exit(bad + nix_names(rows) > 0)


main()
