#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`probe --ssh` with a made-up ssh in PATH, which runs what it is told in a shell of this machine, or behaves badly.

The name of a machine says what it is: "dash", "busybox" and "bash" run the script on a captured machine, whose facts are then
compared with those of `probe --root`; the others flood, hang, die, or send what no machine would."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

PROGRAM, SOURCE, WORK = (os.environ[name] for name in ("LLAMA_FLEET", "SOURCE_DIR", "WORK_DIR"))
FAKE = r"""#!/bin/sh
# Words as llama-fleet gives them: options, --, DEST, COMMAND.
echo "$*" >>"$FAKE_LOG"
while [ "$1" != -- ]; do shift; done
echo "talk of $2 $(printf '\033')[31m" >&2
case $2 in
dash|bash) exec "$2" -c "$3" ;;
busybox) exec busybox sh -c "$3" ;;
banner) echo "Welcome!"; exec dash -c "$3" ;;
title) printf 'hi\n\033]0;title\007'; exec dash -c "$3" ;;
refused) printf 'a\r\nPermission denied (publickey).\r\n' >&2; exit 255 ;;
noexec) case $3 in *mktemp*) cat >/dev/null; echo "sh: cannot execute: Permission denied" >&2; exit 126 ;; esac; exec dash -c "$3" ;;
cut) case $3 in *mktemp*) head -c 100 >/dev/null; exit 73 ;; esac; exec dash -c "$3" ;;
slow) sleep 3; exec dash -c "$3" ;;
hangs) exec sleep 600 ;;
flood) exec yes 'f /proc/cpuinfo' ;;
endless) echo 'llama-fleet stream 1'; exec cat /dev/zero ;;
dies) echo 'llama-fleet stream 1'; echo 'f /proc/cpuinfo'; echo ' processor : 0'; exit 1 ;;
dots) printf 'llama-fleet stream 1\nf /../../etc/passwd\n x\nend\n' ;;
escape) printf 'llama-fleet stream 1\nf /proc/cpuinfo\n processor : 0\n model name : \033]0;owned\007\nend\n' ;;
csh) echo "Badly placed ()'s." >&2; exit 1 ;;
counts) date +%s.%N >>"$FAKE_LOG.begin"; sleep 0.3; printf 'llama-fleet stream 1\nend\n' ;;
esac
"""
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)


def probe(*words, root=None):
    environment = dict(os.environ, PATH=f"{WORK}/bin:{os.environ['PATH']}", FAKE_LOG=f"{WORK}/log", HOME=f"{WORK}/home")
    environment.pop("XDG_CONFIG_HOME", None)
    if root:
        environment["LLAMA_FLEET_ROOT"] = root
    return subprocess.run([PROGRAM, "probe", *words], env=environment, capture_output=True, text=True, timeout=120)


def captured(capture):
    """Of the capture, without what a shell cannot ask: CPUID, drivers' libraries, and what only lies in its folder."""
    folder = f"{TREES}/copy-of-{pathlib.Path(capture).name}"
    shutil.copytree(capture, folder, symlinks=True, ignore=shutil.ignore_patterns("cpuid", "answers"))
    if pathlib.Path(folder, "etc/environment").exists():  # the script looks for this itself; of a folder it is an answer
        pathlib.Path(folder, "answers").mkdir()
        pathlib.Path(folder, "answers/overrides").write_text("HSA_OVERRIDE_GFX_VERSION 10.3.0 /etc/environment\n")
    return folder


