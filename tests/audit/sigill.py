# SPDX-License-Identifier: MIT
"""Truth by execution: Debian sid's libggml-cpu-*.so, loaded, scored and initialised under CPUs that qemu-user plays and on
this machine, beside what `audit` says of each stage. A few CPUs, or all that qemu has: LLAMA_FLEET_AUDIT_ALL=1.

Needs about 90 MB from Debian once (tools/sid-packages), kept in LLAMA_FLEET_CACHE (default ~/.cache/llama-fleet).
"""
import os
import pathlib
import shutil
import subprocess
import sys

import truth

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
PACKAGES = CACHE / "sid-backends"
WANTED = ["llama.cpp-tools", "libggml0-backend-vulkan", "libggml0-backend-blas", "libggml0-backend-rpc",
          "mesa-vulkan-drivers"]
LIBRARIES = PACKAGES / "root/usr/lib/x86_64-linux-gnu"
VARIANTS = LIBRARIES / "ggml/backends0"
TABLE = SOURCE.parent / "shared/data/sigill/EXPECTED.tsv"
STAGES = ("load", "score", "init")


def happened(pair):
    """stage → "runs" or "crashes", as far as it came; and the score."""
    model, library = pair
    paths = ":".join(map(str, (LIBRARIES, VARIANTS, *LIBRARIES.glob("*/"))))
    code, lines = truth.run(model, LIBRARIES / "ld-linux-x86-64.so.2", "--library-path", paths, truth.WORK / "run",
                            library, "ggml_backend_score", "ggml_backend_init")
    assert code == 0 or code in truth.SIGILL, (model, library, code, lines)
    out = {stage: "runs" for stage, _ in zip(STAGES, lines)}
    if code in truth.SIGILL:
        out[STAGES[len(lines)]] = "crashes"
    score = next((int(line.split()[1]) for line in lines if line.startswith("ggml_backend_score ")), None)
    return out, score


def compare_with_table(seen):
    if not TABLE.is_file():
        print("not compared: the measured table (shared/data/sigill/EXPECTED.tsv is not here)")
        return 0
    stamp = (PACKAGES / "stamp").read_text()
    rows = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    same = differ = 0
    for cpu, variant, load, score, init, _ in rows:
        pair = (truth.NATIVE if cpu == "NATIVE" else cpu, variant)
        if pair not in seen:
            continue
        stages, number = seen[pair]
        mine = ["ok" if stages.get(s) == "runs" else "SIGILL" for s in ("load", "init")] + [str(number)]
        if mine == [load, init, score]:
            same += 1
        elif "package libggml0 0.27.0-1" in stamp and cpu != "NATIVE":
            differ += 1
            print("DIFFERS from the table:", pair, mine, [load, init, score])
    print(f"{same} pairs equal the measured table, {differ} differ")
    return differ


def main():
    truth.needs_qemu()
    done = subprocess.run([SOURCE / "tools/sid-packages", PACKAGES, *WANTED], capture_output=True, text=True)
    if done.returncode != 0:
        truth.skip(f"Debian sid's llama.cpp cannot be had: {done.stderr.strip().splitlines()[-1:]}")
    subprocess.run(["cc", "-O1", SOURCE / "tests/audit/programs/run.c", "-o", truth.WORK / "run"], check=True)
    machines = truth.machines(truth.WORK / "facts")
    libraries = sorted(VARIANTS.glob("libggml-cpu-*.so"))
    assert libraries, "no variants"
    pairs = [(model, library) for model in machines for library in libraries]
    ran = truth.in_parallel(happened, pairs)
    seen = {(model, library.stem.removeprefix("libggml-cpu-")): one for (model, library), one in zip(pairs, ran)}
    differ = compare_with_table(seen)
    only = truth.WORK / "backends"  # without the libraries of graphics cards, which are large and for other tests
    shutil.rmtree(only, ignore_errors=True)
    only.mkdir()
    for library in libraries:
        shutil.copy(library, only)
    said = truth.audit(only, truth.WORK / "facts")
    score = truth.Score()
    for (model, library), (stages, _) in zip(pairs, ran):
        verdicts = said.get((machines[model], library.name), {})
        for stage, what in stages.items():
            score.judge(f"{library.name} on {model}", verdicts.get(stage), what)
    print(f"{len(machines)} CPUs, {len(libraries)} libraries")
    return score.show() or differ > 0


if __name__ == "__main__":
    sys.exit(main())
