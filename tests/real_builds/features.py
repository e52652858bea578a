# SPDX-License-Identifier: MIT
"""What a package must contain, worked out without the program under test: ggml's variants and features, which
instruction shows that a feature was used, what this CPU has, and the number that every variant has to compute."""
import re
import subprocess

# In the order of ggml's CMake. feature: (its flags in /proc/cpuinfo, GCC's macro, the flags of ggml's option, an
# instruction of its kernel)
FEATURES = {
    "SSE42": ("sse4_2", "__SSE4_2__", "-msse4.2", r"crc32"),
    "F16C": ("f16c", "__F16C__", "-mf16c", r"vcvtph2ps"),
    "FMA": ("fma", "__FMA__", "-mfma", r"vfmadd"),
    "BMI2": ("bmi2", "__BMI2__", "-mbmi2", r"pext"),
    "AVX": ("avx", "__AVX__", "-mavx", r".*%ymm"),
    "AVX2": ("avx2", "__AVX2__", "-mavx2", r"vpmaddubsw .*%ymm"),
    "AVX_VNNI": ("avx_vnni", "__AVXVNNI__", "-mavxvnni", r"\{vex\} vpdpbusd .*%ymm"),
    "AVX512": ("avx512f avx512cd avx512vl avx512dq avx512bw", "__AVX512BW__",
               "-mavx512f;-mavx512cd;-mavx512vl;-mavx512dq;-mavx512bw", r".*%zmm"),
    "AVX512_VBMI": ("avx512vbmi", "__AVX512VBMI__", "-mavx512vbmi", r"vpermb"),
    "AVX512_VNNI": ("avx512_vnni", "__AVX512VNNI__", "-mavx512vnni", r"vpdpbusd .*%zmm"),
    "AVX512_BF16": ("avx512_bf16", "__AVX512BF16__", "-mavx512bf16", r"vdpbf16ps"),
    "AMX_TILE": ("amx_tile", "__AMX_TILE__", "-mamx-tile", r"tileloadd"),
    "AMX_INT8": ("amx_int8", "__AMX_INT8__", "-mamx-int8", r"tdpbusd"),
}
HASWELL = {"SSE42", "AVX", "F16C", "FMA", "AVX2", "BMI2"}
SKYLAKEX = HASWELL | {"AVX512"}
ZEN4 = SKYLAKEX | {"AVX512_VBMI", "AVX512_VNNI", "AVX512_BF16"}
# In the order of ggml's scores: of those that a CPU can run, the last one is taken.
VARIANTS = {
    "x64": set(),
    "sse42": {"SSE42"},
    "sandybridge": {"SSE42", "AVX"},
    "ivybridge": {"SSE42", "AVX", "F16C"},
    "piledriver": {"SSE42", "AVX", "F16C", "FMA"},
    "haswell": HASWELL,
    "alderlake": HASWELL | {"AVX_VNNI"},
    "skylakex": SKYLAKEX,
    "cannonlake": SKYLAKEX | {"AVX512_VBMI"},
    "cascadelake": SKYLAKEX | {"AVX512_VNNI"},
    "icelake": SKYLAKEX | {"AVX512_VBMI", "AVX512_VNNI"},
    "cooperlake": SKYLAKEX | {"AVX512_VNNI", "AVX512_BF16"},
    "zen4": ZEN4,
    "sapphirerapids": ZEN4 | {"AMX_TILE", "AMX_INT8"},
}
# What qemu can pretend to be. It has nothing beyond AVX2, so of AVX-512's CPUs only the older half is there.
EMULATED = {"qemu64": "x64", "Nehalem": "sse42", "SandyBridge": "sandybridge", "IvyBridge": "ivybridge",
            "Opteron_G5": "piledriver", "Haswell": "haswell", "Icelake-Server": "haswell"}
WIDE = re.compile(r"(\{\w+\} )?(v[a-z0-9]+ |tile|tdp|.*%[yz]mm)")


def compiler_flags(features):
    """As ggml lists them in the log's line of a variant."""
    return ";".join(FEATURES[name][2] for name in FEATURES if name in features)


def of_this_cpu():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        flags = re.search(r"^flags\s*:(.*)$", file.read(), re.M)[1].split()
    return {name for name, (wanted, *_) in FEATURES.items() if set(wanted.split()) <= set(flags)}


def of_native():
    """What this compiler takes -march=native for, here."""
    macros = subprocess.run(["/usr/bin/gcc", "-march=native", "-dM", "-E", "-x", "c", "/dev/null"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    return {name for name, (_, macro, *_) in FEATURES.items() if f" {macro} " in macros}


def best_variant(cpu):
    return [name for name, needs in VARIANTS.items() if needs <= cpu][-1]


def runs_on(features, cpu):
    """Tiles are asked for before they are used; everything else ends a program on a CPU that lacks it."""
    return {name for name in features if not name.startswith("AMX_")} <= cpu


def instructions(path):
    """The instructions of an ELF file, one text each, without addresses and names, which differ from build to build."""
    lines = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], check=True, stdout=subprocess.PIPE,
                           text=True).stdout.splitlines()
    found = [line.split("\t", 1)[1].split("<")[0] for line in lines if re.match(r" *[0-9a-f]+:\t", line)]
    assert found, f"{path}: objdump shows no instruction"
    return [re.sub(r"\s+", " ", text) + " " for text in found]


def shown_by(code):
    return {name for name, (*_, witness) in FEATURES.items() if any(re.match(witness, text) for text in code)}


def is_wide(code):
    """Anything that a plain x86-64 CPU cannot run and that a compiler writes by itself."""
    return any(WIDE.match(text) for text in code)


def checksum():
    """The number that llama-cli of the stand-in prints, computed here from what its kernels are said to do."""
    count = 1024
    a = [(i * 37 + 11) & 127 for i in range(count)]
    b = [(i * 53 + 7) % 255 - 127 for i in range(count)]
    dot = sum(x * y for x, y in zip(a, b))
    nibbles = 0
    for i in range(0, count, 64):
        packed = a[i // 2:i // 2 + 32]
        nibbles += sum((x & 15) * y for x, y in zip(packed, b[i:]))
        nibbles += sum((x >> 4) * y for x, y in zip(packed, b[i + 32:]))
    looked_up = bytes((x & 63) * 5 + 3 & 255 for x in a)
    mask, value, bits, place = 0x00ff0f0f33335555, 0x0123456789abcdef, 0, 0
    for bit in range(64):
        if mask >> bit & 1:
            bits |= (value >> bit & 1) << place
            place += 1
    total = 2166136261
    blocks = [sum(x * y for x, y in zip(a[i:i + 32], b[i:i + 32])) for i in range(0, count, 32)]
    for number in [dot, *blocks, nibbles, dot * 2 + 1, dot, sum(b), crc32c(looked_up), bits & 0xffffff]:
        total = (total ^ number & 0xffffffff) * 16777619 & 0xffffffff
    return f"{total:08x}"


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff
