#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`llama-fleet audit` over what is no fit program: a clear error with the path and the right exit code, or a verdict; never a crash,
an endless wait, memory without bounds or an escape sequence on the terminal. The ELF files are made here, byte by byte."""
import json
import os
import pathlib
import stat
import shutil
import signal
import struct
import subprocess
import threading
import time

import golden
from small_elf import elf

work = golden.work_dir()
CAPTURE = golden.source / "examples/captures/boron"  # an x86-64 machine with AVX2 and without AVX-512

EXIT = bytes.fromhex("b83c000000"  # mov eax, 60 (exit)
                     "31ff"        # xor edi, edi
                     "0f05")       # syscall
AVX512 = bytes.fromhex("62f17c4857c0")  # vxorps zmm0, zmm0, zmm0
def put(name, data):
    path = os.fsencode(work) + b"/" + os.fsencode(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def audit(*words, seconds=60):
    """(exit code, stdout, stderr, seconds of processor time, KiB of memory at most)"""
    argv = [os.environ["LLAMA_FLEET"], "audit", *words, "--root", str(CAPTURE), "--host", "boron"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=golden.clean_environment()) as child:
        timer = threading.Timer(seconds, child.kill)
        timer.start()
        texts = [b"", b""]
        readers = [threading.Thread(target=lambda i=i, pipe=pipe: texts.__setitem__(i, pipe.read()))
                   for i, pipe in enumerate((child.stdout, child.stderr))]
        for reader in readers:
            reader.start()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        for reader in readers:
            reader.join()
        timer.cancel()
    return child.returncode, texts[0], texts[1], usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def plain(text):
    """Nothing that moves a cursor or changes a colour: newlines and printable characters only."""
    decoded = text.decode("utf-8")
    return all(c == "\n" or (ord(c) >= 0x20 and not 0x7f <= ord(c) < 0xa0) for c in decoded)


def expect(what, done, codes, *said):
    code, out, err, *_ = done
    golden.check(code in codes, f"{what}: exit code {code}, not one of {codes}\n{out.decode(errors='replace')[-2000:]}"
                                f"{err.decode(errors='replace')[-2000:]}")
    golden.check(plain(out) and plain(err), f"{what}: what a terminal would act upon\n{out[-500:]!r}{err[-500:]!r}")
    for text in said:
        golden.check(text.encode() in out + err, f"{what}: '{text}' is not said\n{(out + err).decode(errors='replace')[-2000:]}")
    if code in (2, 3) and not out:
        golden.check(b"error: " in err, f"{what}: no error is shown")


good = put("good", elf(EXIT))
crashing = put("crashing", elf(AVX512 + EXIT))
expect("a program of three instructions", audit(good), [0])
expect("one with AVX-512 at its entry", audit(crashing), [1], "0x400078", "avx512f")
done = audit(crashing, "--json")
expect("the same as JSON", done, [1])
golden.check(json.loads(done[1])["hosts"][0]["outcome"] == "crashes", "the JSON says so")

# Files that are no such program: one error each, which names the file.
CASES = {
    "truncated-header": (elf(EXIT, cut=40), "truncated"),
    "truncated-tables": (elf(EXIT, cut=-100), ""),
    "32-bit": (elf(EXIT, bits=1), "32-bit"),
    "big-endian": (elf(EXIT, order=2), "big-endian"),
    "text": (b"#!/bin/sh\necho no\n", ""),
    "empty": (b"", ""),
    "magic-only": (b"\x7fELF", ""),
    "zeros": (bytes(4096), ""),
    "many-sections": (elf(EXIT, sections=0xffff), ""),
}
for name, (data, word) in CASES.items():
    expect(name, audit(put(name, data)), [3] if name not in ("truncated-tables", "many-sections") else [0, 3], name, word)
done = audit(put("riscv", elf(EXIT, machine=243)))
expect("another processor", done, [3], "riscv")

# GPU code that is cut: nothing says what is missing, so it is never said to run.
for name, data in {"cut.hipfb": b"__CLANG_OFFLOAD_BUNDLE__" + bytes.fromhex("020000000000"),
                   "cut-ccob.hipfb": b"CCOB" + bytes.fromhex("03000100a104000000000000383000000000000011223344"),
                   "cut.fatbin": bytes.fromhex("50ed55ba01001000ff0f000000000000020001014000"),
                   "cut.spv": bytes.fromhex("03022307000501000b000d00"),
                   "cut.ptx": b"//\n.version 8.4\n.target sm_90a\n.visible .entry k()\n{\n"}.items():
    expect(name, audit(put(name, data)), [3], "cannot tell", "damaged")
expect("whole PTX", audit(put("whole.ptx", b".version 8.4\n.target sm_90a\n.entry k()\n{ ret; }\n")), [0], "compute_90a")

expect("nothing there", audit(os.fsencode(work) + b"/missing"), [2, 3], "missing")
os.makedirs(work / "hollow")
expect("an empty folder", audit(os.fsencode(work) + b"/hollow"), [2, 3], "hollow")
os.mkfifo(work / "pipe")
done = audit(os.fsencode(work) + b"/pipe", seconds=20)
expect("a pipe is not waited for", done, [3], "pipe")
expect("a device", audit(b"/dev/zero", seconds=20), [3], "/dev/zero")
os.symlink("loop", work / "loop")
expect("a link to itself", audit(os.fsencode(work) + b"/loop"), [2, 3], "loop")
os.symlink("/no/such/file", work / "dangling")
expect("a link to nothing", audit(os.fsencode(work) + b"/dangling"), [2, 3], "dangling")
locked = put("locked", elf(EXIT))
os.chmod(locked, 0)
if os.geteuid() == 0:
    golden.skip_part("a file that may not be read: root may read all")
else:
    expect("a file that may not be read", audit(locked), [3], "locked", "permission")
os.chmod(locked, stat.S_IRUSR | stat.S_IWUSR)

# Names that a terminal would act upon: of files, sections and of the path itself.
odd = b"odd/a\nb\x1b[2J\x1b]0;x\x07\xff.so"
odd_path = put(odd, elf(AVX512 + EXIT, name=b".te\x1b[31mxt"))
expect("a name with a newline, escapes and no UTF-8", audit(odd_path), [1])
expect("a folder with it", audit(os.fsencode(work) + b"/odd", "--functions"), [1])
done = audit(os.fsencode(work) + b"/odd", "--json", "--functions")
expect("the same as JSON", done, [1])
golden.check(b"\x1b" not in done[1] and json.loads(done[1])["builds"], "the JSON is JSON")
expect("an error about it", audit(put(b"odd/\x1b[2J.txt", b"no")), [3])

# Among good files a bad one hides nothing, and several paths are each looked at.
for name in ("good", "32-bit", "text", "truncated-header"):
    put(f"mixed/{name}.so", (work / name).read_bytes())
os.mkfifo(work / "mixed/pipe.so")
done = audit(os.fsencode(work) + b"/mixed", "--json")
expect("a folder of good and bad", done, [0, 3])
paths = {pathlib.Path(file["path"]).name for file in json.loads(done[1])["builds"][0]["files"]}
golden.check("good.so" in paths and "text.so" not in paths, f"what it holds: {sorted(paths)}")
expect("two paths, one missing", audit(crashing, os.fsencode(work) + b"/missing"), [1], "missing")
expect("the same with one that runs", audit(good, os.fsencode(work) + b"/missing"), [3], "missing")

# Ctrl-C ends it in the middle of a file: the program itself is large enough.
argv = [os.environ["LLAMA_FLEET"], "audit", os.environ["LLAMA_FLEET"], "--root", str(CAPTURE), "--host", "boron"]
with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=golden.clean_environment()) as child:
    time.sleep(0.3)
    running = child.poll() is None
    sent = time.monotonic()
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    took = time.monotonic() - sent
if running:
    golden.check(child.returncode == 130 and took < 3, f"interrupted: exit code {child.returncode} after {took:.1f} s")
else:
    golden.skip_part("an interrupt: the audit was over before it")

# Much, but not without bounds.
with open(work / "huge", "wb") as file:
    file.truncate(1 << 30)
done = audit(os.fsencode(work) + b"/huge", seconds=30)
expect("1 GB of zeros", done, [3], "huge")
golden.check(done[3] < 20 and done[4] < 400_000, f"1 GB of zeros: {done[3]:.1f} s, {done[4]} KiB")
with open(work / "huge-elf", "wb") as file:
    file.write(elf(EXIT))
    file.truncate(1 << 30)
done = audit(os.fsencode(work) + b"/huge-elf", seconds=30)
expect("a program with 1 GB of nothing behind it", done, [0])
golden.check(done[3] < 20 and done[4] < 400_000, f"the same: {done[3]:.1f} s, {done[4]} KiB")
os.makedirs(work / "many")
for number in range(10_000):
    (work / "many" / f"{number}.so").write_bytes(elf(b"\xb8" + struct.pack("<I", number) + EXIT))
done = audit(os.fsencode(work) + b"/many", "--json", seconds=120)
expect("10,000 files", done, [0])
golden.check(len(json.loads(done[1])["builds"][0]["files"]) == 10_000, "each of them is there")
golden.check(done[3] < 60 and done[4] < 1_000_000, f"10,000 files: {done[3]:.1f} s, {done[4]} KiB")
folders = [work / "many", work / "many-2", work / "many-3"]
for folder in folders[1:]:
    shutil.copytree(folders[0], folder, copy_function=os.link)
with subprocess.Popen([os.environ["LLAMA_FLEET"], "audit", *folders, "--root", CAPTURE],
                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=golden.clean_environment()) as child:
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)
    golden.check(child.returncode == 130 and out == b"", f"Ctrl-C: exit code {child.returncode}, {len(out)} bytes")
deep = work / "deep"
folder = deep
for _ in range(200):
    folder = folder / "d"
os.makedirs(folder)
(folder / "x").write_bytes(elf(EXIT))
os.symlink(deep, folder / "again")
expect("200 folders deep, with a link back", audit(os.fsencode(deep)), [0, 2, 3])

# Files that change while they are looked at: shortened (a mapped page without a file behind it), removed, made anew.
# What they do is at their end, so that whoever takes the zeros of a shortened one for its code says that it runs.
stop = threading.Event()
big = elf(b"\xe9" + struct.pack("<I", 4 << 20) + b"\x90" * (4 << 20) + AVX512 + EXIT)  # jmp over all of it


def churn():
    while not stop.is_set():
        for path in (work / "moving/a.so", work / "moving/b.so"):
            path.write_bytes(big)
            os.truncate(path, 4096)
            path.unlink()


def pulse():
    while not stop.is_set():
        os.truncate(work / "pulsing", 4096)
        (work / "pulsing").write_bytes(big)


os.makedirs(work / "moving")
(work / "moving/still.so").write_bytes(elf(EXIT))
(work / "pulsing").write_bytes(big)
expect("a file that stays", audit(os.fsencode(work) + b"/pulsing"), [1], "avx512f")
movers = [threading.Thread(target=churn), threading.Thread(target=pulse)]
for mover in movers:
    mover.start()
for _ in range(20):
    done = audit(os.fsencode(work) + b"/moving", "--json", seconds=30)
    expect("files that vanish and shrink", done, [0, 1, 3])
    report = json.loads(done[1])
    for verdict in report["hosts"][0]["files"]:
        golden.check(verdict["outcome"] != "runs" or verdict["path"] == "still.so", f"a part of a file runs: {verdict}")
    done = audit(os.fsencode(work) + b"/pulsing", seconds=30)
    expect("a file that is written to", done, [1, 3], "pulsing")  # 1: the writer slept, and it was whole
stop.set()
for mover in movers:
    mover.join()
golden.finish()
