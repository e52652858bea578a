# SPDX-License-Identifier: MIT
"""tools/sid-packages and tools/sid-start, with a pretended apt-get and dpkg-deb: exact, instant, without a network.

The pretended apt-get reads what the world is like from files in its folder: `list` (what an install would unpack),
`update-fails` and `solve-fails` (what it complains about). Every call is written to `calls`.
"""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
WORK = pathlib.Path(os.environ["WORK_DIR"])
SCRIPT, START = SOURCE / "tools/sid-packages", SOURCE / "tools/sid-start"
KEYS = [pathlib.Path("/usr/share/keyrings/debian-archive-keyring" + end) for end in (".gpg", ".pgp")]

APT = """#!/bin/sh
here=$(dirname "$0")
echo "apt $*" >>"$here/calls"
case "$*" in
  *indextargets*) echo http://mirror.example/debian; exit ;;
  *update*) if [ -f "$here/update-fails" ]; then cat "$here/update-fails"; exit 100; fi ;;
  *--print-uris*) if [ -f "$here/solve-fails" ]; then cat "$here/solve-fails"; exit 100; fi
    sed "s/^Inst \\([^ ]*\\) (\\([^ ]*\\) .*\\[\\(.*\\)\\]).*/'http:x' \\1_\\2_\\3.deb 9 SHA256:0/; /^'/s/:\\([0-9.-]*_amd\\)/%3a\\1/" "$here/list" ;;
  *" download "*) sed 's/^Inst \\([^ ]*\\) (\\([^ ]*\\) .*\\[\\(.*\\)\\]).*/\\1_\\2_\\3/; s/:/%3a/g' "$here/list" |
      while read -r name; do echo "$name" >"$name.deb"; done ;;
  *--simulate*) if [ -f "$here/solve-fails" ]; then cat "$here/solve-fails"; exit 100; fi; cat "$here/list" ;;
  *--download-only*)
    archives=$(sed -n 's/^Dir::Cache::archives "\\(.*\\)";/\\1/p' "$2" 2>/dev/null || true)
    [ -n "$archives" ] || archives=$(sed -n 's/^Dir::Cache::archives "\\(.*\\)";/\\1/p' "$3")
    [ ! -f "$here/slow" ] || sleep 1
    sed 's/^Inst \\([^ ]*\\) (\\([^ ]*\\) .*\\[\\(.*\\)\\]).*/\\1_\\2_\\3/; s/:/%3a/g' "$here/list" |
      while read -r name; do echo "$name" >"$archives/$name.deb"; done ;;
esac
"""
DPKG = """#!/bin/sh
here=$(dirname "$0")
echo "dpkg-deb $*" >>"$here/calls"
case "$2" in *broken_*) echo 'dpkg-deb: error: no space left on device' >&2; exit 2 ;; esac
mkdir -p "$3/usr/bin"
cat "$2" >"$3/usr/bin/$(basename "$2" | sed 's/_.*//')" && chmod 4755 "$3/usr/bin/"*
"""


