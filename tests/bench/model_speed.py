# SPDX-License-Identifier: MIT
"""A synthetic model is as fast as a real one of its shape: one that llama.cpp's Python library wrote with random normal
weights and llama-quantize quantized. Same tensors at the same places, same size but for the header; prompt and
generation in turn, nine times each, or for half a minute.

Not a timed test: the medians may differ by 40 %, where they do by a few. Skipped where Debian sid's packages cannot be
had or the machine is too busy to tell, and says why.
"""
import hashlib
import json
import os
import statistics
import time

from real_llama import CACHE, SOURCE, THREADS, WORK, llama, model_tool, python, skip, unpack

SHAPE, QUANT, REPEATS = "0.3B", "Q4_K_M", 9


def real_model():
    """Kept in the cache: it takes half a minute to make."""
    kept = CACHE / "models" / f"real-shape-{SHAPE}-{QUANT}-{version()}.gguf"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob("real-shape-*"):
            old.unlink()
        python("full", WORK, SHAPE, text=model_tool("list"))
        partial = kept.with_suffix(".partial")
        llama("llama-quantize", WORK / f"{SHAPE}.gguf", partial, QUANT, THREADS)
        (WORK / f"{SHAPE}.gguf").unlink()
        partial.rename(kept)
    return kept


def version():
    """Another shape or another script make another model."""
    made_by = (SOURCE / "tests/bench/make_gguf.py").read_text() + model_tool("list")
    return hashlib.sha256(made_by.encode()).hexdigest()[:8]


def check_files(real, synthetic):
    assert model_tool("tensors", real) == model_tool("tensors", synthetic), "tensors or their places differ"
    sizes = [json.loads(model_tool("json", file)) for file in (real, synthetic)]
    data = [s["file_bytes"] - s["header_bytes"] for s in sizes]
    assert abs(data[0] - data[1]) <= 32, data


def speeds(model):
    """One thread: two that wait for each other say nothing about a model where other work takes their CPU."""
    said = llama("llama-bench", "-m", model, "-p", "64", "-n", "16", "-r", "1", "-t", "1", "-o", "json")
    tests = json.loads(said[said.index("\n[") if "\n[" in said else said.index("["):])
    return {("pp" if test["n_prompt"] else "tg"): test["avg_ts"] for test in tests}


def busy():
    return os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)


def measure(real, synthetic):
    """In turn, so that what else the machine does meets both; at least three times each, and no longer than needed."""
    speeds(real), speeds(synthetic)  # into memory
    measured, begin = {real: [], synthetic: []}, time.monotonic()
    for repeat in range(REPEATS):
        for model in (real, synthetic) if repeat % 2 == 0 else (synthetic, real):
            measured[model].append(speeds(model))
        if repeat >= 2 and time.monotonic() - begin > 30:
            break
    return measured


def main():
    unpack()
    real, synthetic = real_model(), WORK / "synthetic.gguf"
    model_tool("write", f"synthetic:{SHAPE}:{QUANT}", synthetic)
    check_files(real, synthetic)
    was_busy = busy()
    measured = measure(real, synthetic)
    synthetic.unlink()
    for test in ("pp", "tg"):
        medians = [statistics.median(run[test] for run in measured[model]) for model in (real, synthetic)]
        ratio = medians[1] / medians[0]
        print(f"{test}: real {medians[0]:.1f} t/s, synthetic {medians[1]:.1f} t/s, {ratio:.3f} times (n={len(measured[real])})")
        if not 0.7 < ratio < 1.4 and (was_busy or busy()):
            skip(f"same tensors, but the machine is too busy to compare speeds (load {os.getloadavg()[0]:.1f})")
        assert 0.7 < ratio < 1.4, (test, measured)


main()
