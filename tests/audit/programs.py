# SPDX-License-Identifier: MIT
"""Truth by execution: the small programs of tests/audit/programs, built in several ways, run under CPUs that qemu-user plays
and on this machine, beside what `audit` says. A few ways and CPUs, or all of them: LLAMA_FLEET_AUDIT_ALL=1.

No verdict may be wrong in either direction; each "cannot tell" is listed with its reason.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import truth

HERE = pathlib.Path(os.environ["SOURCE_DIR"]) / "tests/audit/programs"
BUILT = truth.WORK / "built"
# name → compilers and flags. The first is for all programs; in CI, one more for each, in turn.
WAYS = {"O2": ("gcc", "-O2"), "O0": ("gcc", "-O0"), "Os-stripped": ("gcc", "-Os -s"), "clang": ("clang", "-O2"),
        "O3-no-pie": ("gcc", "-O3 -no-pie -fno-pie -fcf-protection=none"), "clang-O0": ("clang", "-O0"),
        "no-sections": ("gcc", "-O2"),
        "static": ("gcc", "-O2 -static"), "static-pie-stripped": ("gcc", "-O1 -static-pie -s")}


def forget_sections(path):
    """As sstrip does: the loader does not need them."""
    data = bytearray(path.read_bytes())
    data[0x28:0x30] = bytes(8)  # e_shoff
    data[0x3a:0x40] = bytes(6)  # e_shentsize, e_shnum, e_shstrndx
    path.write_bytes(data)


class Case:
    def __init__(self, source, way):
        text = source.read_text()
        self.source, self.way = source, way
        self.library = "\n// kind: library\n" in text
        self.arguments = self.setting(text, "run")
        self.flags = self.setting(text, "build")
        self.name = f"{source.stem}.{way}" + (".so" if self.library else "")

    @staticmethod
    def setting(text, key):
        found = re.search(rf"^// {key}: (.*)$", text, re.M)
        return found[1].split() if found else []

    def build(self):
        compiler, flags = WAYS[self.way]
        if self.library and "static" in flags:
            return "a library is not static"
        if self.source.suffix == ".cc":
            compiler = {"gcc": "g++", "clang": "clang++"}[compiler]
        shape = ["-shared", "-fPIC"] if self.library else []
        flags = [f for f in flags.split() if not (self.library and f in ("-no-pie", "-fno-pie"))]
        done = subprocess.run([compiler, *flags, *shape, *self.flags, self.source, "-o", BUILT / self.name],
                              capture_output=True, text=True)
        if done.returncode == 0 and self.way == "no-sections":
            forget_sections(BUILT / self.name)
        return done.stderr.strip().splitlines()[0] if done.returncode else ""

    def happened(self, model):
        """stage → what happened."""
        words = [truth.WORK / "run", BUILT / self.name, "use_it"] if self.library else [BUILT / self.name, *self.arguments]
        code, lines = truth.run(model, *words)
        assert code in (0, 3, *truth.SIGILL), (self.name, model, code, lines)
        result = "crashes" if code in truth.SIGILL else "wrong" if code == 3 else "runs"
        if not self.library:
            return {"load": result}
        return {"load": "runs", "use": result} if lines[:1] == ["load"] else {"load": result}


def cases():
    ways = [w for w, (compiler, _) in WAYS.items() if shutil.which(compiler)]
    out = []
    for i, source in enumerate(sorted([*HERE.glob("*.c"), *HERE.glob("*.cc")])):
        if source.name == "run.c":
            continue
        # A static program is mostly glibc: 800 KB to look through for each, only where there is time.
        few = [w for w in ways if not w.startswith("static")]
        chosen = ways if truth.ALL else [few[0], few[1 + i % (len(few) - 1)]]
        out += [Case(source, way) for way in chosen]
    return out


def main():
    truth.needs_qemu()
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    subprocess.run(["cc", "-O1", HERE / "run.c", "-o", truth.WORK / "run"], check=True)
    built, reasons = [], {}
    wanted = cases()
    for case, failure in zip(wanted, truth.in_parallel(Case.build, wanted)):
        if failure:
            reasons.setdefault(re.sub(r"^\S+: ", "", failure), []).append(case.name)
        else:
            built.append(case)
    for reason, names in reasons.items():
        print(f"not built: {', '.join(names)}: {reason}")
    assert len(built) > len(wanted) / 2, "most programs were not built"
    machines = truth.machines(truth.WORK / "facts")
    pairs = [(case, model) for case in built for model in machines]
    ran = truth.in_parallel(lambda pair: pair[0].happened(pair[1]), pairs)
    said = truth.audit(BUILT, truth.WORK / "facts")
    score = truth.Score()
    for (case, model), stages in zip(pairs, ran):
        verdicts = said.get((machines[model], case.name), {})
        for stage, what in stages.items():
            score.judge(f"{case.name} on {model}", verdicts.get(stage), what)
    print(f"{len(built)} programs, {len(machines)} CPUs")
    return score.show()


if __name__ == "__main__":
    sys.exit(main())
