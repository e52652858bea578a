# SPDX-License-Identifier: MIT
"""Fleets of any size for the tests of `report`: real facts and plans under made-up names, made-up measurements (the
speeds mean nothing; what follows from them follows as in bench: means, intervals, ratios of rounds)."""
import json
import pathlib
import random
import statistics

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BASE = {"pp128": 400.0, "tg32": 40.0}


def estimate(values):
    mean, half = statistics.mean(values), 1.96 * statistics.stdev(values) / len(values) ** 0.5
    return {"mean": mean, "low": max(mean - half, mean / 100), "high": mean + half}


def candidate(name, variant, **more):
    return {"name": name, "build": "debian-sid", "cpu_variant": variant, "device": "none", "threads": 0, "ubatch": 0,
            "flash_attention": "", "description": "", **more}


def runs_of(made, speeds, rounds):
    """`speeds`: {candidate: {test: factor on BASE}}"""
    runs = []
    for number in range(rounds):
        for name in speeds:
            values = {test: BASE[test] * factor * made.gauss(1, 0.03) for test, factor in speeds[name].items()}
            runs.append({"candidate": name, "phase": "final", "round": number, "counts": True, "test": "pp128 tg32",
                         "at": 2.5 * len(runs), "seconds": 2.4, "loaded_variant": "", "threads": 0, "memory_mib": 310, "load_average": 0.4, "failure": "",
                         "failure_text": "", "speeds": [{"test": t, "tokens_per_second": [v]} for t, v in values.items()]})
    return runs


def speeds_in(runs, name, test):
    return [s["tokens_per_second"][0] for run in runs if run["candidate"] == name for s in run["speeds"] if s["test"] == test]


def ratio_of(runs, name, other, test):
    return estimate([a / b for a, b in zip(speeds_in(runs, name, test), speeds_in(runs, other, test))])


def verdict_of(ratio):
    return "faster" if ratio["low"] > 1 else "slower" if ratio["high"] < 1 else "~"


def result(host, candidates, speeds, rounds=6, seed=1, **more):
    runs = runs_of(random.Random(seed), speeds, rounds)
    first = candidates[0]["name"]
    summaries, comparisons = [], []
    for test in BASE:
        for name in speeds:
            values = speeds_in(runs, name, test)
            far = [v for v in values if abs(v - statistics.median(values)) > 0.06 * statistics.median(values)]
            summaries.append({"candidate": name, "test": test, "samples": len(values), "values": values, "outliers": far,
                              "tokens_per_second": estimate(values) if len(values) > 1 else None})
            if name != first and len(values) > 1:
                ratio = ratio_of(runs, name, first, test)
                comparisons.append({"candidate": name, "baseline": first, "test": test, "pairs": len(values),
                                    "ratio": ratio, "verdict": verdict_of(ratio)})
    command = "llama-bench -m synthetic-0.3B-q4_k_m.gguf -p 128 -n 32 -r 1 -o json  # only libggml-cpu-{}.so"
    made = {"schema": "llama-fleet/bench", "version": 2, "host": host, "question": "compare pp128 tg32 @ 0", "candidates": candidates, "runs": runs,
            "summaries": summaries, "comparisons": comparisons, "seed": seed, "complete": True, "rungs": [],
            "seconds": 2.4 * len(runs), "overhead_seconds": 0.21, "findings": [], "choice": None, "warnings": [],
            "builds": [{"name": "debian-sid", "source": "Debian sid", "commit": "Debian", "number": 11669,
                        "packages": {"libggml0": "0.27.0-1", "llama.cpp-tools": "1:0.7.0+dfsg-2"}}],
            "model": {"description": "synthetic llama 0.3B Q4_K_M", "type": "llama ?B Q4_K - Medium", "bytes": 213909504,
                      "parameters": 300000000, "synthetic": True},
            "conditions": {"cpu": "AMD Ryzen 7 7840HS", "gpu": "", "cpus": 16, "cores": 8, "governor": "performance",
                           "power_profile": None, "virtual_machine": False, "on_battery": False, "load_average": 0.31,
                           "memory_mib": 31744, "memory_available_mib": 28012, "throttle_events": 0,
                           "memory_pressure": 0.0, "swapped_mib": 0.0, "other_cpu_share": 0.0,
                           "busy_programs": []},
            "commands": [command.format(c["cpu_variant"] or "*") for c in candidates]}
    return made | more


