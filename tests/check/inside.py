# SPDX-License-Identifier: MIT
"""What is really inside builds that lie in a Nix store: `audit --flake`, `audit PATH` and check's layer binary over machine code
that is made here, judged beside what happens when the same store path runs under an emulated CPU."""
import json
import os
import platform
import shutil
import subprocess

import fixture
from layers import build
from people import expect, layer

PROGRAM = os.environ.get("LLAMA_FLEET", "")

# ggml's library for the CPU in small: a kernel, and the registration that comes to it.
LIBRARY = """#include <immintrin.h>
float ggml_vec_dot_f32(const float *x, const float *y, unsigned bits) {
#ifdef __AVX2__
  __m256 a = _mm256_fmadd_ps(_mm256_loadu_ps(x), _mm256_loadu_ps(y), _mm256_cvtph_ps(_mm_set1_epi16(15360)));
  __m256i b = _mm256_add_epi32(_mm256_castps_si256(a), _mm256_set1_epi32((int)_pdep_u32(bits, 0xf0f0)));
  return _mm256_cvtss_f32(_mm256_castsi256_ps(b));
#else
  return _mm_cvtss_f32(_mm_mul_ps(_mm_loadu_ps(x), _mm_loadu_ps(y))) + (float)bits;
#endif
}
volatile float ggml_seen;
static const float numbers[8] = {1, 2, 3, 4, 5, 6, 7, 8};
void ggml_backend_cpu_reg(unsigned bits) { ggml_seen = ggml_vec_dot_f32(numbers, numbers, bits); }
"""
MAIN = """void ggml_backend_cpu_reg(unsigned bits);
int main(int count, char **words) { (void)words; ggml_backend_cpu_reg((unsigned)count); return 0; }
"""
AVX2 = ["-msse4.2", "-mavx", "-mf16c", "-mavx2", "-mbmi2", "-mfma"]
INSTALL = """    kind=plain
    case " $cmakeFlags " in *" -DGGML_AVX2:BOOL=TRUE "*) kind=avx2 ;; esac
    cp ${./elf}/"$kind"/libggml-cpu.so "$out/lib/"
    cp ${./elf}/llama-cli "$out/bin/"
"""

# host: CPU that qemu plays and whose facts it has, is the build there, and what `audit` has to say.
HOSTS = {
    "boron": ("Haswell", True, "runs"),            # its plan's build, and the CPU for it
    "dot.host": ("Nehalem", True, "crashes"),      # the same build on a CPU without AVX
    "nitrogen": ("Haswell", True, "runs"),         # a build without AVX, whatever its plan wanted
    "carbon": ("Haswell", False, "cannot_tell"),   # not built here
}
# nitrogen's package loses its flags on the way: nothing but the machine code tells. boron has an environment of links, too.
LATER = """{
  nitrogen = [ (final: prev: { llama-cpp-cpu = prev.llama-cpp-cpu.overrideAttrs (old: {
    installPhase = builtins.replaceStrings [ "kind=avx2" ] [ "kind=plain" ] old.installPhase; }); }) ];
  boron = [ (final: prev: { my-env = final.runCommand "my-env" { } ''
    mkdir -p "$out/bin"; ln -s ${prev.llama-cpp-cpu}/lib "$out/lib"; ln -s ${prev.llama-cpp-cpu}/bin/llama-cli ${final.git}/bin/git "$out/bin/"
  ''; }) ];
}"""


def compiled(folder):
    """Stand-ins whose llama.cpp is real machine code."""
    shutil.copytree(fixture.STAND_INS, folder)
    package = f"{folder}/llama-cpp/.devops/nix"
    made = f"{package}/elf"
    for kind, flags in (("plain", []), ("avx2", AVX2)):
        os.makedirs(f"{made}/{kind}")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", *flags, "-x", "c", "-", "-o", f"{made}/{kind}/libggml-cpu.so"],
                       input=LIBRARY, text=True, check=True)
    subprocess.run(["cc", "-O2", "-x", "c", "-", "-o", f"{made}/llama-cli", f"-L{made}/plain", "-l:libggml-cpu.so",
                    "-Wl,-rpath,$ORIGIN/../lib"], input=MAIN, text=True, check=True)
    with open(f"{package}/package.nix", encoding="utf-8") as file:
        text = file.read()
    last = "      chmod +x \"$out/bin/$program\"\n    done\n"
    assert text.count(last) == 1
    fixture.write(f"{package}/package.nix", text.replace(last, last + INSTALL))
    return folder


