# SPDX-License-Identifier: MIT
"""Real libraries: what is counted equals what is known of them and a second reading by other means.

Run as real.py GPU_TOOL. Debian sid's CUDA and HIP backends of ggml (94 and 115 MB to download, 1.8 GB unpacked) and npm's
@node-llama-cpp/linux-x64-cuda (143 MB, of which one library of 159 MB is kept), in LLAMA_FLEET_CACHE (default
~/.cache/llama-fleet). They are downloaded with LLAMA_FLEET_DOWNLOADS=1 only; what lies in the cache is read, what does not
is skipped, and says so. Debian's Vulkan backend is read where bench.variants has unpacked it.

The second reading: Python that goes from wrapper to wrapper (this program's own way is different), cuobjdump and
clang-offload-bundler where they are installed.
"""
import collections
import json
import mmap
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tarfile

SOURCE, WORK = pathlib.Path(os.environ["SOURCE_DIR"]), pathlib.Path(os.environ["WORK_DIR"])
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
TOOL, DOWNLOADS = sys.argv[1], os.environ.get("LLAMA_FLEET_DOWNLOADS") == "1"
DEBIAN, NPM = CACHE / "sid-gpucode", CACHE / "npm-gpucode"
BACKENDS = "root/usr/lib/x86_64-linux-gnu/ggml/backends0"
NPM_PACKAGE, NPM_LIBRARY = "@node-llama-cpp/linux-x64-cuda@3.22.1", "package/bins/linux-x64-cuda/libggml-cuda.so"
PTX, SASS = 1, 2
skipped, done = [], []


def tool(*words):
    return subprocess.run([TOOL, *map(str, words)], check=True, capture_output=True, text=True, timeout=300).stdout


def listed(path):
    answer = json.loads(tool("list", path))
    assert answer["notes"] == [], answer["notes"]
    stored = sum(t["stored"] for t in answer["targets"] if t["kind"] != "spirv")
    assert stored <= answer["section_bytes"] <= path.stat().st_size, (stored, answer["section_bytes"])
    return answer


def targets(answer, kind):
    return [t["name"] for t in answer["targets"] if t["kind"] == kind]


# ---- where the libraries come from ----

def debian(name):
    path = DEBIAN / BACKENDS / f"libggml-{name}.so"
    if not path.exists() and DOWNLOADS:
        got = subprocess.run([SOURCE / "tools/sid-packages", "--alone", "--contrib", DEBIAN, f"libggml0-backend-{name}"],
                             capture_output=True, text=True)
        if got.returncode != 0:
            skipped.append(f"Debian's {name} backend: {got.stderr.strip().splitlines()[-1]}")
            return None
    if not path.exists():
        skipped.append(f"Debian's {name} backend is not in {DEBIAN}; LLAMA_FLEET_DOWNLOADS=1 downloads it")
        return None
    return path


def debian_version(name):
    return re.search(rf"^package libggml0-backend-{name} (.*)$", (DEBIAN / "stamp").read_text(), re.M)[1]


def npm():
    path = NPM / NPM_LIBRARY
    if path.exists():
        return path
    if not DOWNLOADS or shutil.which("npm") is None:
        skipped.append(f"{NPM_PACKAGE} is not in {NPM}; LLAMA_FLEET_DOWNLOADS=1 downloads it, with npm")
        return None
    NPM.mkdir(parents=True, exist_ok=True)
    got = subprocess.run(["npm", "pack", "--silent", NPM_PACKAGE], cwd=NPM, capture_output=True, text=True)
    if got.returncode != 0:
        skipped.append(f"{NPM_PACKAGE}: {(got.stderr.strip().splitlines() or ['npm failed'])[-1]}")
        return None
    archive = NPM / got.stdout.split()[-1]
    with tarfile.open(archive) as packed:
        packed.extract(NPM_LIBRARY, NPM)
    archive.unlink()
    return path


# ---- the second reading ----

