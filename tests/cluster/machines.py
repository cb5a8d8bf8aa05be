# SPDX-License-Identifier: Apache-2.0
"""Machines with addresses of their own, on this one: network namespaces around a bridge.

    with machines.Network() as network:
        shop, worker = network.machine("shop"), network.machine("w1")
        program = worker.start("--worker", "--master-host", master.address, folder=tmp_path)

A machine's traffic can be dropped, in part or whole, by nftables inside of its namespace.
"""
import contextlib
import ctypes
import os
import subprocess
import urllib.request

import rig

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def command(*words):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}"
    return done.stdout


@contextlib.contextmanager
def inside(namespace):
    """Sockets that this thread makes meanwhile belong to the namespace."""
    def enter(path):
        with open(path) as file:
            if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"setns {path}")
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    enter(f"/run/netns/{namespace}")
    try:
        yield
    finally:
        enter(f"/proc/self/fd/{own}")
        os.close(own)


class Network:
    """A bridge in a namespace of its own; everything is gone with it."""

    def __init__(self):
        self.prefix = f"cicada{os.getpid()}"
        self.hub = f"{self.prefix}-hub"
        self.machines = []
        command("ip", "netns", "add", self.hub)
        command("ip", "-n", self.hub, "link", "add", "bridge", "type", "bridge")
        command("ip", "-n", self.hub, "link", "set", "bridge", "up")

    def machine(self, name):
        self.machines.append(Machine(self, name, len(self.machines) + 1))
        return self.machines[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for machine in self.machines:
            machine.end()
        command("ip", "netns", "delete", self.hub)


class Machine:
    def __init__(self, network, name, number):
        self.name = name
        self.namespace = f"{network.prefix}-{name}"
        self.address = f"10.77.{number // 250}.{number % 250 + 1}"
        self.programs = []
        command("ip", "netns", "add", self.namespace)
        command("ip", "-n", network.hub, "link", "add", f"to-{number}", "type", "veth",
                "peer", "name", "eth0", "netns", self.namespace)
        command("ip", "-n", network.hub, "link", "set", f"to-{number}", "master", "bridge", "up")
        command("ip", "-n", self.namespace, "address", "add", f"{self.address}/16", "dev", "eth0")
        command("ip", "-n", self.namespace, "link", "set", "eth0", "up")
        command("ip", "-n", self.namespace, "link", "set", "lo", "up")

    def start(self, *arguments, folder, environment=None, before=()):
        """Starts the program on this machine; `before`: words in front of its command line."""
        program = rig.Program("netns", "exec", self.namespace, *before, rig.PROGRAM, *arguments,
                              folder=folder, environment=environment, program="ip")
        self.programs.append(program)
        return program

    def get(self, url):
        """The text at the address, as it looks from this machine."""
        with inside(self.namespace), urllib.request.urlopen(url, timeout=rig.PATIENCE) as answer:
            return answer.read().decode()

    def filter(self, *rules):
        """Replaces what the machine drops: rules of nftables, for what comes and what goes."""
        self.heal()
        command("ip", "netns", "exec", self.namespace, "nft",
                "add table inet chaos; "
                "add chain inet chaos comes { type filter hook input priority 0; }; "
                "add chain inet chaos goes { type filter hook output priority 0; }; "
                + "; ".join(f"add rule inet chaos comes {rule}; add rule inet chaos goes {rule}"
                            for rule in rules))

    def cut_off_from(self, address):
        self.filter(f"ip saddr {address} drop", f"ip daddr {address} drop")

    def lose(self, percent):
        self.filter(f"numgen random mod 100 < {percent} drop")

    def heal(self):
        subprocess.run(["ip", "netns", "exec", self.namespace, "nft", "delete table inet chaos"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self):
        for program in self.programs:
            program.end()
        command("ip", "netns", "delete", self.namespace)
