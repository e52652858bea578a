# SPDX-License-Identifier: MIT
"""The trees of /sys and /proc that util-linux tests lscpu with, and what lscpu says of them: ../shared/data/cpu/lscpu
beside the checkout. Every number must be lscpu's, or stand in DIFFERENT with the reason; a line there that is no longer
true fails too."""
import glob
import json
import os
import re
import subprocess
import sys
import tarfile

DATA = os.path.join(os.environ["SOURCE_DIR"], "../shared/data/cpu/lscpu")
WORK, PROGRAM = os.environ["WORK_DIR"], os.environ["LLAMA_FLEET"]

# (tree, what): (ours, why).
DIFFERENT = {
    ("sparc64", "flags"): ({"flush", "stbar", "swap", "muldiv", "v9", "mul32", "div32", "v8plus", "vis"},
                           "the CPU's capabilities; lscpu shows the machine's type, sun4u, as if it were one"),
    ("rv64-milkvpioneer", "flags"): ({"i", "m", "a", "f", "d", "c"},
                                     "lscpu repeats the kernel's v, which is T-Head's V 0.7.1 there; code for V 1.0 dies of it"),
}


def lscpu(text):
    """What lscpu says, as our facts have it."""
    out, kinds = {"caches": {}}, []
    for line in text.splitlines():
        key, _, value = line.partition(":")
        value = value.strip()
        if cache := re.match(r"L(\d)([di]?) cache$", key):
            out["caches"][int(cache[1]), {"d": "data", "i": "instruction", "": "unified"}[cache[2]]] = value
        elif key == "Model name":
            kinds.append(value)
        elif key not in out:
            out[key] = value
    out["kinds"] = kinds
    tables = [[row.split(",") for row in t] for t in tables_of(text)]
    out["table"] = tables[0] if tables else []
    return out


def tables_of(text):
    """The parsable tables: lines of numbers with commas, apart by lines that are none."""
    table = []
    for line in text.splitlines() + [""]:
        if re.match(r"\d+,", line):
            table.append(line)
        elif table:
            yield table
            table = []


def kib(text):
    number, unit = re.match(r"([\d.]+) ([KMG])iB", text).groups()
    return round(float(number) * {"K": 1, "M": 1024, "G": 1 << 20}[unit])


def expected(text):
    said = lscpu(text)
    out = {"cpus": int(said["CPU(s)"]) - offline(said), "offline_cpus": offline(said),
           "vendor": said.get("Vendor ID"), "hypervisor": said.get("Hypervisor vendor"),
           "numa_nodes": int(said["NUMA node(s)"]) if "NUMA node(s)" in said else None,
           "kinds": said["kinds"], "flags": set(said["Flags"].split()) if "Flags" in said else None}
    if "ISA" in said:
        letters, *names = said["ISA"].split()
        out["flags"] = set(letters[4:]) | set(names)
    columns = list(zip(*said["table"])) if said["table"] else []
    per_core = int(said["Thread(s) per core"]) if "Thread(s) per core" in said else None
    out["threads"] = per_core
    out["cores"] = len(set(columns[1])) if columns else None
    out["sockets"] = len(set(columns[2])) if len(columns) > 2 and columns[2][0] else None
    if len(said["kinds"]) > 1:  # its numbers are those of one kind, again and again
        out["cores"] = sum(int(n) for n in re.findall(r"^Core\(s\) per socket:\s*(\d+)", text, re.M))
        out["sockets"] = 1
    elif not columns and said.get("Socket(s)", "-").isdigit() and said["Core(s) per socket"].isdigit():
        out["sockets"] = int(said["Socket(s)"])
        out["cores"] = out["sockets"] * int(said["Core(s) per socket"])
    for key, value in said["caches"].items():
        instances = re.search(r"\((\d+) instance", value)
        out[f"L{key[0]} {key[1]}"] = (kib(value), int(instances[1]) if instances else None)
    return out


