# SPDX-License-Identifier: MIT
"""Files made here by the tools of LLVM, and this machine's own libraries.

Run as made.py GPU_TOOL. llc makes an AMD code object for each of its targets and PTX for NVIDIA's; clang-offload-bundler
makes bundles of each type and lists them. Whatever its version, both must agree with gpu_tool. And no library of this
machine that has nothing to do with graphics holds a shader: the search finds none by chance.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

WORK, TOOL = pathlib.Path(os.environ["WORK_DIR"]), sys.argv[1]
KERNEL = "define amdgpu_kernel void @kernel() {\n  ret void\n}\n"
GRAPHICS = re.compile(r"vulkan|mesa|gallium|GL|OpenCL|spirv|SPIRV|shader|intel|radeon|nvidia|Qt|gtk|placebo|mpv|av|ggml", re.I)
done, skipped = [], []


def newest(program):
    """The program or one with a version after its name, the newest first; None where there is none."""
    names = [program, *(f"{program}-{version}" for version in range(40, 12, -1))]
    return next(filter(None, map(shutil.which, names)), None)


def listed(path):
    got = subprocess.run([TOOL, "list", path], check=True, capture_output=True, text=True, timeout=100)
    return json.loads(got.stdout)


def names(path):
    answer = listed(path)
    assert answer["notes"] == [], (path, answer["notes"])
    return [t["name"] for t in answer["targets"]]


def compile_to(llc, name, source, *options):
    path = WORK / name
    got = subprocess.run([llc, *options, "-o", path], input=source, capture_output=True, text=True)
    return path if got.returncode == 0 else None


def code_objects(llc):
    help_text = subprocess.run([llc, "-mtriple=amdgcn-amd-amdhsa", "-mcpu=help"], input="", capture_output=True, text=True)
    processors = re.findall(r"^ +(gfx[0-9a-z-]+) +- ", (help_text.stderr + help_text.stdout).partition("Available features")[0], re.M)
    assert len(processors) > 30, processors
    objects = {}
    for processor in processors:
        path = compile_to(llc, f"{processor}.o", KERNEL, "-mtriple=amdgcn-amd-amdhsa", f"-mcpu={processor}", "-filetype=obj")
        if path is None:
            continue  # gfx6 is not for this system
        name, = names(path)
        assert name.partition(":")[0] == processor, (processor, name)
        objects[processor] = path
    for features, suffix in (("+xnack,+sramecc", ":sramecc+:xnack+"), ("-xnack,-sramecc", ":sramecc-:xnack-"),
                             ("+xnack,-sramecc", ":sramecc-:xnack+")):
        path = compile_to(llc, "features.o", KERNEL, "-mtriple=amdgcn-amd-amdhsa", "-mcpu=gfx90a", f"-mattr={features}",
                          "--amdhsa-code-object-version=4", "-filetype=obj")
        if path is not None:  # newer versions take the features from the module
            assert names(path) == ["gfx90a" + suffix], names(path)
    done.append(f"{len(objects)} AMD code objects by {pathlib.Path(llc).name}")
    return objects


def ptx(llc):
    for processor in ("sm_50", "sm_75", "sm_86"):
        path = compile_to(llc, f"{processor}.ptx", "define void @f() {\n  ret void\n}\n", "-mtriple=nvptx64-nvidia-cuda",
                          f"-mcpu={processor}")
        assert path is not None and names(path) == [processor.replace("sm", "compute")], processor
    done.append("PTX for 3 targets")


def bundles(bundler, objects):
    chosen = [p for p in ("gfx803", "gfx90a", "gfx1030", "gfx1100") if p in objects]
    ids = [f"hipv4-amdgcn-amd-amdhsa--{p}" for p in chosen]
    host = WORK / "host.o"
    compiler = newest("clang") or shutil.which("cc")
    subprocess.run([compiler, "-x", "c", "-c", "-", "-o", host], input="int f;\n", text=True, check=True)
    for kind, first in (("bc", WORK / "empty"), ("o", host)):
        first.touch()
        path = WORK / f"bundle.{kind}"
        inputs, targets = [first, *(objects[p] for p in chosen)], ["host-x86_64-unknown-linux-gnu", *ids]
        help_text = subprocess.run([bundler, "--help"], capture_output=True, text=True).stdout
        single = "--input=" in help_text or re.search(r"--input ", help_text)
        where = ([f"--input={i}" for i in inputs] + [f"--output={path}"] if single
                 else ["--inputs=" + ",".join(map(str, inputs)), f"--outputs={path}"])
        subprocess.run([bundler, f"--type={kind}", "--targets=" + ",".join(targets), *where], check=True, capture_output=True)
        what = [f"--input={path}"] if single else [f"--inputs={path}"]
        lines = subprocess.run([bundler, "--list", f"--type={kind}", *what], check=True, capture_output=True, text=True)
        theirs = {line.rpartition("-")[2] for line in lines.stdout.split() if not line.startswith("host")}
        answer = listed(path)
        assert answer["notes"] == [], answer["notes"]
        assert theirs == {t["name"] for t in answer["targets"]} == set(chosen), (theirs, answer)
        sizes = {t["name"]: t["stored"] for t in answer["targets"]}
        assert sizes == {p: objects[p].stat().st_size for p in chosen}, sizes
    done.append(f"bundles of type bc and o by {pathlib.Path(bundler).name}")


def compressed(bundler, objects):
    help_text = subprocess.run([bundler, "--help"], capture_output=True, text=True).stdout
    if "-compress" not in help_text:
        skipped.append(f"{pathlib.Path(bundler).name} is older than compressed bundles (LLVM 17)")
        return
    chosen = [p for p in ("gfx90a", "gfx1030", "gfx1100", "gfx1201") if p in objects]
    made = 0
    for version in ("", "2", "3"):
        path = WORK / f"compressed{version}.bc"
        (WORK / "empty").touch()
        inputs = [WORK / "empty", *(objects[p] for p in chosen)]
        targets = ["host-x86_64-unknown-linux-gnu", *(f"hipv4-amdgcn-amd-amdhsa--{p}" for p in chosen)]
        environment = os.environ | ({"COMPRESSED_BUNDLE_FORMAT_VERSION": version} if version else {})
        subprocess.run([bundler, "--type=bc", "--compress", "--targets=" + ",".join(targets), f"--output={path}",
                        *(f"--input={i}" for i in inputs)], check=True, capture_output=True, env=environment)
        if not path.read_bytes().startswith(b"CCOB"):
            continue  # it does so only where that is smaller
        answer = listed(path)
        assert answer["notes"] == [], answer["notes"]
        assert {t["name"]: t["unpacked"] for t in answer["targets"]} == {p: objects[p].stat().st_size for p in chosen}
        assert 0 <= path.stat().st_size - sum(t["stored"] for t in answer["targets"]) < 64, answer
        made += 1
    done.append(f"{made} compressed bundles by {pathlib.Path(bundler).name}")


def packages(packager, objects):
    chosen = [p for p in ("gfx90a", "gfx1030") if p in objects]
    path = WORK / "package.out"
    subprocess.run([packager, "-o", path, *(f"--image=file={objects[p]},triple=amdgcn-amd-amdhsa,arch={p},kind=hip"
                                            for p in chosen)], check=True, capture_output=True)
    assert names(path) == chosen, names(path)
    assert {t["name"]: t["stored"] for t in listed(path)["targets"]} == {p: objects[p].stat().st_size for p in chosen}
    done.append(f"an offload package by {pathlib.Path(packager).name}")


def no_shader_by_chance():
    looked = size = 0
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/python3", "/usr/bin"):
        for path in sorted(pathlib.Path(folder).glob("*")):
            if not path.is_file() or path.is_symlink() or GRAPHICS.search(path.name) or size > 1 << 28:
                continue
            got = subprocess.run([TOOL, "list", path], capture_output=True, text=True, timeout=100)
            assert got.returncode in (0, 1), (path, got)
            if got.returncode == 0:
                answer = json.loads(got.stdout)
                assert answer["targets"] == [], (path, answer)
                looked, size = looked + 1, size + path.stat().st_size
    assert looked > 50, looked
    done.append(f"no GPU code in {looked} of this machine's libraries and programs ({size >> 20} MiB)")


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    llc, bundler, objects = newest("llc"), newest("clang-offload-bundler"), {}
    if llc:
        objects = code_objects(llc)
        ptx(llc)
    else:
        skipped.append("llc is not installed: no code objects are made (apt-get install llvm)")
    if bundler and objects:
        bundles(bundler, objects)
        compressed(bundler, objects)
    else:
        skipped.append("clang-offload-bundler or llc is not installed: no bundles are made (apt-get install clang llvm)")
    packager = newest("llvm-offload-binary") or newest("clang-offload-packager")
    if packager and objects:
        packages(packager, objects)
    else:
        skipped.append("neither llvm-offload-binary nor clang-offload-packager is installed: no package is made")
    no_shader_by_chance()
    print(*done, *(f"skipped: {why}" for why in skipped), sep="\n")


main()
