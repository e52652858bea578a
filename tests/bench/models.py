# SPDX-License-Identifier: MIT
"""Synthetic models against the real llama.cpp: the same tables of types as its Python library, the same tensors as its
llama-quantize makes of a model of that shape (every shape, every quant), and loaded, checked and run without a warning.

Skipped where Debian sid's packages cannot be had, and says why.
"""
import re

from real_llama import THREADS, WORK, llama, model_tool, python, unpack

# "[   5/ 292] blk.0.attn_k.weight - [ 4096, 1024, 1, 1], type = f16, size = 8.00 MiB -> 2.25 MiB (q4_K)"
QUANTIZED = re.compile(r"\[ *\d+/ *\d+\] (\S+) +- \[([ \d,]+)\], type = +(\w+), size = +[\d.]+ MiB(?:.* \((\w+)\))?")
# Severities of llama.cpp's log: "0.00.004.013 W …".
COMPLAINT = re.compile(r"^[\d.]+ [WE] .*|^.*\b(?:nan|NaN)\b.*$", re.MULTILINE)


def listed(kind):
    return [line.split() for line in model_tool("list").splitlines() if line.startswith(kind)]


def ours(specification):
    """(name, type, dimensions) of every tensor, in the order of the file"""
    rows = [line.split() for line in model_tool("table", specification).splitlines()]
    return [(row[0], row[1].lower(), tuple(map(int, row[4:]))) for row in rows]


def theirs(shape, quant):
    found = QUANTIZED.findall(llama("llama-quantize", "--dry-run", WORK / f"{shape}.gguf", "none.gguf", quant))
    sizes = [tuple(map(int, dimensions.split(","))) for _, dimensions, _, _ in found]
    return [(name, (new or old).lower(), dimensions) for (name, _, old, new), dimensions in zip(found, sizes)]


def without_ones(tensors):
    """llama-quantize shows four dimensions of every tensor."""
    return [(name, kind, dimensions + (1,) * (4 - len(dimensions))) for name, kind, dimensions in tensors]


def check_types():
    assert sorted(python("types").splitlines()) == sorted(model_tool("types").splitlines()), "tables of types"


def check_mixes():
    python("sparse", WORK, text=model_tool("list"))
    compared = 0
    for _, shape, *_ in listed("shape"):
        for _, quant, _ in listed("quant"):
            want, have = theirs(shape, quant), without_ones(ours(f"synthetic:{shape}:{quant}"))
            assert len(want) > 100, (shape, quant, want)
            assert want == have, (shape, quant, [pair for pair in zip(want, have) if pair[0] != pair[1]][:5])
            compared += len(want)
    print(f"{compared} tensors are those of llama-quantize")


def check_runs():
    """--check-tensors looks for values that are no numbers; "word" tokens come only from logits that are numbers: the
    greatest of none is token 0."""
    for name in [f"0.3B:{quant}" for _, quant, _ in listed("quant")] + ["moe:Q4_K_M"]:
        file = WORK / "m.gguf"
        model_tool("write", f"synthetic:{name}", file)
        said = llama("llama-completion", "-m", file, "-p", "hello", "-n", "3", "--temp", "0", "-no-cnv", "-c", "64", "-t",
                     THREADS, "--check-tensors", "-v", "-fit", "off")
        assert "n_vocab" in said and "load_tensors" in said, said[-2000:]  # the log is there
        complaints = COMPLAINT.findall(said)
        assert not complaints, (name, complaints[:5])
        assert re.search(r" w\d+", said.split("generate: n_ctx", 1)[1]), (name, said[-2000:])
        file.unlink()
    print("loaded, checked and run without a complaint")


def main():
    unpack()
    check_types()
    check_mixes()
    check_runs()


main()
