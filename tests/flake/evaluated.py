# SPDX-License-Identifier: MIT
"""What fit makes of cases, evaluated: each host then has the overlay, and the package once.

The repositories are those of cases/. Where fit says what is to be done by hand, its text is pasted where it says so.
For hosts that a framework makes, the frameworks are stand-ins in frameworks/ with the real ones' interface. Every Nix
there is takes part. Names of cases choose some: evaluated.py snowfall den
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
FRAMEWORKS = {
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
    "nixos-flake": (["boron", "carbon"], {"nixos-flake": "nixos-unified"}),
    "denix": (["boron", "carbon"], {}),
    "digga": (["boron", "carbon"], {}),
    "import-tree": (["carbon"], {}),
    "import-tree-own-list": (["carbon"], {}),
    "den": (["carbon"], {}),
    "haumea": (["boron", "carbon"], {}),
    "hive": (["home-boron", "home-carbon"], {}),
}
# Of these, the text does not tell the names of the hosts.
UNTOLD = ("haumea", "hive", "import-tree", "import-tree-own-list")
# The same for cases without a framework.
EDITED = {
    "official-overlay": (["boron", "carbon"], {}),
    "package-overrides": (["boron", "carbon"], {}),
    "home": (["boron", "carbon"], {}),
    "home-not-global": (["carbon"], {}),
    "home-own-packages": (["argon", "boron"], {}),
    "home-alone": (["boron"], {}),
    "helper-nameless": (["boron", "carbon"], {}),
    "helper-nameless-inputs": (["boron", "carbon"], {}),
    "pkgs-argument": (["carbon"], {}),
    "forced-without-pkgs": (["carbon"], {}),
    "input-no-flake": (["carbon"], {"llama-cpp-src": "llama-cpp"}),
    "input-fork": (["carbon"], {"ik-llama": "llama-cpp"}),
    "outputs-first": (["carbon"], {"unstable": "nixpkgs", "stable": "nixpkgs"}),
    "trailing-comma": (["carbon"], {}),
    "with-lib": (["carbon"], {}),
    "generated-one-has-it": (["argon", "boron"], {}),
    "generated-without-place": (["argon", "boron"], {}),
}
CASES = FRAMEWORKS | EDITED
# The CPU's packages, so that no licence is asked for.
OVERRIDES = {"schema": "llama-fleet/overrides", "version": 1, "hosts": {"*": {"variant": "cpu"}}}
ASKED = """hosts: let
  llama = builtins.filter (p: builtins.match "llama-cpp.*" (p.pname or "") != null);
  avx2 = p: builtins.filter (f: builtins.match ".*GGML_AVX2.*" f != null) (p.cmakeFlags or [ ]);
in builtins.mapAttrs (name: host: {
  avx2 = avx2 host.pkgs.llama-cpp;
  packages = map (p: p.pname) (llama host.config.environment.systemPackages);
  home = builtins.concatMap (user: map avx2 (llama user.home.packages))
    (builtins.attrValues (host.config.home-manager.users or { }));
}) hosts"""
HOMES = """homes: builtins.mapAttrs (name: home: map
  (p: builtins.filter (f: builtins.match ".*GGML_AVX2.*" f != null) (p.cmakeFlags or [ ])) home.config.home.packages) homes"""
TUNED = ["-DGGML_AVX2:BOOL=TRUE"]


def paste(flake, it):
    """One instruction, as a person would follow it."""
    path = flake / it["file"]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(it["text"] + "\n")
        return
    lines = path.read_text().splitlines()
    line, text, why = lines[it["line"] - 1], it["text"], it["why"]
    if "in the place of what is there" in why:
        lines[it["line"] - 1] = text
    elif "among the arguments" in why:
        lines[it["line"] - 1] = line.replace("{ ", "{ " + text + ", ", 1)
    elif "one more module" in why or "add it to the host's modules" in why or ("into the list" in why and "]" in line):
        at = line.rindex("]")
        lines[it["line"] - 1] = line[:at] + " " + text + " " + line[at:]
    elif why.startswith("in a module of"):
        at = line.rindex("[") + 1
        lines[it["line"] - 1] = line[:at] + " { " + text + " } " + line[at:]
    elif "into the set" in why or why.startswith("into "):
        at = line.rindex("{") + 1
        lines[it["line"] - 1] = line[:at] + " " + text + line[at:]
    else:
        lines.insert(it["line"], text)
    path.write_text("\n".join(lines) + "\n")


def inputs_of(names):
    folder = HERE / "frameworks"
    found = {name: f"{fleet_nix.STAND_INS}/{name}" for name in ("nixpkgs", "home-manager")}
    for name in ("clan-core", "denix", "home-manager", "llama-cpp"):
        found[f"{name}/nixpkgs"] = found["nixpkgs"]
    for stand_in in folder.iterdir():
        found[stand_in.name] = str(stand_in)
    for name, stand_in in names.items():
        own = folder / stand_in
        found[name] = str(own) if own.exists() else f"{fleet_nix.STAND_INS}/{stand_in}"
        found[f"{name}/nixpkgs"] = found["nixpkgs"]
    return found


def value_of(nix, flake, attribute, asked, inputs):
    done = nix.run("eval", flake, attribute, "--json", "--apply", asked, inputs=inputs)
    golden.check(done.returncode == 0, f"{flake.name}: nix eval {attribute}: {done.stderr[-3000:]}")
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
    for nix in programs if name in FRAMEWORKS else []:
        before = value_of(nix, flake, "nixosConfigurations", ASKED, inputs)
        golden.check(sorted(before) == hosts, f"{name}: hosts are {sorted(before)}")
        golden.check(all(not host["avx2"] for host in before.values()), f"{name}: before: {before}")

    for _ in range(2):
        said = json.loads(fit(flake, hosts, "--write", "--json").stdout)
        golden.check(name not in FRAMEWORKS or said["instructions"] or _ > 0, f"{name}: nothing is left to the owner")
        # From the end to the start, because line numbers are those of the file as it was.
        for it in sorted(said["instructions"], key=lambda it: -it["line"]):
            paste(flake, it)
    again = fit(flake, hosts, code=0)
    golden.check("nothing to do" in again.stdout, f"{name}: another fit: {again.stdout}")
    inputs |= {"llama-cpp": f"{fleet_nix.STAND_INS}/llama-cpp", "llama-cpp/nixpkgs": inputs["nixpkgs"]}
    for nix in programs:
        after = value_of(nix, flake, "nixosConfigurations", ASKED, inputs)
        golden.check(sorted(after) == hosts, f"{name}: hosts became {sorted(after)}")
        for host, got in after.items():
            golden.check(got["avx2"] == TUNED and got["packages"] == ["llama-cpp-cpu"] and
                         all(flags == TUNED for flags in got["home"]), f"{name}: {host} has {got}")
            golden.check(not name.startswith("home") or name == "home-alone" or got["home"], f"{name}: no home of {host}")
        if name == "home-alone":
            homes = value_of(nix, flake, "homeConfigurations", HOMES, inputs)
            golden.check(homes == {"ada@boron": [TUNED], "guest": [[]]}, f"{name}: {homes}")

    if name in FRAMEWORKS and name not in UNTOLD:
        wrong = fit(flake, hosts, "--host", hosts[0] + "x", code=None)
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