class Elf:
    """As much of an ELF file as is needed: sections by name, addresses to offsets."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        table, = struct.unpack_from("<Q", self.data, 40)
        size, count, names = struct.unpack_from("<HHH", self.data, 58)
        rows = [struct.unpack_from("<IIQQQQ", self.data, table + i * size) for i in range(count)]
        self.sections = {self.name(rows[names][4] + row[0]): (row[3], row[4], row[5]) for row in rows}

    def name(self, at):
        return self.data[at:self.data.find(b"\0", at)].decode()

    def offset(self, address):
        for start, offset, size in self.sections.values():
            if start <= address < start + size:
                return offset + address - start
        raise AssertionError(hex(address))

    def wrapped(self, section, magic):
        _, at, size = self.sections[section]
        for place in range(at, at + size, 24):
            word, version, pointer, last = struct.unpack_from("<IIQQ", self.data, place)
            assert (word, version, last) == (magic, 1, 0), hex(place)
            yield self.offset(pointer)


def walk_cuda(path):
    """(kind, arch, flags & "a") → [entries, stored, unpacked], and how many containers."""
    elf, sums, containers = Elf(path), collections.defaultdict(lambda: [0, 0, 0]), 0
    for start in elf.wrapped(".nvFatBinSegment", 0x466243B1):
        containers += 1
        magic, version, header, size = struct.unpack_from("<IHHQ", elf.data, start)
        assert (magic, version) == (0xBA55ED50, 1)
        at, end = start + header, start + header + size
        while at < end:
            kind, _, header, stored = struct.unpack_from("<HHIQ", elf.data, at)
            arch, = struct.unpack_from("<I", elf.data, at + 28)
            flags, = struct.unpack_from("<Q", elf.data, at + 40)
            unpacked, = struct.unpack_from("<Q", elf.data, at + 56)
            row = sums[kind, arch, bool(flags & 0x100000)]
            row[0] += 1
            row[1] += stored
            row[2] += unpacked if flags & 0xA000 else stored
            at += header + stored
        assert at == end
    return {k: tuple(v) for k, v in sums.items()}, containers


def walk_hip(path):
    """target → (entries, bytes), and where the bundles begin."""
    elf, sums, starts = Elf(path), collections.defaultdict(lambda: [0, 0]), []
    for start in elf.wrapped(".hipFatBinSegment", 0x48495046):
        starts.append(start)
        assert elf.data[start:start + 24] == b"__CLANG_OFFLOAD_BUNDLE__"
        count, = struct.unpack_from("<Q", elf.data, start + 24)
        at = start + 32
        for _ in range(count):
            _, size, length = struct.unpack_from("<QQQ", elf.data, at)
            name = elf.data[at + 24:at + 24 + length].decode()
            at += 24 + length
            if not name.startswith("host"):
                row = sums[name.rpartition("--")[2]]
                row[0] += 1
                row[1] += size
    return {k: tuple(v) for k, v in sums.items()}, starts


def check_cuda(path, answer):
    sums, containers = walk_cuda(path)
    named = {f"{'compute' if kind == PTX else 'sm'}_{arch}{'a' if exact else ''}": row
             for (kind, arch, exact), row in sums.items()}
    assert named == {t["name"]: (t["entries"], t["stored"], t["unpacked"]) for t in answer["targets"]}
    assert containers == answer["containers"]
    if shutil.which("cuobjdump") is None:
        skipped.append(f"cuobjdump is not installed: {path.name} is compared with the walk in Python alone")
        return
    for option, kind, pattern in (("--list-elf", "sass", r"\.(sm_\d+[af]?)\.cubin"), ("--list-ptx", "ptx", r"\.(sm_\d+[af]?)\.ptx")):
        text = subprocess.run(["cuobjdump", option, path], check=True, capture_output=True, text=True).stdout
        theirs = collections.Counter(name.replace("sm_", "compute_") if kind == "ptx" else name
                                     for name in re.findall(pattern, text))
        assert theirs == {t["name"]: t["entries"] for t in answer["targets"] if t["kind"] == kind}, theirs
    done.append(f"{path.name}: as cuobjdump lists it")


# ---- the libraries ----

def cuda_of_debian(path):
    answer = listed(path)
    check_cuda(path, answer)
    if debian_version("cuda") == "0.27.0-1":  # built with CUDA 12.4
        assert targets(answer, "sass") == ["sm_86", "sm_89"]
        assert targets(answer, "ptx") == [f"compute_{n}" for n in (50, 61, 70, 75, 80, 90)]
        assert {t["compression"] for t in answer["targets"] if t["kind"] == "ptx"} == {"lz4"}
        assert answer["containers"] == 145


def cuda_of_npm(path):
    answer = listed(path)
    check_cuda(path, answer)  # built with CUDA 13.1
    assert targets(answer, "sass") == ["sm_86", "sm_89", "sm_120a", "sm_121a"]
    assert targets(answer, "ptx") == ["compute_75", "compute_80", "compute_90"]
    assert {t["compression"] for t in answer["targets"]} == {"zstd"}
    assert answer["containers"] == 143


def hip_of_debian(path):
    answer = listed(path)
    sums, starts = walk_hip(path)
    assert sums == {t["name"]: (t["entries"], t["stored"]) for t in answer["targets"]}
    assert answer["containers"] == len(starts)
    if debian_version("hip") == "0.27.0-1":
        assert targets(answer, "hip") == [f"gfx{n}" for n in "803 900 906 908 90a 1010 1030 1100 1101 1102".split()]
        assert len(starts) == 140
    bundler = next(filter(None, map(shutil.which, ["clang-offload-bundler"] +
                                    [f"clang-offload-bundler-{n}" for n in range(30, 12, -1)])), None)
    if bundler is None:
        skipped.append("clang-offload-bundler is not installed: the HIP bundles are compared with the walk in Python alone")
        return
    elf = Elf(path)
    for start, end in zip(starts[::20], starts[1::20]):
        one = WORK / "one.hipfb"
        one.write_bytes(elf.data[start:end])
        lines = subprocess.run([bundler, "--list", "--type=o", f"--inputs={one}"], check=True, capture_output=True,
                               text=True).stdout.split()
        theirs = {line.rpartition("--")[2] for line in lines if not line.startswith("host")}
        assert theirs == set(targets(json.loads(tool("list", one)), "hip")), theirs
    done.append(f"{path.name}: every 20th bundle as {pathlib.Path(bundler).name} --list has it")


def vulkan_of_debian(path):
    answer = listed(path)
    row, = answer["targets"]
    data = path.read_bytes()
    # ggml's shaders are aligned arrays, and each begins with the number that every SPIR-V module begins with.
    places = [m.start() for m in re.finditer(re.escape(struct.pack("<I", 0x07230203)), data)]
    assert (row["kind"], row["name"], row["entries"]) == ("spirv", "spir-v", len(places)), row
    # Between two of them there is padding up to the alignment, and now and then another constant.
    assert row["stored"] <= places[-1] - places[0] + 65536 and row["stored"] > 0.9 * (places[-1] - places[0])
    done.append(f"{path.name}: {len(places)} shaders")


def is_quick(path, most_seconds, most_bytes):
    seconds = min(map(float, tool("time", path, 3).split()))
    assert seconds < most_seconds, seconds
    size = int(tool("pages", path))
    assert size < most_bytes, size
    done.append(f"{path.name}: {path.stat().st_size >> 20} MiB in {seconds * 1000:.1f} ms, {size >> 20} MiB of it in memory")


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    vulkan = CACHE / "sid-backends" / BACKENDS / "libggml-vulkan.so"
    if not vulkan.exists():
        skipped.append(f"Debian's Vulkan backend is not in {CACHE / 'sid-backends'}; the test bench.variants unpacks it")
    for path, look in ((debian("cuda"), cuda_of_debian), (npm(), cuda_of_npm), (debian("hip"), hip_of_debian),
                       (vulkan if vulkan.exists() else None, vulkan_of_debian)):
        if path is not None:
            look(path)
            is_quick(path, 1.0, 200 << 20)
    print(*done, *(f"skipped: {why}" for why in skipped), sep="\n")
    sys.exit(0 if done else 77)


main()
