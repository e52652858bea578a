#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`probe --ssh` through a real sshd on localhost, run as whoever runs the test, with keys of its own."""
import getpass
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

PROGRAM, WORK = os.environ["LLAMA_FLEET"], os.environ["WORK_DIR"]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(sshd, port):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{WORK}/host"], check=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{WORK}/user"], check=True)
    shutil.copy(f"{WORK}/user.pub", f"{WORK}/authorized")
    pathlib.Path(WORK, "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {WORK}/host\nAuthorizedKeysFile {WORK}/authorized\n"
        f"PidFile {WORK}/pid\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n")
    daemon = subprocess.Popen([sshd, "-D", "-e", "-f", f"{WORK}/sshd_config"], stderr=open(f"{WORK}/sshd.log", "w"))
    for _ in range(50):
        time.sleep(0.1)
        if daemon.poll() is not None:
            skip("sshd does not start here: " + pathlib.Path(WORK, "sshd.log").read_text().strip().splitlines()[-1])
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return daemon
    skip("sshd does not listen")


def probe(*words):
    environment = dict(os.environ, PATH=f"{WORK}/bin:{os.environ['PATH']}")
    return subprocess.run([PROGRAM, "probe", *words], capture_output=True, text=True, timeout=60, env=environment)


def main():
    sshd = shutil.which("sshd") or "/usr/sbin/sshd"
    if not os.path.exists(sshd) or not shutil.which("ssh"):
        skip("openssh-server is not installed")
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(f"{WORK}/bin")
    if os.getuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    port = free_port()
    # The user's own configuration, as ssh -F would give it: host keys are checked against a file of the test.
    pathlib.Path(WORK, "config").write_text(
        f"Host *\n IdentityFile {WORK}/user\n IdentitiesOnly yes\n UserKnownHostsFile {WORK}/known\n")
    pathlib.Path(WORK, "bin/ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {WORK}/config "$@"\n')
    os.chmod(f"{WORK}/bin/ssh", 0o755)
    daemon = start(sshd, port)
    destination = f"there=ssh://{getpass.getuser()}@127.0.0.1:{port}"
    try:
        unknown = probe("--ssh", destination, "--timeout", "20")
        assert unknown.returncode == 3, "a machine with an unknown host key was taken"
        assert unknown.stderr.count("Host key verification failed.") == 1 and "x0d" not in unknown.stderr, unknown.stderr
        key = pathlib.Path(WORK, "host.pub").read_text()
        pathlib.Path(WORK, "known").write_text(f"[127.0.0.1]:{port} {key}")
        known = probe("--ssh", destination, "--timeout", "20")
        assert known.returncode == 0, known.stderr + pathlib.Path(WORK, "sshd.log").read_text()
        here = json.loads(probe("--host", "there").stdout)
        there = json.loads(known.stdout)
        # /proc/cpuinfo leaves out some that kernels do not name.
        missing = set(there["cpu"]["features"]) - set(here["cpu"]["features"])
        assert there["cpu"]["features"] and not missing, missing
        for field in ("cpus", "cores", "family", "model"):
            assert there["cpu"][field] == here["cpu"][field], (field, there["cpu"][field], here["cpu"][field])
        assert there["memory_mib"] == here["memory_mib"] and there["host"] == "there"
        # What people have in their configuration for machines that they otherwise log in to.
        with open(f"{WORK}/config", "a") as config:
            config.write(" RemoteCommand tmux\n RequestTTY yes\n StdinNull yes\n ForkAfterAuthentication yes\n"
                         " SessionType none\n GSSAPIDelegateCredentials yes\n")
        odd = probe("--ssh", destination, "--timeout", "20")
        assert odd.returncode == 0, odd.stderr
        assert json.loads(odd.stdout)["cpu"] == there["cpu"]
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


main()