def chosen(host, seed=1):
    """What `bench --choose` leaves."""
    default = candidate("dispatch", None, description="run-time dispatch, llama.cpp's own parameters")
    candidates = [default, candidate("official-default", "x64", description="what the official flake builds: SSE2"),
                  candidate("icelake", "icelake"), candidate("zen4, 8 threads", "zen4", threads=8)]
    speeds = {"dispatch": {"pp128": 2.0, "tg32": 4.1}, "official-default": {"pp128": 0.15, "tg32": 0.9},
              "zen4, 8 threads": {"pp128": 2.3, "tg32": 4.12}}
    made = result(host, candidates, speeds, seed=seed)
    best, runs = "zen4, 8 threads", made["runs"]
    prompt, generation = (ratio_of(runs, best, "dispatch", test) for test in BASE)
    score = {key: (prompt[key] * generation[key]) ** 0.5 for key in ("mean", "low", "high")}
    entry = {"samples": 2, "dropped": ""}
    made["rungs"] = [
        {"name": "variants: pp16, tg4", "entries": [
            entry | {"candidate": "dispatch", "score": 0.987}, entry | {"candidate": "zen4", "score": 1.0},
            entry | {"candidate": "icelake", "score": 0.898, "dropped": "10 % slower than the fastest"},
            entry | {"candidate": "sapphirerapids", "score": None, "samples": 0, "dropped": "cannot run here"}]},
        {"name": "threads: pp64, tg16", "entries": [
            entry | {"candidate": best, "score": 1.0, "samples": 3},
            entry | {"candidate": "zen4, 16 threads", "score": 0.898, "samples": 3, "dropped": "10 % slower than the fastest"}]}]
    made["findings"] = [{"candidate": "sapphirerapids", "id": "illegal-instruction",
                         "text": "the variant sapphirerapids cannot run on this CPU (illegal instruction)"}]
    made["warnings"] = [{"id": "load", "text": "other work ran on this machine: load 1.3 on 16 CPUs before the first run",
                         "remedy": "measure again when the machine is idle"},
                        {"id": "short", "text": "the model is small: a large one may rank closer builds otherwise", "remedy": ""}]
    made["choice"] = {"candidate": best, "default_candidate": "dispatch", "cpu_variant": "zen4", "default_variant": "zen4",
                      "backend": "cpu", "device": "none", "backends": ["cpu"], "verdict": verdict_of(score), "pairs": 6, "score": score,
                      "prompt": prompt, "generation": generation, "server_arguments": ["--threads", "8"],
                      "objective": {"prompt_weight": 0.5, "generation_weight": 0.5, "memory_ceiling_mib": None},
                      "model": "synthetic llama 0.3B Q4_K_M, random weights", "cpu": "AMD Ryzen 7 7840HS",
                      "revision": "Debian sid's llama.cpp 1:0.7.0, build 11669"}
    return made


def compared(host, seed=1, plan=(7.9, 4.2)):
    """What `bench` without --choose leaves."""
    candidates = [candidate("official-default", "x64", description="what the official flake builds: plain x86-64 with SSE2"),
                  candidate("plan", "haswell", description="what the plan names: ggml's variant haswell")]
    speeds = {"official-default": {"pp128": 0.15, "tg32": 1.0}, "plan": {"pp128": 0.15 * plan[0], "tg32": plan[1]}}
    return result(host, candidates, speeds, rounds=5, seed=seed, warnings=[
        {"id": "governor", "text": "the CPU's governor is powersave: its speed follows the load",
         "remedy": "while measuring: cpupower frequency-set -g performance"}])


def write(folder, kind, host, value, ending=".json"):
    path = pathlib.Path(folder, "llama-fleet", kind, host + ending)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=2, sort_keys=True) + "\n")


def machine(folder, host, like, plan=True):
    """Facts, and unless told otherwise the plan, of a captured machine under the name `host`."""
    for kind, place in (("facts", "facts"), ("plan", "golden"))[:2 if plan else 1]:
        value = json.loads((SOURCE / f"tests/plan/{place}/{like}.json").read_text())
        write(folder, kind, host, value | {"host": host})


def measured_there(folder, host, made):
    """The result, measured on the CPU that the host's facts name."""
    cpu = json.loads(pathlib.Path(folder, f"llama-fleet/facts/{host}.json").read_text())["cpu"]["model_name"] or ""
    made["conditions"]["cpu"] = cpu
    if made["choice"]:
        made["choice"]["cpu"] = cpu
    return made


def small(folder):
    """Six hosts, each in another state."""
    for host in ("carbon", "boron", "nitrogen"):
        machine(folder, host, host)
    machine(folder, "graviton", "graviton", plan=False)
    write(folder, "bench", "carbon", measured_there(folder, "carbon", chosen("carbon")))
    write(folder, "bench", "boron", measured_there(folder, "boron", compared("boron", seed=2)))
    one = compared("radon", seed=3, plan=(0.96, 1.001))
    write(folder, "bench", "radon", result("radon", one["candidates"], {"official-default": {"pp128": 0.15, "tg32": 1.0}},
                                           rounds=1, complete=False), ".json.unfinished")
    write(folder, "facts", "xenon", '{"schema": "llama-fleet/facts", "version": 1,\n')
