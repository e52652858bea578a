# SPDX-License-Identifier: MIT
"""Calling Nix as the tests need it: a private store, the examples' stand-ins for all inputs, nothing downloaded."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ["SOURCE_DIR"]
STAND_INS = os.path.join(SOURCE, "examples/stand-ins")

# A private store is built in with /bin and its libraries at hand, because the stand-ins' builds are shell scripts.
SETTINGS = {"build-users-group": "", "build-hook": "", "sandbox": "false", "sandbox-paths": "/bin /lib /lib64 /usr",
            "eval-cache": "false"}


def programs():
    """[(name, words)] of every Nix there is: the one in PATH, and $LLAMA_FLEET_NIX_CURRENT (words that start one)."""
    found = []
    if shutil.which("nix"):
        found.append(("nix in PATH", ["nix"]))
    if os.environ.get("LLAMA_FLEET_NIX_CURRENT"):
        found.append(("LLAMA_FLEET_NIX_CURRENT", shlex.split(os.environ["LLAMA_FLEET_NIX_CURRENT"])))
    return found


class Nix:
    def __init__(self, words, folder):
        self.words, self.store = words, os.path.join(folder, "store")
        self.settings = dict(SETTINGS)
        self.environment = {key: value for key, value in os.environ.items()
                            if key not in ("NIX_REMOTE", "NIX_PATH", "NIX_CONFIG")}
        self.environment["XDG_CACHE_HOME"] = os.path.join(folder, "cache")

    def version(self):
        done = subprocess.run([*self.words, "--version"], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.split()[-1]

    def run(self, verb, flake, attribute, *more, inputs):
        words = [*self.words, "--extra-experimental-features", "nix-command flakes", *verb.split(), "--store", self.store,
                 "--offline", "--no-write-lock-file"]
        for name, value in self.settings.items():
            words += ["--option", name, value]
        for name in inputs:  # a list of stand-ins, or { input: folder }
            words += ["--override-input", name, f"path:{inputs[name] if isinstance(inputs, dict) else f'{STAND_INS}/{name}'}"]
        words += [*more, f"path:{flake}" + (f"#{attribute}" if attribute else "")]
        return subprocess.run(words, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=300, check=False)

    def evaluate(self, text, *more):
        words = [*self.words, "--extra-experimental-features", "nix-command", "eval", "--store", self.store, "--impure",
                 "--offline", "--json", "--expr", text, *more]
        for name, value in self.settings.items():
            words += ["--option", name, value]
        return subprocess.run(words, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=300, check=False)

    def expression(self, text, *more):
        """The value of an expression outside any flake, as nix-build and `import` see it."""
        done = self.evaluate(text, *more)
        assert done.returncode == 0, f"nix eval --expr: {done.stderr[-3000:]}"
        assert "warning:" not in done.stderr, done.stderr
        return json.loads(done.stdout)

    def refusal(self, text, *more):
        """What is said of an expression that has no value."""
        done = self.evaluate(text, *more)
        assert done.returncode != 0, f"this has the value {done.stdout[:200]}: {text}"
        return done.stderr

    def value(self, flake, attribute, inputs):
        """(value, warnings): warnings are lines of evaluation; what Nix says about the lock file is none."""
        done = self.run("eval", flake, attribute, "--json", inputs=inputs)
        assert done.returncode == 0, f"nix eval {attribute}: {done.stderr[-3000:]}"
        warnings = [line for line in done.stderr.splitlines()
                    if re.match(r"(evaluation )?warning:|trace:", line) and "lock file" not in line]
        return json.loads(done.stdout), warnings

    def error(self, flake, attribute, inputs):
        done = self.run("eval", flake, attribute, "--json", inputs=inputs)
        assert done.returncode != 0, f"nix eval {attribute} should have failed and said {done.stdout[:200]}"
        return done.stderr

    def build(self, flake, attribute, inputs):
        """The folder of the result, as it lies on this machine."""
        done = self.run("build", flake, attribute, "--no-link", "--json", inputs=inputs)
        assert done.returncode == 0, f"nix build {attribute}: {done.stderr[-3000:]}"
        return self.store + json.loads(done.stdout)[0]["outputs"]["out"]


def flags_of(package):
    """cmakeFlags as a table; a name that comes twice is an error."""
    table = {}
    for flag in package["cmakeFlags"]:
        name, kind, value = re.fullmatch(r"-D(\w+)(?::(\w+))?=(.*)", flag).groups()
        assert name not in table, f"{package['name']}: {name} is given twice"
        assert (kind == "BOOL") == (value in ("TRUE", "FALSE")), flag
        table[name] = {"TRUE": True, "FALSE": False}.get(value, value)
    return table


def writable(folder):
    """A store is read-only on purpose."""
    os.chmod(folder, 0o755)
    for place, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(place, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755)


def remove(folder):
    writable(folder)
    shutil.rmtree(folder, ignore_errors=True)


def under_every_nix(what, check):
    """check(nix, folder) under each Nix; they must say the same."""
    found = programs()
    if not found:
        print("skipped: no nix here (Debian: apt-get install nix-bin)")
        sys.exit(77)
    results = []
    for name, words in found:
        # Not below WORK_DIR: a path: flake inside a git repository is taken for that repository's by old Nixes.
        folder = tempfile.mkdtemp(prefix="llama-fleet-nix-")
        try:
            nix = Nix(words, folder)
            print(f"{name}: {nix.version()}")
            results.append(check(nix, folder))
        finally:
            remove(folder)
    assert all(result == results[0] for result in results), "two Nixes disagree"
    if len(results) == 1:
        print("not tried: another Nix (LLAMA_FLEET_NIX_CURRENT names none)")
    print(f"{what}: {len(found)} Nix, all as wanted (stand-in inputs)")
