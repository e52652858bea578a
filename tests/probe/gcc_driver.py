# SPDX-License-Identifier: MIT
"""GCC's own `-march=native` for a CPU that is not here: a copy of the compiler's driver whose cpuid and xgetbv trap, and
a library that answers them from a recorded dump (cpuid_shim.c). No code of GCC is guessed at: it runs."""
import glob
import os
import re
import shlex
import struct
import subprocess


def _segments(image):
    """(address, file offset, size) of what an ELF file loads."""
    offset, size, count = struct.unpack_from("<Q", image, 32)[0], *struct.unpack_from("<HH", image, 54)
    for n in range(count):
        kind, _, at, address, _, length = struct.unpack_from("<IIQQQQ", image, offset + n * size)
        if kind == 1:
            yield address, at, length


def _trapping(driver):
    image = bytearray(open(driver, "rb").read())
    segments = list(_segments(image))
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", driver], capture_output=True, text=True, check=True)
    changed = 0
    for address, name in re.findall(r"^\s*([0-9a-f]+):\s+(cpuid|xgetbv)\b", listing.stdout, re.M):
        address = int(address, 16)
        at = next(o + address - a for a, o, length in segments if a <= address < a + length)
        old, new = {"cpuid": (b"\x0f\xa2", b"\x0f\x0b"), "xgetbv": (b"\x0f\x01\xd0", b"\xf4\x90\x90")}[name]
        assert image[at:at + len(old)] == old
        image[at:at + len(old)] = new
        changed += 1
    assert changed > 2, driver
    return image


class Driver:
    """One compiler. `root` is where tools/sid-packages unpacked it; None: the machine's own."""

    def __init__(self, version, program, work, root=None):
        self.version = version
        self._shim = build_shim(work)
        self._program = os.path.join(work, f"driver-{version}")
        with open(self._program, "wb") as out:
            out.write(_trapping(program))
        os.chmod(self._program, 0o755)
        self._start, self._environment = [self._program], {"LD_PRELOAD": self._shim}
        if root:
            libraries = f"{root}/usr/lib/x86_64-linux-gnu"
            self._environment = {}
            self._start = [f"{libraries}/ld-linux-x86-64.so.2", "--library-path", libraries, "--preload", self._shim,
                           self._program]

    def native(self, dump):
        """(name, its -mX, its -mno-X) for the dump in this file; name None: the driver gives up on the CPU."""
        run = subprocess.run([*self._start, "-march=native", "-E", "-###", "-x", "c", os.devnull], text=True,
                             capture_output=True, env={**os.environ, **self._environment, "CPUID_SHIM_DUMP": dump})
        words = [w for line in run.stderr.splitlines() if line.startswith(" ") for w in shlex.split(line)]
        names = [w[7:] for w in words if w.startswith("-march=") and w != "-march=native"]
        options = [w[2:] for w in words if w.startswith("-m") and "=" not in w]
        return (names[0] if names else None, {o for o in options if not o.startswith("no-")},
                {o[3:] for o in options if o.startswith("no-")})


def build_shim(work):
    shim = os.path.join(work, "cpuid_shim.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cpuid_shim.c")
    subprocess.run(["cc", "-O1", "-Wall", "-shared", "-fPIC", "-o", shim, source], check=True)
    return shim


def own_driver(work):
    """The machine's GCC; None where it is another compiler, or on another architecture."""
    version = subprocess.run(["gcc", "-dumpversion"], capture_output=True, text=True).stdout.strip().split(".")[0]
    for program in glob.glob(f"/usr/bin/x86_64-linux-gnu-gcc-{version}"):
        return Driver(int(version), os.path.realpath(program), work)
    return None


def sid_driver(version, work, folder):
    """GCC of this version out of packages of Debian sid in `folder`; None if they are not there."""
    program = f"{folder}/root/usr/bin/x86_64-linux-gnu-gcc-{version}"
    return Driver(version, program, work, f"{folder}/root") if os.path.exists(program) else None
