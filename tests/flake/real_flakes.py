# SPDX-License-Identifier: MIT
"""fit on real flakes, judged by evaluating them with stub inputs before and after (stub_eval.nix).

LLAMA_FLEET_FLAKES names a folder of repositories; of each the table says whether its flake was edited, left to the
owner's hand, or refused with an error, and whatever is wrong with that is a failure. Without it, the project's own
cases are judged in the same way. NIXPKGS_LIB (a checkout of nixpkgs' lib) lets more real files be evaluated.

    real_flakes.py [--show] [NAME…]     only these repositories; --show prints each diff or instruction
"""
import concurrent.futures
import os
import pathlib
import shutil
import sys
import traceback

import golden
import nix_text
import real_flakes_judge as judge


def repositories():
    """[(name, folder)], and the smallest count that is worth the name of a test."""
    corpus = os.environ.get("LLAMA_FLEET_FLAKES")
    if corpus:
        found = [path for path in sorted(pathlib.Path(corpus).iterdir()) if (path / "flake.nix").is_file()]
        return [(path.name, path) for path in found], 1
    print("not tried: flakes of other people (LLAMA_FLEET_FLAKES names no folder of repositories)")
    cases = sorted((golden.source / "tests/flake/cases").glob("*/before"))
    return [(path.parent.name, path) for path in cases] + [("homelab", golden.source / "examples/homelab")], 40


def judged(work, name, folder):
    try:
        return judge.Trial(work / name, name, folder).run()
    except Exception:  # the other repositories are to be judged all the same
        return judge.Verdict(name, "?", "WRONG", [f"the harness fell over: {traceback.format_exc(limit=-4)}"])


def table(verdicts):
    """Counts by pattern."""
    outcomes = ["edited", "by hand", "error", "WRONG"]
    print(f"\n{'pattern':24}" + "".join(f"{name:>9}" for name in outcomes))
    for pattern in sorted({verdict.pattern for verdict in verdicts}):
        some = [verdict.outcome for verdict in verdicts if verdict.pattern == pattern]
        print(f"{pattern:24}" + "".join(f"{some.count(name):9}" for name in outcomes))
    print(f"{'all':24}" + "".join(f"{[v.outcome for v in verdicts].count(name):9}" for name in outcomes))
    easy = [v.outcome for v in verdicts if v.pattern in judge.EDITABLE]
    if easy:
        print(f"of {', '.join(judge.EDITABLE)}: {easy.count('edited')} of {len(easy)} edited "
              f"({100 * easy.count('edited') / len(easy):.0f} %)")


def main():
    if shutil.which("nix-instantiate") is None:
        golden.skip("nix-instantiate is not installed")
    show, names = "--show" in sys.argv, [word for word in sys.argv[1:] if not word.startswith("-")]
    found, least = repositories()
    found = [(name, folder) for name, folder in found if not names or name in names]
    golden.check(names or len(found) >= least, f"only {len(found)} repositories were found")
    work = golden.work_dir()
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        verdicts = list(pool.map(lambda one: judged(work, *one), found))
    for verdict in verdicts:
        print(f"{verdict.name}: {verdict.pattern}: {verdict.outcome}"
              + "".join(f"\n  ! {line}" for line in verdict.faults)
              + "".join(f"\n    {line}" for line in verdict.reasons))
        if show:
            print(verdict.shown)
        golden.check(verdict.outcome != "WRONG", f"{verdict.name}: {len(verdict.faults)} fault(s), see above")
    table(verdicts)
    hosts, evaluated = (sum(getattr(v, name) for v in verdicts) for name in ("hosts", "evaluated"))
    print(f"hosts of edited flakes whose modules were all evaluated before and after: {evaluated} of {hosts}")
    golden.check(names or evaluated >= least, "hardly anything was evaluated")
    golden.finish()


main()
