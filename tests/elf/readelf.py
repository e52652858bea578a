# SPDX-License-Identifier: MIT
"""What src/elf reads, against what readelf (binutils) says of the same files: libraries and programs of this machine,
programs that are built here in unusual ways, and Debian sid's llama.cpp where it is unpacked.

LLAMA_FLEET_ELF_FILES=N looks at N programs of /usr/bin and N libraries (default 60), 0 = at all.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

DUMP = sys.argv[1]
WORK = pathlib.Path(os.environ["WORK_DIR"])
WORK.mkdir(parents=True, exist_ok=True)
LIMIT = int(os.environ.get("LLAMA_FLEET_ELF_FILES", "60"))
ALWAYS = ("libc.so.6", "libcrypto.so.3", "libstdc++.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libgcc_s.so.1")
LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")
SID = pathlib.Path.home() / ".cache/llama-fleet/sid-backends/root/usr/lib/x86_64-linux-gnu"
bad = 0


def check(condition, *words):
    global bad
    if not condition:
        bad += 1
        if bad <= 30:
            print("FAILED:", *words)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", env=os.environ | {"LC_ALL": "C"}).stdout


def ours(kind, path):
    return run(DUMP, kind, path).splitlines()


def first_difference(mine, theirs):
    for a, b in zip(mine, theirs):
        if a != b:
            return f"ours {a!r}, readelf {b!r}"
    return f"ours has {len(mine)}, readelf {len(theirs)}"


def same(what, path, mine, theirs):
    check(mine == theirs, f"{path}: {what}: {first_difference(mine, theirs)}")


def frames(path):
    # (.eh_frame only: readelf shows .debug_frame too)
    text = run("readelf", "--debug-dump=frames", path)
    theirs, inside = [], False
    for line in text.splitlines():
        if line.startswith("Contents of the"):
            inside = ".eh_frame" in line
        match = re.search(r" FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)$", line) if inside else None
        if match and int(match[1], 16) != int(match[2], 16):
            theirs.append(f"{int(match[1], 16):x} {int(match[2], 16):x}")
    same(".eh_frame", path, ours("frames", path), theirs)
    return len(theirs)


TYPES = {"NOTYPE": 0, "OBJECT": 1, "FUNC": 2, "SECTION": 3, "FILE": 4, "TLS": 5, "IFUNC": 6}
BINDINGS = {"LOCAL": 0, "GLOBAL": 1, "WEAK": 2, "UNIQUE": 10}
SECTIONS = {"UND": 0, "ABS": 0xFFF1, "COM": 0xFFF2}


def symbols(path):
    tables, table = {}, None
    for line in run("readelf", "-W", "--syms", path).splitlines():
        if match := re.match(r"Symbol table '(.*)'", line):
            table = tables.setdefault(match[1], [])
            continue
        match = re.match(r" *\d+: ([0-9a-f]+) +(\w+) (\w+) +(\w+) +\w+ +(?:\[[^]]*\] +)?(\w+) ?(.*)$", line)
        if table is None or not match:
            continue
        value, size, kind, binding, section, name = match.groups()
        name = re.sub(r"@.*$", "", name)
        number = SECTIONS.get(section, int(section) if section.isdigit() else -1)
        table.append((int(value, 16), int(size, 0), TYPES.get(kind, 7), BINDINGS.get(binding, -1), number, name))
    count = 0
    for kind, name in (("symbols", ".symtab"), ("dynamic", ".dynsym")):
        mine = []
        for line in ours(kind, path):
            value, size, typed, binding, section, *rest = line.split(" ", 5)
            # readelf shows a section's symbol by the section's name, and cuts a version off a name only for .dynsym.
            text = re.sub(r"@.*$", "", rest[0] if rest else "")
            mine.append((int(value, 16), int(size), int(typed), int(binding), int(section), text))
        theirs = [s if s[2] != 3 else s[:5] + (m[5],) for s, m in zip(tables.get(name, []), mine)] if len(
            tables.get(name, [])) == len(mine) else tables.get(name, [])
        same(name, path, mine, theirs)
        count += len(theirs)
    return count


def dynamic_parts(path):
    summary = {}
    for line in ours("summary", path):
        key, _, value = line.partition(" ")
        summary.setdefault(key, []).append(value)
    check("note" not in summary, f"{path}: {summary.get('note')}")
    text = run("readelf", "-W", "-d", "-n", "-l", path)
    same("needed", path, summary.get("needed", []), re.findall(r"\(NEEDED\).*\[(.*)\]", text))
    same("soname", path, summary["soname"], re.findall(r"\(SONAME\).*\[(.*)\]", text) or [""])
    same("run path", path, summary["run_path"],
         (re.findall(r"\(RUNPATH\).*\[(.*)\]", text) or re.findall(r"\(RPATH\).*\[(.*)\]", text) or [""])[:1])
    same("interpreter", path, summary["interpreter"], re.findall(r"interpreter: (.*)\]", text) or [""])
    same("build id", path, summary["build_id"], re.findall(r"Build ID: ([0-9a-f]+)", text)[:1] or [""])
    check(("isa_needed" in summary) == ("x86 ISA needed" in text), f"{path}: ISA needed")


def relocations(path):
    theirs, packed = [], 0
    for line in run("readelf", "-W", "-r", path).splitlines():
        if match := re.match(r"([0-9a-f]{16})  ([0-9a-f]{16}) R_", line):
            info = int(match[2], 16)
            theirs.append((int(match[1], 16), info & 0xFFFFFFFF, info >> 32))
        elif re.match(r"[0-9a-f]{16}$|[0-9a-f]{16} ", line) and "R_" not in line:
            packed += 1
    mine = [line.split() for line in ours("relocations", path)]
    mine = [(int(m[0], 16), int(m[1]), int(m[2])) for m in mine]
    check(sorted(mine) == sorted(theirs) if packed == 0 else len(mine) >= len(theirs),
          f"{path}: relocations: ours {len(mine)}, readelf {len(theirs)}")
    return len(mine)


def functions_hold_together(path):
    """Sorted, apart, inside of executable sections, and nothing between them but padding."""
    code = []
    for line in run("readelf", "-W", "-S", path).splitlines():
        match = re.match(r" *\[ *\d+\] \S+ +(\w+) +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) \w+ +(\w*) ", line)
        if match and match[1] != "NOBITS" and "A" in match[5] and "X" in match[5]:
            code.append(tuple(int(match[i], 16) for i in (2, 3, 4)))
    data = pathlib.Path(path).read_bytes()
    last = 0
    ranges = [tuple(int(n, 16) for n in line.split()[:2]) for line in ours("functions", path)]
    for start, end in ranges:
        check(last <= start < end, f"{path}: {start:x}-{end:x} is not behind {last:x}")
        check(any(a <= start and end <= a + size for a, _, size in code), f"{path}: {start:x} is in no code")
        last = end
    for address, offset, size in code:
        gap = bytearray(data[offset:offset + size])
        for start, end in ranges:
            if address <= start < address + size:
                gap[start - address:end - address] = b"\x90" * (end - start)
        left = re.sub(rb"[\x00\x66\x2e]*\x0f\x1f[\x00-\x07\x40-\x47\x80-\x87]|[\x00\x90\xcc\x66\x2e]", b"", bytes(gap))
        check(len(left) * 50 <= len(gap), f"{path}: {len(left)} bytes of code at {address:x} are in no function")
    return len(ranges)


def stubs(path):
    theirs = {}
    for match in re.finditer(r"^([0-9a-f]{16}) <(.*)@plt>:$", run("objdump", "-d", "--no-show-raw-insn", "-j", ".plt",
                             "-j", ".plt.sec", "-j", ".plt.got", path), re.M):
        theirs[int(match[1], 16)] = re.sub(r"@.*$|[-+]0x[0-9a-f]+$", "", match[2])
    mine = {}
    for line in ours("plt", path):
        address, _, name = line.split(" ", 2)
        mine[int(address, 16)] = name
    wrong = [f"{a:x} is {mine.get(a)!r}, objdump {n!r}" for a, n in theirs.items()
             if mine.get(a) != n and not n.startswith("*ABS*")]
    check(not wrong, f"{path}: PLT: {wrong[:3]}")
    return len(theirs)


def built():
    """Programs that are laid out differently."""
    source = WORK / "a.c"
    source.write_text("#include <stdio.h>\n__attribute__((constructor)) static void early(void) { puts(\"early\"); }\n"
                      "int main(int argc, char** argv) { (void)argv; printf(\"%d\\n\", argc); return 0; }\n")
    ways = {"plain": [], "static": ["-static"], "static-pie": ["-static-pie"], "no-pie": ["-no-pie"],
            "ibt": ["-fcf-protection", "-Wl,-z,ibtplt"], "lazy": ["-Wl,-z,lazy"], "now": ["-Wl,-z,now"],
            "no-separate-code": ["-Wl,-z,noseparate-code"], "sysv-hash": ["-Wl,--hash-style=sysv"], "stripped": ["-s"],
            "gold": ["-fuse-ld=gold"], "lld": ["-fuse-ld=lld"], "relr": ["-fuse-ld=lld", "-Wl,--pack-dyn-relocs=relr"],
            "shared": ["-shared", "-fPIC"]}
    for name, flags in ways.items():
        path = WORK / name
        if subprocess.run(["cc", "-O1", source, "-o", path, *flags], capture_output=True).returncode == 0:
            yield str(path)
        else:
            print(f"not tried: {name} (cc does not make it here)")
    if (WORK / "stripped").exists() and shutil.which("cc"):
        without_section_headers(WORK / "plain")
        without_section_headers(WORK / "shared")


def without_section_headers(path):
    """The section headers gone, the same file is to be read: by what the loader uses."""
    data = bytearray(path.read_bytes())
    data[40:48] = bytes(8)   # e_shoff
    data[60:64] = bytes(4)   # e_shnum, e_shstrndx
    cut = path.with_name(path.name + "-headless")
    cut.write_bytes(data)
    for kind in ("frames", "relocations", "dynamic", "calls", "plt"):
        same(f"{kind} without section headers", path, ours(kind, cut), ours(kind, path))
    framed = [line for line in ours("functions", path) if line.split()[2] == "0"]
    cut_framed = [line for line in ours("functions", cut) if line.split()[2] == "0"]
    same("functions without section headers", path, [l.split()[:2] for l in cut_framed], [l.split()[:2] for l in framed])


def of_this_machine():
    chosen = [LIBRARIES / name for name in ALWAYS]
    for folder, pattern in ((pathlib.Path("/usr/bin"), "*"), (LIBRARIES, "*.so*")):
        files = sorted({p.resolve() for p in folder.glob(pattern) if p.is_file()})
        step = max(1, len(files) // LIMIT) if LIMIT else 1
        chosen += files[::step]
    if SID.is_dir():
        chosen += sorted((SID / "ggml/backends0").glob("libggml-cpu-*.so")) + [SID / "libllama.so.0", SID / "libggml-base.so.0"]
    else:
        print("not tried: Debian sid's llama.cpp (not unpacked: tools/sid-packages)")
    for path in dict.fromkeys(p.resolve() for p in chosen):
        try:
            head = open(path, "rb").read(5)
        except OSError:
            continue
        if head == b"\x7fELF\x02":
            yield str(path)


def main():
    if not shutil.which("readelf") or not shutil.which("objdump"):
        print("skipped: binutils (readelf, objdump) are not here")
        return 77
    counts = dict.fromkeys(("files", "frames", "symbols", "relocations", "functions", "stubs"), 0)
    paths = (list(built()) if shutil.which("cc") else []) + list(of_this_machine())
    for path in paths:
        counts["files"] += 1
        counts["frames"] += frames(path)
        counts["symbols"] += symbols(path)
        dynamic_parts(path)
        counts["relocations"] += relocations(path)
        counts["functions"] += functions_hold_together(path)
        counts["stubs"] += stubs(path)
    print(", ".join(f"{value} {key}" for key, value in counts.items()), "compared;", bad, "differ")
    return bad > 0


sys.exit(main())
