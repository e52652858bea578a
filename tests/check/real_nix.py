# SPDX-License-Identifier: MIT
"""real_nix.py CHECK_TOOL: check asks real Nixes about a fitted fleet over stand-in inputs: flags shown, flags broken on purpose
and seen, as root and as a plain user, with a private store, without Nix; and the commands it prints are run.

Every Nix there is takes part: the one in PATH, and $LLAMA_FLEET_NIX_CURRENT (words that start another).
Names of cases behind CHECK_TOOL choose some: real_nix.py build/dev/bin/check_tool survey
"""
import os
import shutil
import sys
import tempfile
import time

os.environ["CHECK_TOOL"] = sys.argv[1]
# Not below WORK_DIR: old Nixes take a folder inside a git repository for a part of it.
os.environ["CHECK_WORK"] = os.path.join(tempfile.mkdtemp(prefix="llama-fleet-check-"), "work")

import bad
import compiled
import flags
import inside
import layers
import program
import reached
import services
import survey
from people import WORK, everybody, remove

CASES = [flags.everything_shown, flags.broken_is_seen, flags.unfree_is_asked, bad.bad_flakes, flags.git_repository,
         flags.printed_commands_run, bad.system_store_closed, bad.store_without_room, flags.homelab, *layers.CASES,
         *compiled.CASES, *reached.CASES, *services.CASES, *survey.CASES, *inside.CASES, *program.CASES]


def main():
    chosen = sys.argv[2:]
    remove(WORK)
    os.makedirs(WORK)
    os.chmod(os.path.dirname(WORK), 0o755)
    os.chmod(WORK, 0o755)
    try:
        if not chosen:
            bad.without_nix(os.path.join(WORK, "without"))
            if program.PROGRAM:
                program.program_without_nix(os.path.join(WORK, "without"))
        people = everybody(os.path.join(WORK, "people"))
        if not people:
            print("skipped: no nix in PATH and no $LLAMA_FLEET_NIX_CURRENT")
            return 77
        for person in people:
            for case in CASES:
                if chosen and case.__name__ not in chosen:
                    continue
                start = time.monotonic()
                case(person, os.path.join(person.home, case.__name__))
                print(f"{person.name}: {case.__name__}: {time.monotonic() - start:.1f} s", flush=True)
    finally:
        remove(os.path.dirname(WORK))
    return 0


sys.exit(main())
