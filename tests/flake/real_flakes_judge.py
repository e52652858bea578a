# SPDX-License-Identifier: MIT
"""One repository: fit it as its owner would, and find whatever came out other than promised."""
import collections
import dataclasses
import json
import pathlib
import re
import shutil

import golden
import nix_text
import stub_eval

EDITABLE = ("plain-attrset", "plain-dotted", "helper-local", "generated-inline", "flake-parts-inline")
CAPTURES = ("carbon", "boron", "beryllium")  # planned: CUDA, CPU only, Vulkan
OVERLAY_START = "# Written by llama-fleet "
# In the place of the written overlay, so that an evaluation can tell whose plan and input it was given.
MARKER = """{ inputs, plan ? null, ... }: {
  __llamaFleet = { plan = toString plan; input = inputs.llama-cpp.__stub or "none"; };
  __functor = _: final: prev: { };
}
"""
# The modules that fit may add to a host's list, by the labels of stub_eval.nix.
MODULES = ("nixpkgs.{overlays}", "function of nixpkgs.{overlays}", "function of environment.{systemPackages}")


# What may stand around a piece that is taken out: of an overlay, of `_:` that becomes the arguments of a module.
FRAME = {"_", "final", "prev", "self", "super", "inherit", "import", "inputs", "let", "in"}


def with_bound_modules(before, after):
    """`inherit x modules;` of `before` as `inherit x; modules = modules;`, which says the same, if `after` has just that
    and more."""
    for found in re.finditer(r"inherit((?:\s+[\w'-]+)*?)\s+modules((?:\s+[\w'-]+)*)\s*;", before):
        others = f"inherit{found[1]}{found[2]}; " if (found[1] + found[2]).strip() else ""
        told = before[:found.start()] + others + "modules = modules;" + before[found.end():]
        if nix_text.inserted(told, after) is not None:
            return told
    return before


INSTEAD = re.compile(r" instead of (.*llama-.*), which is of nixpkgs and not for the plan")


@dataclasses.dataclass
class Verdict:
    name: str
    pattern: str
    outcome: str = "edited"  # or "by hand", "error", "WRONG"
    faults: list = dataclasses.field(default_factory=list)
    reasons: list = dataclasses.field(default_factory=list)
    shown: str = ""
    hosts: int = 0  # that got a plan in an edited flake
    evaluated: int = 0  # of them, with all their modules

    def wrong(self, reason):
        self.outcome = "WRONG"
        self.faults.append(reason)


