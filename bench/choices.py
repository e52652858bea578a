#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/choices.py LLAMA_FLEET [REPETITIONS]: is what `bench --choose` finds as good as the exhaustive best?

For prompts and for generation: a choice, then the chosen candidate and every CPU variant that is not hopelessly slow against
each other in turn, for up to 100 s. Prints the ratio of the best of the others to the choice with its 95 % interval: a choice
is good if that holds 1, or is at most 1.05. About five minutes a repetition and goal; the machine should do nothing else.
"""
import json
import os
import subprocess
import sys
import tempfile

program = os.path.abspath(sys.argv[1])
repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 1
HOPELESS = ("x64", "sse42")


def bench(output, *words):
    subprocess.run([program, "bench", "--output", output, *words], check=True, capture_output=True)
    with open(output) as file:
        return json.load(file)


def candidate_words(result, name):
    candidate = next(c for c in result["candidates"] if c["name"] == name)
    words = ["name=chosen", f"device={candidate['device']}"]
    if candidate["device"] in ("", "none"):
        words.append(f"variant={result['choice']['cpu_variant']}")
    keys = (("threads", "threads"), ("ubatch", "ubatch"), ("flash_attention", "flash-attention"))
    return ",".join(words + [f"{option}={candidate[key]}" for key, option in keys if candidate[key]])


def other_variants(result):
    dead = {finding["candidate"] for finding in result["findings"]}
    variants = {c["cpu_variant"] for c in result["candidates"] if c["cpu_variant"] and c["name"] not in dead}
    return sorted((variants | {result["choice"]["default_variant"]}) - set(HOPELESS))


def main():
    good = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(repetitions):
            for goal, tests in (("pp", ["--prompt", "64", "--generate", "0"]), ("tg", ["--prompt", "0", "--generate", "16"])):
                chosen = bench(f"{folder}/choice.json", "--choose", "--goal", goal, "--seed", str(number + 1))
                name = chosen["choice"]["candidate"]
                words = [word for v in other_variants(chosen) for word in ("--candidate", f"name={v},variant={v}")]
                again = bench(f"{folder}/again.json", *tests, "--time-limit", "100", "--candidate",
                              candidate_words(chosen, name), *words)
                best = max(again["comparisons"], key=lambda c: c["ratio"]["mean"])
                ratio = best["ratio"]
                fine = ratio["low"] <= 1 or ratio["mean"] <= 1.05
                good += fine
                print(f"{goal}: {name} ({chosen['choice']['verdict']}, {chosen['seconds'] + chosen['overhead_seconds']:.0f} s); "
                      f"best other {best['candidate']}: {ratio['mean']:.3f} ({ratio['low']:.3f} to {ratio['high']:.3f}), "
                      f"n {best['pairs']}: {'good' if fine else 'worse'}", flush=True)
    print(f"{good} of {2 * repetitions} choices not measurably worse than the best other, or by 5 % at most")


main()