def features_of(model):
    """What the program itself reads under this CPU."""
    done = subprocess.run(["qemu-x86_64", "-cpu", model, PROGRAM, "probe", "--host", "x"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["cpu"]


def fleet_of(folder, cpus):
    fleet = fixture.make(folder, later=LATER)
    for host, (model, _, _) in HOSTS.items():
        facts = fixture.facts(host)
        facts["cpu"] = cpus[model]
        fixture.write(f"{fleet}/llama-fleet/plan/{host}.json", json.dumps(fixture.plan(host)))
        fixture.write(f"{fleet}/llama-fleet/facts/{host}.json", json.dumps(facts))
    return fleet


def outcome_of_run(model, store_path):
    """What happens there: the same words as audit's."""
    done = subprocess.run(["qemu-x86_64", "-cpu", model, f"{store_path}/bin/llama-cli"], capture_output=True, timeout=60, check=False)
    return {0: "runs", -4: "crashes", 132: "crashes"}.get(done.returncode, f"exit code {done.returncode}")


def audit(someone, code, *words):
    done = someone.run([PROGRAM, "audit", *words])
    expect(done.returncode == code, someone, (words, f"exit code {code}"), f"{done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def asked(fleet, inputs, *more):
    words = ["--flake", fleet, "--stand-ins", inputs, *more]
    for host in HOSTS:
        words += ["--host", host]
    return words


def verdicts(someone, fleet, inputs):
    """Of `audit --flake`, beside execution."""
    report = json.loads(audit(someone, 1, *asked(fleet, inputs, "--json")))
    found = {host["host"]: host for host in report["hosts"]}
    for host, (model, built, outcome) in HOSTS.items():
        one = found[host]
        expect(one["outcome"] == outcome, someone, (host, outcome), json.dumps(one, indent=1))
        if not built:
            expect(one["why"] == "not built here" and any("what builds it" in note for note in one["notes"]), someone, host, one)
            continue
        expect(one["build"].startswith(someone.environment["LLAMA_FLEET_NIX_STORE"] + "/nix/store/"), someone, "in the store", one["build"])
        expect(outcome_of_run(model, one["build"]) == outcome, someone, (host, "execution agrees"), outcome_of_run(model, one["build"]))
    fault = next(stage["fault"] for file in found["dot.host"]["files"] for stage in file["stages"] if stage["fault"])
    expect(fault["file"] == "lib/libggml-cpu.so" and "avx" in fault["lacking"], someone, "where", fault)
    expect([one["what"] for one in found["nitrogen"]["unused"]] == ["avx2"], someone, "what it leaves unused", found["nitrogen"]["unused"])
    expect(found["boron"]["unused"] == [], someone, "nothing is left unused", found["boron"]["unused"])
    return found


def says_it_to_people(someone, fleet, inputs):
    text = audit(someone, 1, *asked(fleet, inputs))
    for words in ("dot.host", "would crash", "this is the SSE2 build", "not built here", "Commands that build what is not here"):
        expect(words in text, someone, words, text)
    expect(all(len(line) <= 80 for line in text.splitlines() if someone.home not in line), someone, "80 columns", text)


def check_agrees(someone, fleet, inputs):
    done = someone.run([PROGRAM, "check", fleet, "--stand-ins", inputs, "--json", *[word for host in HOSTS for word in ("--host", host)]])
    expect(done.returncode == 1, someone, "check", f"{done.returncode}\n{done.stderr}")
    hosts = {host["host"]: host for host in json.loads(done.stdout)["hosts"]}
    binary = {host: layer(hosts[host], fixture.HOSTS[host][0], "binary") for host in HOSTS}
    expect(binary["boron"]["verdict"] == "shown" and hosts["boron"]["verdict"] == "shown", someone, "boron", binary["boron"])
    expect(binary["carbon"]["why"] == "not built here", someone, "carbon", binary["carbon"])
    names = {host: {name for name, _, _ in binary[host]["different"]} for host in HOSTS}
    expect(binary["dot.host"]["verdict"] == "not-shown" and names["dot.host"] == {"lib/libggml-cpu.so"}, someone, "dot.host", binary["dot.host"])
    expect(binary["nitrogen"]["verdict"] == "not-shown" and "GGML_AVX2" in names["nitrogen"], someone, "nitrogen", binary["nitrogen"])


def links_are_followed(someone, fleet, over):
    """symlinkJoin, buildEnv and profiles hold links alone."""
    script = someone.check(fleet, "--show", "commands", *over, hosts=["boron"]).stdout.replace("\\\n", " ")
    command = "here build .#nixosConfigurations.boron.pkgs.my-env --no-link --option sandbox false"
    done = someone.run(["sh", "-c", script[:script.index("\n# ")] + "\n" + command])
    expect(done.returncode == 0, someone, command, done.stderr[-1500:])
    store = someone.environment["LLAMA_FLEET_NIX_STORE"] + "/nix/store"
    made = next(f"{store}/{name}" for name in os.listdir(store) if name.endswith("-my-env"))
    report = json.loads(audit(someone, 0, made, "--facts", f"{fleet}/llama-fleet/facts/boron.json", "--json"))
    expect([file["path"] for file in report["builds"][0]["files"]] == ["bin/llama-cli", "lib/libggml-cpu.so"], someone, "what is behind links",
           report["builds"][0])
    expect(any("bin/git -> " in note for note in report["builds"][0]["notes"]), someone, "what is not llama.cpp's", report["builds"][0]["notes"])
    audit(someone, 1, made, "--facts", f"{fleet}/llama-fleet/facts/dot.host.json")


def what_is_inside(someone, folder):
    missing = [tool for tool in ("cc", "qemu-x86_64") if not shutil.which(tool)]
    if missing or platform.machine() != "x86_64":
        print(f"{someone.name}: machine code in the store: not tried, needs x86-64 and {', '.join(missing or ['nothing else'])}")
        return
    inputs = compiled(f"{folder}-inputs")
    fleet = fleet_of(folder, {model: features_of(model) for model in {model for model, _, _ in HOSTS.values()}})
    over = [word for name, place in fixture.INPUTS.items() for word in ("--override", f"{name}={inputs}/{place}")]
    build(someone, fleet, [host for host, (_, built, _) in HOSTS.items() if built], *over, option="--option sandbox false")
    found = verdicts(someone, fleet, inputs)
    says_it_to_people(someone, fleet, inputs)
    check_agrees(someone, fleet, inputs)
    links_are_followed(someone, fleet, over)
    # Without Nix the same store path is a folder like any other.
    for host in ("boron", "dot.host"):
        code = 0 if HOSTS[host][2] == "runs" else 1
        audit(someone, code, found[host]["build"], "--facts", f"{fleet}/llama-fleet/facts/{host}.json")


CASES = [what_is_inside] if PROGRAM else []
