# SPDX-License-Identifier: MIT
"""What sigill.py and programs.py share: CPUs that qemu-user plays, their facts, running under them, asking `audit`."""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

PROGRAM = os.environ["LLAMA_FLEET"]
WORK = pathlib.Path(os.environ["WORK_DIR"])
WORK.mkdir(parents=True, exist_ok=True)
ALL = bool(os.environ.get("LLAMA_FLEET_AUDIT_ALL"))
NATIVE = "native"
SIGILL = (-4, 132)
# Beside the models that qemu knows: CPUs that lack one feature which their like always has.
ODD = ("Haswell,-fma", "Haswell,-bmi2", "Haswell,-f16c", "Haswell,-avx2", "IvyBridge,-avx", "Westmere,-popcnt",
       "EPYC,-avx2", "Nehalem,-sse4.2", "Haswell,-abm", "Haswell,-xsave", "max,-avx2")
# The ones for CI: each generation once.
FEW = ("Conroe", "SandyBridge", "Haswell", "EPYC", "Haswell,-fma")


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def needs_qemu():
    if os.uname().machine != "x86_64":
        skip("this machine is no x86-64")
    if not shutil.which("qemu-x86_64"):
        skip("qemu-x86_64 is not installed (Debian: qemu-user)")
    if not shutil.which("cc"):
        skip("there is no C compiler")


def before(model):
    return [] if model == NATIVE else ["qemu-x86_64", "-cpu", model]


def run(model, *command, timeout=120):
    """Exit code (negative for a signal) and lines."""
    done = subprocess.run([*before(model), *map(str, command)], capture_output=True, text=True, errors="replace",
                          timeout=timeout)
    return done.returncode, done.stdout.splitlines()


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def host_name(model):
    return re.sub(r"[^A-Za-z0-9]+", "-", model).strip("-").lower()


def facts(model):
    done = subprocess.run([*before(model), PROGRAM, "probe", "--host", host_name(model)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def machines(folder):
    """Model → host name; the facts of each lie in `folder`. Of models whose features are the same, the first."""
    known = re.findall(r"^x86 (\S+)", subprocess.run(["qemu-x86_64", "-cpu", "help"], capture_output=True,
                                                      text=True).stdout, re.M)
    models = [NATIVE, *(m for m in FEW if not ALL)]
    if ALL:
        models += [m for m in known if not re.search(r"-v\d+$", m)] + list(ODD)
    models = [m for m in models if m == NATIVE or (m.split(",")[0] in known and run(m, "/bin/true")[0] == 0)]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chosen, seen = {}, set()
    for model, said in zip(models, in_parallel(facts, models)):
        assert said is not None, f"probe fails under {model}"
        features = frozenset(said["cpu"]["features"])
        if features in seen:
            continue
        seen.add(features)
        chosen[model] = host_name(model)
        (folder / f"{host_name(model)}.json").write_text(json.dumps(said))
    return chosen


def audit(path, facts_folder):
    """(host, name of the file) → {stage: its JSON}."""
    command = [PROGRAM, "audit", path, "--facts", facts_folder, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200)
    assert done.returncode in (0, 1, 3), (done.returncode, done.stderr)
    report = json.loads(done.stdout)
    assert not report["problems"], report["problems"]
    return {(host["host"], pathlib.Path(one["path"]).name): {stage["stage"]: stage for stage in one["stages"]}
            for host in report["hosts"] for one in host["files"]}


class Score:
    """Counts verdicts beside what happened, and lists what is wrong."""

    def __init__(self):
        self.right, self.wrong, self.untold = 0, [], {}

    def judge(self, what, stage, happened):
        outcome = stage["outcome"] if stage else "no verdict"
        if outcome == "cannot_tell":
            self.untold.setdefault((what, stage["stage"], stage["why"]), []).append(happened)
        elif outcome == happened:
            self.right += 1
        else:
            fault = (stage or {}).get("fault") or {}
            self.wrong.append(f"{what}: {stage['stage'] if stage else ''}: {outcome}, but it {happened}; "
                              f"{fault.get('function', '')} {fault.get('address', '')} {fault.get('set', '')} "
                              f"{fault.get('path', '')}")

    def show(self):
        for line in self.wrong:
            print("WRONG:", line)
        for (what, stage, why), happened in self.untold.items():
            print(f"cannot tell: {what}: {stage}: {why} (it {', '.join(sorted(set(happened)))})")
        untold = sum(map(len, self.untold.values()))
        total = self.right + len(self.wrong) + untold
        print(f"{total} verdicts: {self.right} right, {len(self.wrong)} wrong, {untold} cannot tell")
        return bool(self.wrong) or self.right == 0