CARDS = {
    "sys/bus/pci/devices/0000:03:00.0": {"class": "0x030000", "vendor": "0x1002", "device": "0x7fff", "board_info": "x",
                                         "mem_info_vram_total": "17163091968", "mem_info_gtt_total": "33554432",
                                         "ip_discovery/die/0/GC/0/major": "11", "ip_discovery/die/0/GC/0/minor": "0",
                                         "ip_discovery/die/0/GC/0/revision": "0"},
    "sys/bus/pci/devices/0000:04:00.0": {"class": "0x030000", "vendor": "0x8086", "device": "0x56a0",
                                         "lmem_total_bytes": "17179869184",
                                         "resource": "0x0 0x0 0x0\n0x0 0x0 0x0\n0x6000000000 0x63ffffffff 0x14220c"},
    "sys/bus/pci/devices/0000:05:00.0": {"class": "0x030000", "vendor": "0x8086", "device": "0xe20b",
                                         "tile0/physical_vram_size_bytes": "0x2f0000000"},
    "sys/bus/pci/devices/0000:06:00.0": {"class": "0x030200", "vendor": "0x10de", "device": "0x2330"},
    "proc/driver/nvidia/gpus/0000:06:00.0": {"information": "Model: \t NVIDIA H100\nGPU UUID: GPU-1\nDevice Minor: \t 0"},
    "proc/driver/nvidia": {"version": "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.82.07  Release"},
    "proc/driver/nvidia/capabilities/gpu0/mig/gi1": {"access": "x"},
    "sys/module/xe": {"version": "1.1.0"},
    "etc": {"environment": 'A=1\nHSA_OVERRIDE_GFX_VERSION="10.3.0"'},
    "etc/nix": {"nix.conf": "include a.conf # first\nsystem-features = one\n!include /etc/nix/sub/../b.conf",
                "a.conf": "extra-system-features = never\ninclude sub/c.conf", "b.conf": "include sub/d.conf",
                "sub/c.conf": "system-features = never", "sub/d.conf": "extra-system-features = two\ninclude ../e.conf",
                "e.conf": "extra-system-features = three\ninclude nix.conf\ninclude /proc/cpuinfo\ninclude missing.conf"},
    "proc/sys/kernel": {"hostname": "three", "osrelease": "6.12.1-three"},
    "sys/devices/system/node/node0": {"cpulist": "0"},
    "proc": {"cpuinfo": "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 60\nflags : fpu lm pni avx2\n",
             "meminfo": "MemTotal: 1048576 kB"},
}


def cards():
    """A machine of cards that tell of themselves in many files."""
    root = pathlib.Path(WORK, "machines/cards")
    for folder, files in CARDS.items():
        for name, text in files.items():
            path = root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
    nix = root / "root/.nix-profile/bin/nix"
    nix.parent.mkdir(parents=True)
    os.symlink(f"/nix/store/{'a' * 32}-nix-2.34.8/bin/nix", nix)
    for address, driver in (("03", "amdgpu"), ("04", "i915"), ("05", "xe"), ("06", "nvidia")):
        os.symlink(f"../drivers/{driver}", root / f"sys/bus/pci/devices/0000:{address}:00.0/driver")
    return root


def cards_are_told_whole(machine):
    """What shell and folder could both lose is looked for by itself."""
    facts = json.loads(probe("--ssh", "h=dash", root=machine).stdout)
    environment = facts["environment"]
    check(environment["nix_system_features"] == ["one", "two", "three"], f"{environment['nix_system_features']}")
    check(environment["nix_version"] == "2.34.8", f"Nix {environment['nix_version']}")
    check(environment["kernel"] == "6.12.1-host", f"kernel {environment['kernel']}")
    check(any("NVML) was not asked" in note for note in facts["notes"]), f"no word of NVIDIA's memory: {facts['notes']}")


