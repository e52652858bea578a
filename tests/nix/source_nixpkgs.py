# SPDX-License-Identifier: MIT
"""An owner takes llama.cpp from nixpkgs: overrides.json, then fit, then check. And check sees an overlay that lets nixpkgs'
package choose at run time again, where ggml would ignore every flag of the plan."""
import json
import shutil

import golden

STAND_INS = golden.source / "examples/stand-ins"
if not shutil.which("nix"):
    golden.skip("no nix here (Debian: apt-get install nix-bin)")

# Outside any repository but its own: old Nixes take a flake inside another repository for that one's.
work = golden.work_dir()
flake = golden.flake_copy("examples/homelab-fitted", work / "homelab")
wishes = {"schema": "llama-fleet/overrides", "version": 1, "hosts": {"boron": {"source": "nixpkgs"}}}
(flake / "llama-fleet/overrides.json").write_text(json.dumps(wishes))

golden.run("fit", flake, "--no-nix", "--write", "--git-add")
changed = golden.git(flake, "diff", "--name-only", "HEAD").split()
golden.check(changed == ["llama-fleet/edits.json", "llama-fleet/plan/boron.json"], f"fit changed {changed}")
plan = json.loads((flake / "llama-fleet/plan/boron.json").read_text())
golden.check(plan["build"]["source"] == "nixpkgs", "the plan has the owner's source")
why = golden.run("plan", flake, "--host", "boron", "--why", "source").stdout
golden.check("rule     owner-override" in why and "not      flake: what the rule source-flake says" in why, why)


def check(code):
    return golden.run("check", flake, "--stand-ins", STAND_INS, "--host", "boron", code=code).stdout


golden.check("boron: flags reach the derivation: shown" in check(0), "the flags reach nixpkgs' package")

overlays = flake / "flake.nix"
text = overlays.read_text()
later = """(overlay-llama-cpp "boron")
          (final: prev: {
            llama-cpp-cpu = prev.llama-cpp-cpu.overrideAttrs (old: {
              cmakeFlags = old.cmakeFlags ++ ["-DGGML_CPU_ALL_VARIANTS=ON" "-DGGML_BACKEND_DL=ON"];
            });
          })"""
assert text.count('(overlay-llama-cpp "boron")') == 1
overlays.write_text(text.replace('(overlay-llama-cpp "boron")', later))
said = check(1)
golden.check("GGML_CPU_ALL_VARIANTS" in said and "not shown" in said, said)
golden.finish()