class Trial:
    def __init__(self, work, name, folder):
        self.work, self.root = pathlib.Path(work), pathlib.Path(work) / "repository"
        shutil.copytree(folder, self.root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        golden.make_repository(self.root)
        text = (self.root / "flake.nix").read_text(errors="replace")
        self.verdict = Verdict(name, nix_text.pattern(text))
        self.overlay = None
        self.instead = set()  # words of packages of nixpkgs whose place the plan's package took
        self.replaced = 0  # an overlay of the owner's that ours stands for now
        self.stubs = stub_eval.StubEvaluation(self.root, self.work / "stubs")

    def fit(self, *options):
        return golden.run("fit", self.root, "--no-nix", *options, code=None)

    def run(self):
        before, why = self.stubs.evaluate()
        hosts = self.planned(before)
        if hosts is None:
            return self.verdict
        facts = self.make_facts(hosts)
        was = golden.tree(self.root)
        done = self.fit(*facts, "--write", "--json")
        if done.returncode not in (0, 4):
            self.refused(done, was)
            return self.verdict
        answer = json.loads(done.stdout)
        self.show(answer)
        self.same_texts(was, answer)
        self.again(facts, done.returncode)
        if done.returncode == 4:
            self.by_hand(answer, before, why)
        else:
            self.edited(answer, before, why)
            self.undo(was)
        return self.verdict

    def refused(self, done, was):
        error = self.error_of(done) or {"message": done.stderr}
        where = f"{error.get('file', '')}:{error.get('line', 0)}: " if error.get("file") else ""
        self.verdict.outcome = "error"
        self.verdict.reasons.append(f"{where}{error.get('id', '')}: {error['message']}"[:400])
        if golden.tree(self.root) != was:
            self.verdict.wrong("an error, and yet something was changed")

    @staticmethod
    def error_of(done):
        return json.loads(done.stderr.splitlines()[-1])["error"] if '{"error":' in done.stderr else {}

    def planned(self, before):
        """The hosts that fit asks facts of; where it sees none, those that evaluation sees, or folders of hosts."""
        done = self.fit("--json")
        error = self.error_of(done)
        if error.get("id") == "no-facts" and error["message"] != "no facts of any host":
            return error["message"].removeprefix("no facts of ").split(", ")
        if error and error.get("id") != "no-facts":
            self.refused(done, golden.tree(self.root))
            return None
        names = list((before or {}).get("hosts", {}))
        for folder in ("hosts", "machines", "systems/x86_64-linux", "configurations/nixos"):
            if not names and (self.root / folder).is_dir():
                names = sorted(path.name.removesuffix(".nix") for path in (self.root / folder).iterdir()
                               if path.name[0] not in "._")
        return [name for name in names if name not in ("default", "common", "shared")][:4] or ["carbon"]

    def make_facts(self, hosts):
        options = []
        (self.work / "facts").mkdir(exist_ok=True)
        for n, host in enumerate(hosts):
            captured = golden.source / f"examples/homelab-fitted/llama-fleet/facts/{CAPTURES[n % len(CAPTURES)]}.json"
            facts = json.loads(captured.read_text()) | {"host": host}
            place = self.work / "facts" / f"{n}.json"
            place.write_text(json.dumps(facts))
            options += ["--facts", f"{host}={place}"]
        return options

    def show(self, answer):
        parts = [change["diff"] for change in answer["changes"]
                 if not change["path"].startswith("llama-fleet/") and change["kind"] != "new"]
        for it in answer["instructions"]:
            parts.append(f"{it['file']}:{it['line']}: {it['why']}\n{it['text']}\n")
        self.verdict.shown = "".join(parts) + "".join(f"note: {note}\n" for note in answer["notes"])

    # ---- the texts ----

    def same_texts(self, was, answer):
        for note in answer["notes"]:
            if found := INSTEAD.search(note):
                self.instead |= set(re.findall(r"[\w'-]+", found[1]))
        now = golden.tree(self.root)
        changed = {path for path in was.keys() | now.keys() if was.get(path) != now.get(path)}
        changed = {path for path in changed if "folder" not in (was.get(path), now.get(path))}
        said = {change["path"] for change in answer["changes"]}
        if changed != said:
            self.verdict.wrong(f"changed files {sorted(changed ^ said)} are not those that fit speaks of")
        self.overlay = next((path for path, found in now.items() if self.is_overlay(found)), None)
        self.deleted = {pathlib.Path(path).name for path in was if path not in now}
        for path in sorted(changed):
            if path in was and answer["instructions"]:
                self.verdict.wrong(f"exit 4, and yet {path} of the owner's is changed")
            elif path in was and path in now and path.endswith(".nix") and path != self.overlay:
                self.same_text(path, was[path][1].decode(), now[path][1].decode())
            elif path in was and path not in now:
                self.verdict.reasons.append(f"deleted: {path}")
                self.replaced = 1
            elif path in was and path == self.overlay:
                self.verdict.reasons.append(f"written anew: {path}")
                self.replaced = 1
        self.replaced += sum("the official overlay is taken out" in note for note in answer["notes"])
        reads_plans = any("programs.llama-fleet, which reads the plans" in note for note in answer["notes"])
        if self.overlay is None and not answer["instructions"] and not reads_plans:
            self.verdict.wrong("no overlay was written")

    @staticmethod
    def is_overlay(found):
        return isinstance(found, tuple) and found[1].startswith(OVERLAY_START.encode())

    def same_text(self, path, before, after):
        lost = collections.Counter(nix_text.comments(before)) - collections.Counter(nix_text.comments(after))
        if lost:
            self.verdict.wrong(f"{path}: lost comments: {sorted(lost)}")
        if nix_text.inserted(with_bound_modules(before, after), after) is None:
            gone = nix_text.removed(before, after)
            strange = [run for run in gone
                       if "llama" not in run and not any(name in run for name in self.deleted)
                       and set(re.findall(r"[\w'-]+", run)) - FRAME - self.instead]
            if any("llama" in run for run in gone):
                self.replaced = 1
            self.verdict.reasons.append(f"{path}: taken out: {'; '.join(gone)[:300]}")
            if strange:
                self.verdict.wrong(f"{path}: takes out what is not of llama.cpp: {strange}")

    # ---- the hosts ----

    def evaluate_after(self, before, more=None):
        """With the marker in the place of the overlay."""
        overlay = self.root / self.overlay
        text = overlay.read_text()
        overlay.write_text(MARKER)
        try:
            self.stubs.learn_words()
            return self.stubs.evaluate(more=more, at_most=before["depth"])
        finally:
            overlay.write_text(text)

    def edited(self, answer, before, why):
        if before is None or self.overlay is None:
            return self.verdict.reasons.append(f"not evaluated: {why or 'no overlay'}")
        after, why = self.evaluate_after(before)
        if after is None:
            return self.verdict.wrong(f"does not evaluate any more: {why}")
        for part in ("outputs", "darwin"):
            if before[part] != after[part]:
                self.verdict.wrong(f"{part} were {before[part]}, are {after[part]}")
        new = set(after["inputs"]) - set(before["inputs"])
        if new - {"llama-cpp"} or set(before["inputs"]) - set(after["inputs"]):
            self.verdict.wrong(f"inputs were {before['inputs']}, are {after['inputs']}")
        if before["hosts"].keys() != after["hosts"].keys():
            self.verdict.wrong(f"hosts were {list(before['hosts'])}, are {list(after['hosts'])}")
        for host in before["hosts"].keys() & after["hosts"].keys():
            for fault in self.host_faults(host, answer, before, after):
                self.verdict.wrong(f"{host}: {fault}")

    def host_faults(self, host, answer, before, after):
        was, now, depth = before["hosts"][host], after["hosts"][host], after["depth"][host]
        if before["depth"][host] is None:
            self.verdict.hosts += 1
            self.verdict.reasons.append(f"{host}: not evaluated: {before['why'][host]}")
            return
        if depth != before["depth"][host]:
            yield f"evaluates no deeper than {depth} now: {after['why'].get(host)}"
            return
        if host not in answer["hosts"]:
            if was != now:
                yield "is not to be fitted, and yet it changed"
            return
        self.verdict.hosts += 1
        if was["kind"] != "nixos":
            self.verdict.reasons.append(f"{host}: no call of nixosSystem is seen in evaluation")
            return
        yield from self.list_faults(was["list"], now["list"])
        if depth != "modules":
            self.verdict.reasons.append(f"{host}: evaluated no deeper than {depth}: {before['why'][host]}")
        else:
            self.verdict.evaluated += 1
            yield from self.module_faults(host, answer, was, now)

    @staticmethod
    def is_grown(was, now):
        """A module that the list has as a value, and not as a path, is labelled by what it sets."""
        ours = {"nixpkgs.{overlays}", "environment.{systemPackages}"}
        without = [[part for part in label.split(" ") if part not in ours] for label in (was, now)]
        return without[0] == without[1] and "{" in " ".join(without[0])

    def list_faults(self, was, now):
        rest, more = list(was), []
        for label in now:
            if rest and (rest[0] == label or self.is_grown(rest[0], label)):
                rest.pop(0)
            else:
                more.append(label)
        if rest:
            yield f"modules are lost or moved: {rest}"
        if len(more) > 2 or any(label not in MODULES and label != "function of " for label in more):
            yield f"new modules are {more}"

    def module_faults(self, host, answer, was, now):
        count = lambda report: collections.Counter(module["key"].split("#")[0] for module in report["modules"])
        lost = {key for key in count(was) - count(now) if (self.root / key).exists() and key}
        if lost:
            yield f"does not import {sorted(lost)} any more"
        overlays = [overlay for module in now["modules"] for overlay in module["overlays"]]
        ours = [overlay for overlay in overlays if overlay]
        plan = str(self.root / f"llama-fleet/plan/{host}.json")
        if [overlay["plan"] for overlay in ours] != [plan]:
            yield f"has the overlay with {[overlay['plan'] for overlay in ours]}, not with [{plan}]"
        elif not pathlib.Path(plan).exists():
            yield f"{plan} is not there"
        elif ours[0]["input"] == "none":
            yield "the overlay got no input llama-cpp"
        others = sum(len(module["overlays"]) for module in was["modules"])
        if not others - self.replaced <= len(overlays) - len(ours) <= others:
            yield f"other overlays were {others}, are {len(overlays) - len(ours)}"
        if now["foreign"]:
            yield "specialArgs has pkgs, so that nixpkgs.overlays is ignored"
        # A package of another instance of nixpkgs has no name in an evaluation with stubs.
        instead = bool(self.instead)
        yield from self.package_faults(answer["hosts"][host]["package"], instead, was, now)

    @staticmethod
    def package_faults(package, instead, was, now):
        """In a list that holds in any case; one under a condition may only name what it named before."""
        listed = lambda report, kind: [name for module in report["modules"] for name in module[kind]]
        had = instead or any("llama-cpp" in (name or "") for name in listed(was, "allPackages"))
        names = listed(now, "allPackages" if had else "packages")
        if not {package, package + ".override", "llama-cpp", "llama-cpp.override"} & set(names):
            yield f"does not get {package}: {[name for name in names if name]}"
        packages = [listed(report, "allPackages") for report in (was, now)]
        more = len(packages[1]) - len(packages[0])
        if more != 1 and not (more == 0 and had):
            yield f"packages were {len(packages[0])}, are {len(packages[1])}"

    # ---- what is left to the owner's hand ----

    def by_hand(self, answer, before, why):
        self.verdict.outcome = "by hand" if self.verdict.outcome == "edited" else self.verdict.outcome
        for it in answer["instructions"]:
            self.verdict.reasons.append(f"{it['file']}:{it['line']}: {it['why']}")
        more, inserts = {}, []
        for it in answer["instructions"]:
            if it["file"].startswith("llama-fleet/") and it["text"].startswith("{"):
                (self.root / it["file"]).write_text(it["text"] + "\n")
                more[pathlib.Path(it["file"]).stem] = it["file"]
            elif "llama-cpp.url" in it["text"] and it["line"]:
                inserts.append((it["file"], it["line"], it["text"]))
            elif "among the arguments of outputs" in it["why"]:
                inserts.append((it["file"], it["line"], it["text"]))
        for file, line, text in sorted(inserts, key=lambda one: -one[1]):
            lines = (self.root / file).read_text().splitlines()
            if re.fullmatch(r"[\w'-]+", text) and "{" in lines[line - 1]:  # a name in the line of the arguments
                lines[line - 1] = re.sub(r"\{\s*", lambda brace: f"{brace[0]}{text}, ", lines[line - 1], count=1)
            else:
                lines.insert(line, text)
            (self.root / file).write_text("\n".join(lines) + "\n")
        if not more or before is None or self.overlay is None:
            return self.verdict.reasons.append(f"not pasted: {why or 'no module to paste'}")
        self.pasted(answer, before, more)

    def pasted(self, answer, before, more):
        after, why = self.evaluate_after(before, more)
        if after is None:
            return self.verdict.wrong(f"pasted, it does not evaluate: {why}")
        for host, file in more.items():
            now = after["hosts"].get(host)
            if not now or now["kind"] != "nixos" or after["depth"][host] != "modules":
                self.verdict.reasons.append(f"{host}: pasted, but not seen in evaluation")
                continue
            if not now["inputs"]:
                self.verdict.reasons.append(f"{host}: its specialArgs have no inputs")
            ours = [overlay for module in now["modules"] for overlay in module["overlays"] if overlay]
            if len(ours) != 1 or ours[0]["input"] == "none":
                self.verdict.wrong(f"{host}: pasted, it has the overlays {ours}")

    # ---- again, and back ----

    def again(self, facts, code):
        was = golden.tree(self.root)
        done = self.fit(*facts, "--write")
        if done.returncode != code:
            self.verdict.wrong(f"a second fit ends with {done.returncode}: {done.stderr[:300]}")
        elif code == 0 and "nothing to do" not in done.stdout:
            self.verdict.wrong(f"a second fit finds something to do: {done.stdout[-600:]}")
        if golden.tree(self.root) != was:
            self.verdict.wrong("a second fit changes something")

    def undo(self, was):
        if "--undo" not in golden.run("fit", "--help", code=None).stdout:
            return
        before = golden.tree(self.root)
        done = self.fit("--undo", "--write")
        # Only what the owner wrote about our files before the fit can keep --undo from taking them away.
        own = any(b"llama-fleet" in found[1] or b"overlays/llama-cpp" in found[1]
                  for found in was.values() if isinstance(found, tuple) and isinstance(found[1], bytes))
        if done.returncode == 4 and own and golden.tree(self.root) == before:
            return self.verdict.reasons.append(f"--undo needs the owner's hand: {' '.join(done.stdout.split())[:200]}")
        if done.returncode != 0:
            self.verdict.wrong(f"--undo ends with {done.returncode}: {done.stderr[:300]}")
        now = golden.tree(self.root)
        changed = sorted(path for path in was.keys() | now.keys() if was.get(path) != now.get(path))
        if changed:
            self.verdict.wrong(f"--undo does not give back {changed}")
