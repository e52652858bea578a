# SPDX-License-Identifier: MIT
"""Every CPU variant and backend of Debian sid's real llama.cpp alone, and programs that are no llama-bench.

Run as variants.py ONE_RUN (built of one_run.cc). Needs about 90 MB from Debian once, most of it Mesa's software Vulkan
driver; where that cannot be had, the part with real packages is skipped, and says why. Kept in LLAMA_FLEET_CACHE
(default ~/.cache/llama-fleet). Nothing here measures speed: runs are of a few tokens.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE, WORK = pathlib.Path(os.environ["SOURCE_DIR"]), pathlib.Path(os.environ["WORK_DIR"])
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
PACKAGES, ONE_RUN, SCRATCH = CACHE / "sid-backends", pathlib.Path(sys.argv[1]), WORK / "scratch"
WANTED = ["llama.cpp-tools", "libggml0-backend-vulkan", "libggml0-backend-blas", "libggml0-backend-rpc",
          "mesa-vulkan-drivers"]
LIBRARIES = PACKAGES / "root/usr/lib/x86_64-linux-gnu"
COMPILED_IN = "/usr/lib/x86_64-linux-gnu/ggml/backends0"
# What a CPU must have for a variant to run (flags of /proc/cpuinfo), and how wide it is: ggml's order of scores.
AVX512 = ["avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"]
NEEDS = {"x64": [], "sse42": ["sse4_2"], "sandybridge": ["avx"], "haswell": ["avx2", "fma", "f16c", "bmi2"],
         "skylakex": AVX512, "cascadelake": [*AVX512, "avx512_vnni"], "alderlake": ["avx2", "avx_vnni"],
         "zen4": [*AVX512, "avx512vbmi", "avx512_vnni", "avx512_bf16"], "sapphirerapids": ["amx_int8"]}
WIDTH = {"x64": 0, "sse42": 1, "sandybridge": 2, "ivybridge": 3, "piledriver": 3, "haswell": 4, "alderlake": 5,
         "skylakex": 6, "cannonlake": 7, "cascadelake": 8, "icelake": 9, "cooperlake": 10, "zen4": 11,
         "sapphirerapids": 12}


def one_run(*words, before=(), **environment):
    """The answer, or {"error": …}."""
    done = subprocess.run([*before, ONE_RUN, *map(str, words)], capture_output=True, text=True, timeout=600,
                          env={k: v for k, v in os.environ.items() if k != "GGML_VK_VISIBLE_DEVICES"} | environment)
    assert done.returncode in (0, 3), (words, done.returncode, done.stderr)
    return json.loads(done.stdout)


def run(model, *settings, build=PACKAGES, **options):
    return one_run("run", build, SCRATCH, model, *settings, **options)


def tests_of(answer):
    assert "tests" in answer, answer
    assert [t["name"] for t in answer["tests"]] == ["pp8", "tg2"], answer
    assert all(s > 0 for t in answer["tests"] for s in t["tokens_per_second"]), answer
    return answer


# ---- without packages ----

def script(body):
    help_text = "options:\n  -p, --n-prompt <n>\n  -n, --n-gen <n>\n  -dev, --device <dev0>\n"
    return f"#!/bin/sh\nif [ \"$1\" = --help ]; then cat <<'END'\n{help_text}END\nexit 0; fi\n{body}\n"


def check_bad_programs():
    cases = {"rubbish": (script("echo hello"), {"failure": "output"}),
             "sleeps": (script("sleep 60"), {"failure": "hung"}),
             "sigill": (script("kill -ILL $$"), {"failure": "sigill"}),
             "sigill-at-once": ("#!/bin/sh\nkill -ILL $$\n", {"failure": "sigill"}),
             "sigkill": (script("kill -KILL $$"), {"failure": "out-of-memory"}),
             "crash": (script("kill -SEGV $$"), {"failure": "crash"}),
             "other-program": ("#!/bin/sh\necho hello\n", {"error": "bench-not-llama-bench"}),
             "other-machine": (b"\x7fELF\2\1" + bytes(12) + b"\x15" + bytes(45), {"error": "bench-architecture"}),
             "empty-folder": (None, {"error": "bench-no-llama-bench"})}
    for name, (text, wanted) in cases.items():
        folder = WORK / "bad" / name
        folder.mkdir(parents=True)
        if text is not None:
            (folder / "llama-bench").write_bytes(text if isinstance(text, bytes) else text.encode())
            (folder / "llama-bench").chmod(0o755)
        answer = run("/none.gguf", "limit=1", build=folder)
        assert wanted.items() <= answer.items(), (name, answer)


def check_shim_for_arm():
    if not shutil.which("clang"):
        print("not tried: the shim for aarch64, there is no clang")
        return
    out = WORK / "shim-aarch64.o"
    subprocess.run(["clang", "--target=aarch64-linux-gnu", "-Os", "-ffreestanding", "-fPIC", "-Wall", "-Werror", "-c",
                    "-o", out, SOURCE / "src/bench/backend_shim.c"], check=True)
    symbols = subprocess.run(["nm", out], capture_output=True, text=True, check=True).stdout.split("\n")
    undefined = {line.split()[-1] for line in symbols if " U " in line or " w " in line} - {"_GLOBAL_OFFSET_TABLE_"}
    assert undefined == {"getenv", "dlsym", "ggml_backend_load"}, undefined


# ---- with packages ----

def picture():
    """Every file's time and size; also the bytes, where llama.cpp and ggml are."""
    out = {}
    for path in sorted((PACKAGES / "root").rglob("*")):
        status = path.lstat()
        ours = path.is_file() and ("ggml" in str(path) or "llama" in path.name)
        out[path] = (status.st_mtime_ns, status.st_size, hashlib.sha256(path.read_bytes()).hexdigest() if ours else "")
    return out