def offline(said):
    text = said.get("Off-line CPU(s) list", "")
    return sum(int(b or a) - int(a) + 1 for a, b in re.findall(r"(\d+)(?:-(\d+))?", text))


KNOWN = set(re.findall(r"^X86_FEATURE\((\w+),", open(os.path.join(
    os.environ["SOURCE_DIR"], "src/facts/x86_features.def")).read(), re.M))
VENDORS = {"KVM": "KVM", "KVMKVMKVM": "KVM", "PR/SM": "IBM", "pHyp": "pHyp", "KVM/Linux": "KVM"}


def ours(tree):
    run = subprocess.run([PROGRAM, "probe", "--host", "lscpu", "--root", tree], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    cpu = json.loads(run.stdout)["cpu"]
    hypervisor = cpu.get("hypervisor")
    out = {"cpus": cpu.get("cpus"), "offline_cpus": cpu.get("offline_cpus") or 0, "vendor": cpu.get("vendor"),
           "hypervisor": "IBM" if hypervisor and hypervisor.startswith("z/VM") else VENDORS.get(hypervisor, hypervisor),
           "numa_nodes": cpu.get("numa_nodes"), "cores": cpu.get("cores"), "sockets": cpu.get("sockets"),
           "kinds": [kind["name"] for kind in cpu.get("kinds", []) if kind.get("name")] or
                    ([cpu["model_name"]] if cpu.get("model_name") else []),
           "flags": set(cpu["features"])}
    out["threads"] = out["cpus"] // out["cores"] if out["cpus"] and out["cores"] else None
    totals = {}
    for cache in cpu.get("caches", []):
        name = f"L{cache['level']} {cache['type']}"
        kibs, count = totals.get(name, (0, 0))
        known = cache.get("instances")
        totals[name] = (kibs + cache["kib"] * (known or 1), (count or 0) + known if known else None)
    out.update(totals)
    return out


def compare(name, want, got, told):
    bad = 0
    for what in sorted(set(want) | {key for key in got if key.startswith("L")}):
        theirs, mine = want.get(what), got.get(what)
        if what == "kinds":
            theirs, mine = [t for t in theirs if t != "-"], mine if theirs != ["-"] else []
            theirs, mine = sorted(set(theirs)), sorted(set(mine))
        if what == "flags":
            if theirs is None:
                continue
            if "x86" in name or name.startswith("v"):  # of those we take what somebody may ask about
                theirs = theirs & KNOWN
                mine = mine & KNOWN
        if theirs is None and what in ("numa_nodes", "cores", "sockets", "threads", "vendor"):
            continue  # lscpu does not say it either
        same = theirs == mine or (what.startswith("L") and theirs and mine and theirs[1] is None and theirs[0] == mine[0])
        if (name, what) in DIFFERENT:
            told.add((name, what))
            if same or mine != DIFFERENT[name, what][0]:
                print(f"{name}: {what}: the difference in the table is not true any more: lscpu {theirs}, we {mine}")
                bad += 1
        elif not same:
            print(f"{name}: {what}: lscpu {theirs}, we {mine}")
            bad += 1
    return bad


def main():
    dumps = sorted(glob.glob(f"{DATA}/dumps/*.tar.gz"))
    if not dumps:
        print("skipped: ../shared/data/cpu/lscpu is not there")
        sys.exit(77)
    os.makedirs(WORK, exist_ok=True)
    bad, told, right = 0, set(), 0
    for dump in dumps:
        name = os.path.basename(dump)[:-7]
        with tarfile.open(dump) as archive:
            archive.extractall(WORK)
        found = compare(name, expected(open(f"{DATA}/expected/lscpu-{name}").read()), ours(f"{WORK}/{name}"), told)
        bad += found
        right += found == 0
    for entry in set(DIFFERENT) - told:
        print("a line of DIFFERENT that nothing asked about:", *entry)
        bad += 1
    print(f"{right} of {len(dumps)} trees agree, {len(DIFFERENT)} listed differences")
    sys.exit(bad > 0)


main()