class Sid(unittest.TestCase):
    def setUp(self):
        self.home = WORK / self.id().split(".")[-1]
        shutil.rmtree(self.home, ignore_errors=True)
        self.fakes, self.place = self.home / "fakes", self.home / "sid"
        self.fakes.mkdir(parents=True)
        self.program("apt-get", APT)
        self.program("dpkg-deb", DPKG)
        self.offer("hello 2.10", "libc6 2.43-7")

    def program(self, name, text):
        (self.fakes / name).write_text(text)
        (self.fakes / name).chmod(0o755)

    def offer(self, *packages):
        lines = [f"Inst {p.split()[0]} ({p.split()[1]} Debian:unstable [amd64])\n" for p in packages]
        (self.fakes / "list").write_text("".join(lines))

    def call(self, *arguments, place=None):
        environment = os.environ | {"PATH": f"{self.fakes}:/usr/bin:/bin:/usr/sbin:/sbin"}
        (self.fakes / "calls").write_text("")
        done = subprocess.run([SCRIPT, *arguments[:-1], place or self.place, arguments[-1]], env=environment,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout, "")
        return done

    def calls(self):
        return (self.fakes / "calls").read_text()

    def age(self, seconds):
        stamp = self.place / "stamp"
        stamp.write_text("".join(f"made {int(time.time()) - seconds} 2026-01-01\n" if line.startswith("made ") else line
                                 for line in stamp.read_text().splitlines(True)))

    def assert_not_done(self, done, reason):
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1], f"^sid-packages: not done: .*{reason}")

    def test_unpacks_and_says_what(self):
        done = self.call("hello")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        stamp = (self.place / "stamp").read_text()
        self.assertRegex(stamp, r"\Asid-packages 1\nmade \d+ \d{4}-\d\d-\d\d\nmirror http://mirror.example/debian\n"
                                r"wanted hello\npackage hello 2.10\npackage libc6 2.43-7\n\Z")
        self.assertEqual(sorted(p.name for p in self.place.iterdir()), ["lock", "root", "stamp"])

    def test_nothing_in_it_runs_as_somebody_else(self):
        self.call("hello")
        mode = (self.place / "root/usr/bin/hello").stat().st_mode
        self.assertEqual(mode & (stat.S_ISUID | stat.S_ISGID), 0)
        self.assertTrue(mode & stat.S_IXUSR)

    def test_vulkan_drivers_are_found_here(self):
        self.program("dpkg-deb", DPKG + """
mkdir -p "$3/usr/share/vulkan/icd.d"
echo '{"ICD": {"library_path": "libvulkan_lvp.so", "api_version": "1.4"}}' >"$3/usr/share/vulkan/icd.d/lvp_icd.json"
""")
        self.assertEqual(self.call("hello").returncode, 0)
        folder = self.place / "root/usr/share/vulkan/icd.d"
        library = json.loads((folder / "lvp_icd.json").read_text())["ICD"]["library_path"]
        self.assertIn("/", library)  # without one, a driver is looked for in the machine's folders
        self.assertEqual((folder / library).resolve(), (self.place / "root/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so").resolve())

    def test_second_call_asks_nobody(self):
        self.call("hello")
        self.assertEqual(self.call("hello").returncode, 0)
        self.assertEqual(self.calls(), "")

    def test_after_a_week_it_looks_again(self):
        self.call("hello")
        self.age(8 * 86400)
        self.assertEqual(self.call("hello").returncode, 0)
        self.assertIn("update", self.calls())
        self.assertNotIn("dpkg-deb", self.calls())  # nothing new
        self.assertEqual(self.call("hello").returncode, 0)
        self.assertEqual(self.calls(), "")
        self.age(8 * 86400)
        self.offer("hello 3.0", "libc6 1:2.44-1")
        self.assertEqual(self.call("hello").returncode, 0)
        self.assertIn("libc6_1%3a2.44-1_amd64.deb", self.calls())
        self.assertIn("package hello 3.0", (self.place / "stamp").read_text())

    def test_a_clock_that_went_back_counts_as_old(self):
        self.call("hello")
        self.age(-86400)
        self.call("hello")
        self.assertIn("update", self.calls())

    def test_without_a_network(self):
        (self.fakes / "update-fails").write_text("W: Failed to fetch http://x  Could not resolve 'x'\nE: Some index files\n")
        self.assert_not_done(self.call("hello"), "Could not resolve 'x'")
        (self.fakes / "update-fails").unlink()
        self.call("hello")
        self.age(8 * 86400)
        (self.fakes / "update-fails").write_text("W: Failed to fetch http://x\n")
        done = self.call("hello")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "^sid-packages: note: .*Failed to fetch.*; using what was unpacked on 2026-01-01\n$")
        self.assert_not_done(self.call("--refresh", "hello"), "Failed to fetch")
        self.assertTrue((self.place / "root/usr/bin/hello").exists())

    def test_the_machines_mirror_first_then_debians(self):
        (self.fakes / "update-fails").write_text("E: no\n")
        self.call("hello")
        self.assertEqual(self.calls().count("update"), 2)
        self.assertIn("http://deb.debian.org/debian sid main", (self.place / "apt/etc/sources.list").read_text())

    def test_sid_is_broken_today(self):
        (self.fakes / "solve-fails").write_text("The following packages have unmet dependencies:\n"
                                                " hello : Depends: libc6 (>= 9) but 2.43 is to be installed\n"
                                                "E: Unable to correct problems, you have held broken packages.\n")
        self.assert_not_done(self.call("hello"), r"hello : Depends: libc6 \(>= 9\)")

    def test_a_package_that_cannot_be_unpacked_leaves_the_old_tree(self):
        self.call("hello")
        self.age(8 * 86400)
        self.offer("broken 1", "hello 3.0")
        done = self.call("hello")
        self.assertEqual(done.returncode, 0)
        self.assertIn("no space left on device; using what was unpacked", done.stderr)
        self.assertIn("package hello 2.10", (self.place / "stamp").read_text())
        self.assertTrue((self.place / "root/usr/bin/libc6").exists())

    def test_more_packages_keep_the_ones_before(self):
        self.call("hello")
        self.offer("hello 2.10", "libc6 2.43-7", "other 1")
        self.assertEqual(self.call("other").returncode, 0)
        self.assertIn("install hello other", self.calls())
        self.assertEqual(self.call("hello").returncode, 0)
        self.assertEqual(self.calls(), "")

    def test_alone_asks_for_nothing_else(self):
        self.offer("hello 1:2.10-1")  # what `download` gives: no dependencies
        done = self.call("--alone", "--contrib", "hello")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(" download hello\n", self.calls())
        self.assertNotIn("install", self.calls())
        self.assertIn("hello_1%3a2.10-1_amd64.deb", self.calls())
        stamp = (self.place / "stamp").read_text()
        self.assertIn("\nmode alone contrib\nwanted hello\npackage hello 1:2.10-1\n", stamp)
        self.assertEqual(self.call("--alone", "--contrib", "hello").returncode, 0)
        self.assertEqual(self.calls(), "")
        self.offer("other 1")
        self.call("--contrib", "--alone", "other")
        self.assertIn(" download hello other\n", self.calls())

    def test_alone_does_not_count_as_whole(self):
        self.call("--alone", "hello")
        self.offer("hello 2.10", "libc6 2.43-7")
        self.assertEqual(self.call("other").returncode, 0)
        self.assertIn("install other\n", self.calls())  # what was wanted alone is not wanted now
        self.assertNotIn("\nmode", (self.place / "stamp").read_text())

    def test_contrib_is_asked_for_by_name_only(self):
        for words, components in (((), "sid main\n"), (("--contrib",), "sid main contrib\n")):
            (self.fakes / "update-fails").write_text("E: no\n")
            self.call(*words, "hello")
            self.assertIn(components, (self.place / "apt/etc/sources.list").read_text())

    def test_two_at_once_unpack_once(self):
        (self.fakes / "slow").write_text("")
        (self.fakes / "calls").write_text("")
        environment = os.environ | {"PATH": f"{self.fakes}:/usr/bin:/bin"}
        both = [subprocess.Popen([SCRIPT, self.place, "hello"], env=environment) for _ in range(2)]
        self.assertEqual([p.wait(timeout=60) for p in both], [0, 0])
        self.assertEqual(self.calls().count("--download-only"), 1)

    def test_odd_folders(self):
        place = self.home / "a folder; with 'odd' $(names)"
        self.assertEqual(self.call("hello", place=place).returncode, 0)
        self.assertTrue((place / "root/usr/bin/hello").exists())
        self.assertEqual(self.call("hello", place=self.home / 'a"b').returncode, 2)
        self.assert_not_done(self.call("hello", place="/proc/none"), "cannot make the folder")

    def test_wrong_use(self):
        for arguments in ([], ["x"], ["x", "-o"], ["x", "Upper"], ["x", "a b"], ["x", "a;b"], ["--refresh", "x"],
                          ["--alone", "x"], ["--contrib"]):
            done = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, arguments)

    def test_other_machines(self):
        self.program("uname", "#!/bin/sh\necho aarch64\n")
        self.assert_not_done(self.call("hello"), "this machine is aarch64")
        (self.fakes / "uname").unlink()
        (self.fakes / "apt-get").unlink()
        tools = self.home / "tools"
        tools.mkdir()
        for name in ("sh", "sed", "sort", "uname", "date", "dirname", "mkdir", "grep", "id", "cat", "tr", "cut"):
            (tools / name).symlink_to(shutil.which(name))
        done = subprocess.run([SCRIPT, self.place, "hello"], env={"PATH": str(tools)}, capture_output=True, text=True)
        self.assert_not_done(done, "apt-get is not there")

    def test_start(self):
        self.call("hello")
        libraries = self.place / "root/usr/lib/x86_64-linux-gnu"
        (libraries / "own").mkdir(parents=True)
        (libraries / "own/libx.so").write_text("")
        loader = libraries / "ld-linux-x86-64.so.2"
        loader.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        loader.chmod(0o755)
        done = subprocess.run([START, self.place, "hello", "a b", "*"], capture_output=True, text=True)
        self.assertEqual(done.stdout.splitlines(),
                         ["--argv0", "hello", "--library-path", f"{libraries}:{libraries}/own",
                          f"{self.place}/root/usr/bin/hello", "a b", "*"])
        self.assertEqual(subprocess.run([START, self.place, "none"], capture_output=True).returncode, 127)
        self.assertEqual(subprocess.run([START, self.place], capture_output=True).returncode, 2)


if __name__ == "__main__":
    if not any(key.is_file() for key in KEYS):
        print("skipped: Debian's keys are not on this machine (debian-archive-keyring)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