def check_variants(model, variants):
    flags = set(pathlib.Path("/proc/cpuinfo").read_text().split("flags", 1)[-1].split("\n", 1)[0].split())
    running = []
    for variant in variants:
        answer = run(model, f"variant={variant}")
        if "tests" in answer:
            tests_of(answer)
            assert answer["cpu_variant"] == variant and answer["backends"] == ["CPU"], answer
            assert all(t["backends"] == "CPU" for t in answer["tests"]), answer
            running.append(variant)
        else:
            assert answer["failure"] == "unsupported" and variant in answer["text"], answer
        if variant in NEEDS:
            assert (variant in running) == (set(NEEDS[variant]) <= flags), (variant, answer)
    print("run here:", *running)
    widest = max(running, key=lambda v: WIDTH.get(v, -1))
    for settings, backends in (([], {"CPU", "BLAS", "RPC", "Vulkan"}), (["device=none"], {"CPU"})):
        answer = tests_of(run(model, *settings))
        assert answer["cpu_variant"] == widest and set(answer["backends"]) == backends, (widest, answer)
    assert run(model, "variant=none-such")["failure"] == "unsupported"
    return widest


def check_backends(model, variant):
    assert tests_of(run(model, "device=none", "blas=1"))["backends"] == ["BLAS", "CPU"]
    answer = tests_of(run(model, "blas=1", f"variant={variant}"))
    assert (answer["backends"], answer["cpu_variant"]) == (["BLAS", "CPU"], variant), answer
    assert one_run("build", PACKAGES, SCRATCH)["devices"] == [], "ggml shows no software device unasked"
    seen = {"GGML_VK_VISIBLE_DEVICES": "0"}
    devices = one_run("build", PACKAGES, SCRATCH, **seen)["devices"]
    assert [(d["name"], d["backend"], d["software"]) for d in devices] == [("Vulkan0", "Vulkan", True)], devices
    assert "llvmpipe" in devices[0]["description"] and devices[0]["memory_mib"] > 0, devices
    for pinned in ([], [f"variant={variant}"]):
        answer = tests_of(run(model, "device=Vulkan0", *pinned, **seen))
        assert answer["backends"] == ["Vulkan", "CPU"] and answer["cpu_variant"] == variant, answer
        assert "llvmpipe" in answer["tests"][0]["gpu"], answer
    for settings, words in ((["device=CUDA0"], "no backend cuda"), (["device=Vulkan7"], "Vulkan7")):
        answer = run(model, *settings, **seen)
        assert answer["failure"] == "unsupported" and words in answer["text"], answer


