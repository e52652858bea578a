# SPDX-License-Identifier: MIT
"""What fit says of hosts that a framework makes, done as it is said: then the host has the overlay and the package.

The repositories are those of cases/, the frameworks are stand-ins in frameworks/ with the real ones' interface. Each
text is pasted where its instruction says, and Nix evaluates the hosts before and after. Every Nix there is takes part.
Names of cases choose some: frameworks.py snowfall den
"""
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "nix"))

import fleet_nix
import golden

# case → the hosts that it has, and the stand-ins of inputs whose names are not the framework's.
CASES = {
    "snowfall": (["carbon"], {}),
    "snowfall-library": (["boron", "carbon"], {"snowfall": "snowfall-lib"}),
    "flake-utils-plus": (["argon", "boron", "carbon"], {"utils": "flake-utils-plus"}),
    "flakelight": (["boron", "carbon"], {}),
    "flakelight-every-folder": (["carbon"], {}),
    "lite-config": (["carbon"], {}),
    "blueprint": (["boron", "carbon"], {}),
    "clan": (["boron", "carbon"], {}),
    "clan-flake-parts": (["carbon"], {}),
    "easy-hosts": (["boron", "carbon"], {}),
    "ez-configs": (["carbon"], {}),
    "nixos-unified": (["carbon"], {}),
    "denix": (["boron", "carbon"], {}),
    "digga": (["boron", "carbon"], {}),
    "import-tree": (["carbon"], {}),
    "import-tree-own-list": (["carbon"], {}),
    "den": (["carbon"], {}),
}
# The CPU's packages, so that no licence is asked for.
OVERRIDES = {"schema": "llama-fleet/overrides", "version": 1, "hosts": {"*": {"variant": "cpu"}}}
ASKED = """hosts: builtins.mapAttrs (name: host: {
  avx2 = builtins.filter (f: builtins.match ".*GGML_AVX2.*" f != null) (host.pkgs.llama-cpp.cmakeFlags or [ ]);
  packages = builtins.filter (p: builtins.match "llama-cpp.*" p != null)
    (map (p: p.pname or "") host.config.environment.systemPackages);
}) hosts"""


def paste(flake, it):
    """One instruction, as a person would follow it."""
    path = flake / it["file"]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(it["text"] + "\n")
        return
    lines = path.read_text().splitlines()
    line, text, why = lines[it["line"] - 1], it["text"], it["why"]
    if "among the arguments" in why:
        lines[it["line"] - 1] = line.replace("{ ", "{ " + text + ", ", 1)
    elif "into the list" in why and "]" in line:
        at = line.rindex("]")
        lines[it["line"] - 1] = line[:at] + " " + text + " " + line[at:]
    elif "into the set" in why or why.startswith("into "):
        at = line.rindex("{") + 1
        lines[it["line"] - 1] = line[:at] + " " + text + line[at:]
    else:
        lines.insert(it["line"], text)
    path.write_text("\n".join(lines) + "\n")


def inputs_of(names):
    folder = HERE / "frameworks"
    found = {"nixpkgs": f"{fleet_nix.STAND_INS}/nixpkgs"}
    for name in ("clan-core", "denix"):
        found[f"{name}/nixpkgs"] = found["nixpkgs"]
    for stand_in in folder.iterdir():
        found[stand_in.name] = str(stand_in)
    return found | {name: str(folder / stand_in) for name, stand_in in names.items()}


def hosts_of(nix, flake, inputs):
    done = nix.run("eval", flake, "nixosConfigurations", "--json", "--apply", ASKED, inputs=inputs)
    golden.check(done.returncode == 0, f"{flake.name}: nix eval: {done.stderr[-3000:]}")
    return json.loads(done.stdout) if done.returncode == 0 else {}


def fit(flake, hosts, *more, code=None):
    captures = golden.source / "examples/captures"
    roots = [word for host in hosts for word in ("--root", f"{host}={captures / ('carbon' if host == 'carbon' else 'boron')}")]
    return golden.run("fit", flake, *roots, "--no-nix", *more, code=code)


def try_case(name, work, programs):
    hosts, names = CASES[name]
    flake = work / name
    golden.flake_copy(f"tests/flake/cases/{name}/before", flake)
    (flake / "llama-fleet").mkdir(exist_ok=True)
    (flake / "llama-fleet/overrides.json").write_text(json.dumps(OVERRIDES))
    text = (flake / "flake.nix").read_text()
    inputs = {key: value for key, value in inputs_of(names).items() if key.split("/")[0] in text}
    for nix in programs:
        before = hosts_of(nix, flake, inputs)
        golden.check(sorted(before) == hosts, f"{name}: hosts are {sorted(before)}")
        golden.check(all(not host["avx2"] and not host["packages"] for host in before.values()), f"{name}: before: {before}")

    said = json.loads(fit(flake, hosts, "--write", "--json", code=4).stdout)
    # From the end to the start, because line numbers are those of the file as it was.
    for it in sorted(said["instructions"], key=lambda it: -it["line"]):
        paste(flake, it)
    again = fit(flake, hosts, code=0)
    golden.check("nothing to do" in again.stdout, f"{name}: the second fit: {again.stdout}")
    for nix in programs:
        after = hosts_of(nix, flake, inputs | {"llama-cpp": f"{fleet_nix.STAND_INS}/llama-cpp"})
        golden.check(sorted(after) == hosts, f"{name}: hosts became {sorted(after)}")
        for host, got in after.items():
            golden.check(got["avx2"] == ["-DGGML_AVX2:BOOL=TRUE"] and got["packages"] == ["llama-cpp-cpu"],
                         f"{name}: {host} has {got}")

    wrong = fit(flake, hosts, "--host", hosts[0] + "x", code=None)
    if name not in ("import-tree", "import-tree-own-list"):
        golden.check(wrong.returncode == 2 and f"did you mean '{hosts[0]}'" in wrong.stderr,
                     f"{name}: a host that is not there: {wrong.returncode} {wrong.stderr}")


programs = [fleet_nix.Nix(words, str(golden.work_dir())) for _, words in fleet_nix.programs()]
if not programs:
    golden.skip("no Nix here")
work = golden.work_dir() / "flakes"
work.mkdir()
for name in sys.argv[1:] or CASES:
    try_case(name, work, programs)
golden.finish()
