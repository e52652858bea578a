# SPDX-License-Identifier: MIT
"""Evaluates a repository's flake with stub inputs (stub_eval.nix), as deep as its files allow."""
import json
import os
import pathlib
import re
import resource
import subprocess

import golden

PROGRAM = pathlib.Path(__file__).with_name("stub_eval.nix")
LIB = os.environ.get("NIXPKGS_LIB") or str(golden.source / "examples/stand-ins/nixpkgs/lib")
DEPTHS = ("modules", "imports", "list")
WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_'-]*")
BELOW_A_STUB = re.compile(r"""(?:\$\{[\w.'-]+\}|[\w.'-]+ *\+ *")/([\w./+-]*\w)""")
MEMORY = 4 << 30


def words_of(*folders):
    """Every word of the Nix files of these folders, and of flake.lock's names."""
    found = set()
    for folder in folders:
        for path in pathlib.Path(folder).rglob("*.nix"):
            if path.is_file():
                found.update(WORD.findall(path.read_bytes()))
    return sorted(word.decode() for word in found if not word.startswith(b"__"))


class StubEvaluation:
    """One repository. `stubs` is a folder of our own for what the stubs need on disk."""

    def __init__(self, root, stubs):
        self.root, self.stubs = pathlib.Path(root).resolve(), pathlib.Path(stubs).resolve()
        (self.stubs / "nixos/lib").mkdir(parents=True)
        arguments = f'{{ root = "/"; stubs = {self.stubs}; nixpkgsLib = {LIB}; }}'
        (self.stubs / "default.nix").write_text(f"_: (import {PROGRAM} {arguments}).pkgs\n")
        (self.stubs / "nixos/lib/eval-config.nix").write_text(f"(import {PROGRAM} {arguments}).nixosSystem\n")
        self.learn_words()

    def learn_words(self):
        """Also makes the files that the owner's text names below a stub: "${inputs.x}/modules/y.nix"."""
        for path in self.root.rglob("*.nix"):
            for name in BELOW_A_STUB.findall(path.read_text(errors="replace") if path.is_file() else ""):
                place = pathlib.Path(os.path.normpath(self.stubs / name))
                if place.suffix != ".nix" and "." not in place.name:
                    place = place / "default.nix"
                free = not place.exists() and not any(folder.is_file() for folder in place.parents)
                if free and self.stubs in place.parents:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text("{ __functor = _: _: { }; }\n" if place.suffix == ".nix" else "{}\n")
        packages = ["", "-cpu", "-cuda", "-vulkan", "-rocm", "-multi"]
        # What fit may say of pkgs, inputs and config. Learned once: a stub that is taken for a set of overlays has as
        # many before as after.
        said = {"networking", "hostName", *(f"llama-cpp{name}" for name in packages)}
        if not (self.stubs / "words.json").exists():
            (self.stubs / "words.json").write_text(json.dumps(sorted({*words_of(self.root), *said})))

    def ask(self, depth, only=None, more=None):
        """(report, None) or (None, what Nix said)."""
        nix = lambda value: json.dumps(value).replace("${", "\\${")
        given = {"root": nix(str(self.root)), "stubs": f"/. + {nix(str(self.stubs))}", "nixpkgsLib": f"/. + {nix(LIB)}",
                 "depth": nix(depth)}
        given |= {name: f"builtins.fromJSON {nix(json.dumps(value))}" for name, value in (("only", only), ("more", more))
                  if value is not None}
        text = f"(import {PROGRAM} {{ " + "".join(f"{name} = {value}; " for name, value in given.items()) + "}).report"
        words = ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode", "--store", self.stubs / "store"]
        words += ["--option", "restrict-eval", "true", "--option", "build-users-group", ""]
        for place in (f"nixpkgs={self.stubs}", self.root, LIB, PROGRAM.parent, self.stubs):
            words += ["-I", place]
        env = golden.clean_environment(NIX_STATE_DIR=str(self.stubs / "state"), NIX_PATH="", NIX_REMOTE="")
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        try:
            done = subprocess.run([*words, "-E", text], capture_output=True, text=True, errors="replace", env=env,
                                  timeout=120, preexec_fn=limit, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None, "no answer within 120 s"
        if done.returncode != 0:
            return None, said(done.stderr)
        return json.loads(done.stdout), None

    def evaluate(self, depth="modules", more=None, at_most=None):
        """The whole report; where that fails, host by host, each as deep as it goes: {"depth": {host: depth}}.

        `at_most`: depth by host of an earlier report of the same repository, so that the two can be compared.
        """
        whole = not at_most or set(at_most.values()) <= {depth}
        report, why = self.ask(depth, more=more) if whole else (None, "")
        if report:
            report["depth"] = {host: depth for host in report["hosts"]}
            report["why"] = {}
            return report, None
        report, why_not = self.ask("list", only=[])
        if not report:
            return None, why_not
        report["depth"], report["why"] = {}, {}
        for host in report["hosts"]:
            first = (at_most or {}).get(host, depth)
            for one in DEPTHS[DEPTHS.index(first):] if first else ():
                found, why = self.ask(one, [host], more)
                if found:
                    report["hosts"][host], report["depth"][host] = found["hosts"][host], one
                    break
                report["why"].setdefault(host, why)
            else:
                report["depth"][host] = None
        return report, None


def said(stderr):
    """Nix's message without its trace."""
    lines = [line for line in stderr.splitlines() if line.strip() and not line.startswith("warning")]
    errors = [n for n, line in enumerate(lines) if line.lstrip().startswith("error")]
    return " ".join(line.strip() for line in lines[errors[-1]:][:8])[:300] if errors else stderr[-300:]