def check_other_settings(model):
    answer = run(model, "variant=x64", "depth=16", "repetitions=3", "fa=on")
    assert [t["name"] for t in answer["tests"]] == ["pp8 @ d16", "tg2 @ d16"], answer
    assert all(len(t["tokens_per_second"]) == 3 and t["flash_attention"] == "on" for t in answer["tests"]), answer
    by_hand = subprocess.run(["sh", "-c", answer["command"]], capture_output=True, text=True)
    assert by_hand.returncode == 0 and len(json.loads(by_hand.stdout)) == 2, by_hand
    assert "libggml-cpu-x64.so" in by_hand.stderr, by_hand.stderr
    truncated = WORK / "truncated.gguf"
    truncated.write_bytes(pathlib.Path(model).read_bytes()[:-1000])
    answer = run(truncated, "variant=x64")
    assert answer["failure"] == "model" and "bounds" in answer["text"], answer


def check_where_the_machine_has_backends_too(model):
    """In a name space where the folder compiled into ggml exists: it is searched first, and must not be."""
    lower = WORK / "lower"
    folder = lower / "ggml/backends0"
    folder.mkdir(parents=True)
    for library in (LIBRARIES / "ggml/backends0").glob("libggml-*.so"):
        (folder / library.name).symlink_to(library)
    libraries = pathlib.Path(COMPILED_IN).parents[1]
    mount = f'mount -t overlay overlay -o "lowerdir=$1:{libraries}" {libraries} && shift && exec "$@"'
    inside = ["unshare", "-rm", "sh", "-c", mount, "sh", str(lower)]
    plain = subprocess.run([*inside, *one_run("build", PACKAGES, SCRATCH)["start"], "--list-devices"],
                           capture_output=True, text=True)
    if f"loaded CPU backend from {COMPILED_IN}/" not in plain.stderr:
        print("not tried: a machine with backends of its own, no such name space can be made here:",
              plain.stderr.strip()[:200])
        return
    answer = tests_of(run(model, "variant=x64", before=inside))
    assert answer["cpu_variant"] == "x64" and answer["backends"] == ["CPU"], answer
    answer = tests_of(run(model, "device=none", before=inside))
    assert answer["backends"] == ["CPU"], answer


def check_software_vulkan_by_the_verb(model):
    """`bench` measures llvmpipe where a candidate names it, and --choose never takes it for a GPU."""
    def bench(name, *words):
        output = WORK / f"{name}.json"
        done = subprocess.run([os.environ["LLAMA_FLEET"], "bench", "--build", PACKAGES, "--model", model, "--output", output, *words],
                              env=os.environ | {"GGML_VK_VISIBLE_DEVICES": "0"}, capture_output=True, text=True)
        return done, json.loads(output.read_text()) if output.exists() else None
    done, result = bench("software", "--candidate", "device=none", "--candidate", "device=Vulkan0", "--prompt", "8",
                         "--generate", "2", "--time-limit", "20")
    assert done.returncode == 0, done.stderr
    speeds = {s["candidate"] for s in result["summaries"]}
    assert speeds == {"dispatch", "Vulkan0"} and "llvmpipe" in result["conditions"]["gpu"], result
    done, result = bench("choice", "--choose", "--prompt", "32", "--generate", "8", "--time-limit", "40")
    assert "computes on the CPU: it is no candidate" in done.stderr, done.stderr
    if done.returncode == 3 and "nothing was chosen" in done.stderr:
        print("not tried: a choice beside a software device, this machine is too busy:", done.stderr.splitlines()[-2])
        return
    assert done.returncode == 0 and result["choice"]["device"] == "none", (done.stderr, result and result["choice"])


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    check_bad_programs()
    check_shim_for_arm()
    unpacked = subprocess.run([SOURCE / "tools/sid-packages", PACKAGES, *WANTED], capture_output=True, text=True)
    if unpacked.returncode == 3:
        print("skipped: programs that are no llama-bench were told apart, but the real one cannot be had:",
              unpacked.stderr.strip().splitlines()[-1])
        sys.exit(77)
    assert unpacked.returncode == 0, unpacked.stderr
    before = picture()
    model = one_run("model", WORK)
    build = one_run("build", PACKAGES, SCRATCH)
    assert {"x64", "haswell", "zen4", "sapphirerapids"} <= set(build["cpu_variants"]), build
    assert build["backends"] == ["blas", "rpc", "vulkan"] and build["packages"]["libggml0-backend-rpc"], build
    widest = check_variants(model, build["cpu_variants"])
    check_backends(model, widest)
    check_other_settings(model)
    check_where_the_machine_has_backends_too(model)
    check_software_vulkan_by_the_verb(model)
    assert picture() == before, "the installation was changed"


main()