def files_that_may_not_be_read(shell):
    """They are named, so that the note is the same as on the machine itself."""
    root = pathlib.Path(WORK, "denied")
    for name in ("etc/nix/nix.conf", "etc/nix/a.conf", "proc/cpuinfo"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("include a.conf\n")
    os.chmod(root / "etc/nix/a.conf", 0)
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if as_nobody and not shutil.which("setpriv"):
        print("skipped in part: setpriv is not installed")
        return
    script = pathlib.Path(SOURCE, "src/fleet/capture.sh").read_text()
    said = subprocess.run([*as_nobody, shell, "-s"], input=script, env=dict(os.environ, LLAMA_FLEET_ROOT=str(root)),
                          capture_output=True, text=True).stdout
    if "f /proc/cpuinfo" not in said:
        print("skipped in part: another user may not read the test's folder")
        return
    check("\nd /etc/nix/a.conf\n" in said, f"an unreadable file is not named: {said}")


def without_room(facts):
    """The space free for builds is the test machine's, whatever folder the script looks at."""
    facts["environment"]["store_free_gib"] = None
    facts["environment"]["notes"] = [n for n in facts["environment"]["notes"] if "free for builds" not in n]
    return facts


def shared_trees():
    """/proc and /sys of real machines of many architectures, where they lie beside the checkout."""
    archives = sorted(pathlib.Path(SOURCE, "../shared/data/cpu/lscpu/dumps").glob("*.tar.gz"))
    if not archives:
        print("skipped in part: ../shared/data/cpu/lscpu is missing")
    os.makedirs(f"{TREES}/real")
    for archive in archives:  # without half of the files, which say how much power and time was used
        subprocess.run(["tar", "xzf", archive, "-C", f"{TREES}/real", "--exclude=*/power", "--exclude=*/cpuidle"], check=True)
    return sorted(str(tree) for tree in pathlib.Path(TREES, "real").iterdir())


def same_facts(root, shells):
    if not pathlib.Path(root, "proc/cpuinfo").exists():
        pathlib.Path(root, "proc").mkdir(exist_ok=True)
        pathlib.Path(root, "proc/cpuinfo").write_text(
            "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 60\nflags : fpu lm pni avx2\n\n")
    name = pathlib.Path(root).name
    wanted = without_room(json.loads(probe("--root", root, "--host", "h").stdout))
    for shell in shells:
        done = probe("--ssh", f"h={shell}", root=root)
        check(done.returncode == 0, f"{shell} {name}: {done.stderr}")
        if done.returncode == 0:
            found = without_room(json.loads(done.stdout))
            for part in sorted(set(found) | set(wanted)):
                check(found.get(part) == wanted.get(part),
                      f"{shell} {name} {part}: {found.get(part)} is not {wanted.get(part)}")


def same_facts_through_every_shell(shells, roots):
    check(len(roots) >= 4, f"only {len(roots)} machines to compare")
    with ThreadPoolExecutor(8) as machines:
        list(machines.map(lambda root: same_facts(root, shells), roots))


def bad_machines_stop_nobody():
    begin = time.monotonic()
    bad = ["refused", "hangs", "flood", "endless", "dies", "dots", "csh"]
    words = [word for name in [*bad, "banner", "escape"] for word in ("--ssh", name)]
    done = probe(*words, "--timeout", "3", "--output", f"{WORK}/facts")
    check(done.returncode == 3, f"exit code {done.returncode}, not 3")
    check(time.monotonic() - begin < 30, "bad machines took too long")
    written = sorted(file.name for file in pathlib.Path(WORK, "facts").iterdir())
    check(written == ["banner.json", "escape.json"], f"written: {written}\n{done.stderr}")
    for name in bad:
        check(f"{name}" in done.stderr, f"nothing is said of {name}")
    for sign in ("\x1b", "owned\x07"):
        check(sign not in done.stderr + done.stdout, "an escape sequence reached the terminal")
    check(done.stderr.count("Permission denied (publickey).") == 1, f"what ssh says is not shown once: {done.stderr}")
    check("\\x0d" not in done.stderr and "\r" not in done.stderr, "the ends of ssh's lines are shown")
    check("\\x1b[31m" in done.stderr, "what ssh says is not shown as text")
    stored = json.loads(pathlib.Path(WORK, "facts/banner.json").read_text())
    check(stored["environment"] is None, "facts for a flake hold the environment")


def many_at_once_but_bounded():
    words = [word for number in range(8) for word in ("--ssh", f"m{number}=counts")]
    begins = pathlib.Path(WORK, "log.begin")
    probe(*words, "--jobs", "2")
    times = sorted(float(line) for line in begins.read_text().split())
    check(len(times) == 8, f"{len(times)} of 8 machines were asked")
    check(all(later - earlier > 0.2 for earlier, later in zip(times, times[2:])), f"more than 2 at a time: {times}")
    begins.unlink()
    begin = time.monotonic()
    probe(*words, "--jobs", "8")
    check(time.monotonic() - begin < 2, "8 at a time took as long as one after the other")


def talk_of_a_login_is_passed_over():
    """Also without a newline at its end, and for every command that is run there."""
    for words in ([], ["--send-binary", f"{WORK}/bin/sent"]):
        shutil.copy(PROGRAM, f"{WORK}/bin/sent")
        done = probe("--ssh", "h=title", *words)
        check(done.returncode == 0 and json.loads(done.stdout)["host"] == "h", f"title {words}: {done.stderr}{done.stdout[:99]}")


def hints_say_what_helps():
    for name, words, there in (("refused", ["--send-binary", PROGRAM], "BatchMode"), ("refused", [], "BatchMode"),
                               ("noexec", ["--send-binary", PROGRAM], "noexec"),
                               ("cut", ["--send-binary", PROGRAM], "did not arrive whole")):
        said = probe("--ssh", name, *words).stderr
        hint = [line for line in said.splitlines() if line.startswith("hint:")]
        check(len(hint) == 1 and there in hint[0], f"{name}: the hint is {hint}: {said}")


def several_machines_are_lines_of_json():
    done = probe("--ssh", "a=slow", "--ssh", "b=refused", "--ssh", "c=dash")
    lines = done.stdout.splitlines()
    check([json.loads(line)["host"] for line in lines] == ["a", "c"], f"not a line each: {done.stdout[:300]}")
    check(done.returncode == 3, f"exit code {done.returncode}, not 3")
    one = probe("--ssh", "c=dash").stdout
    check(one.count("\n") > 10 and json.loads(one) == json.loads(lines[-1]), "one machine is not as without --ssh")


def what_is_known_is_shown_at_once():
    environment = dict(os.environ, PATH=f"{WORK}/bin:{os.environ['PATH']}", FAKE_LOG=f"{WORK}/log", HOME=f"{WORK}/home")
    begin = time.monotonic()
    with subprocess.Popen([PROGRAM, "probe", "--ssh", "slow", "--ssh", "refused", "--output", f"{WORK}/at-once"],
                          env=environment, stderr=subprocess.PIPE, text=True) as running:
        lines = [(line, time.monotonic() - begin) for line in running.stderr]
    error = next((when for line, when in lines if "Permission denied" in line), 99)
    written = next((when for line, when in lines if "slow.json" in line), 0)
    check(error < written - 1, f"refused was told after {error} s, slow after {written} s")


def the_users_own_ssh():
    log = pathlib.Path(WORK, "log").read_text()
    for word in ("BatchMode=yes", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "ConnectTimeout=", "-- dash sh -s",
                 "RemoteCommand=none", "StdinNull=no", "SessionType=default", "ForkAfterAuthentication=no", " -k "):
        check(word in log, f"ssh was not given {word}")
    check("StrictHostKeyChecking" not in log and "UserKnownHosts" not in log, "host keys were meddled with")
    before = log.count("\n")
    for word in ("-oProxyCommand=touch x", "h=-F/tmp/x", "", "h=a\nb"):
        done = probe("--ssh=" + word)
        check(done.returncode == 2, f"{word!r} is taken for a destination: {done.returncode}")
    check(pathlib.Path(WORK, "log").read_text().count("\n") == before, "ssh was started all the same")


def a_sent_program_is_run_and_removed():
    program = f"{WORK}/bin/sent"
    machine = os.uname().machine
    shutil.copy(PROGRAM, program)
    temporary = pathlib.Path(WORK, "tmp")
    temporary.mkdir()
    os.environ["TMPDIR"] = str(temporary)
    done = probe("--ssh", "h=dash", "--send-binary", program)
    check(done.returncode == 0 and json.loads(done.stdout)["host"] == "h", f"sent: {done.stderr}")
    check(not list(temporary.iterdir()), "the program was left behind")
    failing = pathlib.Path(WORK, "bin", f"llama-fleet-probe-{machine}")
    failing.write_bytes(pathlib.Path(program).read_bytes()[:64])
    done = probe("--ssh", "h=dash", "--send-binary", f"{WORK}/bin")
    check(done.returncode == 3, "a broken program gave facts")
    check(not list(temporary.iterdir()), "a broken program was left behind")
    failing.write_text("#!/bin/sh\necho '{}'\n")
    done = probe("--ssh", "h=dash", "--send-binary", f"{WORK}/bin")
    check(done.returncode == 3 and "no program for" in done.stderr, f"a script was sent: {done.stderr}")


def room_for_trees():
    """In memory where there is room: a disk takes minutes for these tens of thousands of small files."""
    shared = "/dev/shm"
    roomy = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 1 << 30
    return tempfile.TemporaryDirectory(prefix="llama-fleet-ssh-", dir=shared if roomy else None)


shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(f"{WORK}/bin")
os.makedirs(f"{WORK}/home")
pathlib.Path(WORK, "bin/ssh").write_text(FAKE)
os.chmod(f"{WORK}/bin/ssh", 0o755)
SHELLS = [name for name in ("dash", "busybox", "bash") if shutil.which(name)]
with room_for_trees() as TREES:
    machine_of_cards = captured(cards())
    own = [captured(capture) for capture in sorted(pathlib.Path(SOURCE, "examples/captures").iterdir())]
    same_facts_through_every_shell(SHELLS, [*own, machine_of_cards])
    cards_are_told_whole(machine_of_cards)
    files_that_may_not_be_read(SHELLS[0])
    real = shared_trees()
    if real:
        same_facts_through_every_shell(SHELLS[:1], real)
bad_machines_stop_nobody()
many_at_once_but_bounded()
talk_of_a_login_is_passed_over()
hints_say_what_helps()
several_machines_are_lines_of_json()
what_is_known_is_shown_at_once()
the_users_own_ssh()
a_sent_program_is_run_and_removed()
if failures:
    sys.exit("\n".join(failures))
print(f"shells: {', '.join(SHELLS)}; {len(real)} real machines through the first")
if len(SHELLS) < 3:
    print("skipped in part: busybox or dash is not installed")
