"""A wire of two TUN devices in two network namespaces. Needs root.

`tun_wire.py NAMESPACE-A NAMESPACE-B` gives them 10.66.0.1 and 10.66.0.2, and
says "ready". Then it reads changes, one a line, as JSON:

loss: share of packets that are lost. delay: seconds of each packet. rate: bytes
a second of each direction, 0 for no limit. queue: bytes that wait for it, more
are lost. dead: nothing passes. nat: a flow that was silent for so many seconds is
forgotten, 0 for never: only the side of A opens it again, as a new one.
"""

import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
MTU = 1500

state = {"loss": 0, "delay": 0, "rate": 0, "queue": 1 << 20, "dead": False, "nat": 0}
chance = random.Random(7)


def device(name, namespace, address):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN_NO_PI))
    for command in (
        ["ip", "netns", "add", namespace],
        ["ip", "link", "set", name, "netns", namespace],
        ["ip", "-n", namespace, "link", "set", "lo", "up"],
        ["ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", name],
        ["ip", "-n", namespace, "link", "set", name, "mtu", str(MTU), "up"],
    ):
        subprocess.run(command, check=True)
    return fd


def flow_of(packet):
    """Both addresses and ports, the same in both directions; and whether it begins a connection."""
    if packet[0] >> 4 != 4 or packet[9] != 6:
        return None, False
    at = (packet[0] & 15) * 4
    ends = (packet[12:16] + packet[at : at + 2], packet[16:20] + packet[at + 2 : at + 4])
    return tuple(sorted(ends)), packet[at + 13] & 0x12 == 0x02


class Direction:
    def __init__(self, out, opens):
        self.out, self.opens = out, opens
        self.waiting, self.free_at, self.queued, self.count = [], 0.0, 0, 0

    def push(self, packet, now):
        if state["dead"] or chance.random() < state["loss"] or self.is_forgotten(packet, now):
            return
        due = now
        if state["rate"] > 0:
            if self.queued + len(packet) > state["queue"]:
                return
            self.free_at = max(self.free_at, now) + len(packet) / state["rate"]
            due = self.free_at
        self.queued += len(packet)
        self.count += 1
        heapq.heappush(self.waiting, (due + state["delay"], self.count, packet))

    def is_forgotten(self, packet, now):
        flow, begins = flow_of(packet)
        if flow is None or state["nat"] == 0:
            return False
        last = flows.get(flow)
        known = last is not None and now - last <= state["nat"]
        if known or begins and self.opens:
            flows[flow] = now
            return False
        return True

    def deliver(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            packet = heapq.heappop(self.waiting)[2]
            self.queued -= len(packet)
            try:
                os.write(self.out, packet)
            except OSError:
                pass  # The device is down: a lost packet.


flows = {}
a = device("wirea", sys.argv[1], "10.66.0.1")
b = device("wireb", sys.argv[2], "10.66.0.2")
ways = {a: Direction(b, True), b: Direction(a, False)}
print("ready", flush=True)
while True:
    now = time.monotonic()
    dues = [way.waiting[0][0] for way in ways.values() if way.waiting]
    wait = max(0, min(dues) - now) if dues else None
    readable, _, _ = select.select([a, b, sys.stdin], [], [], wait)
    now = time.monotonic()
    for source in readable:
        if source is sys.stdin:
            line = sys.stdin.readline()
            if line == "":
                sys.exit(0)
            state.update(json.loads(line))
            print("changed", flush=True)
            continue
        try:
            ways[source].push(os.read(source, 65536), now)
        except OSError:
            continue
    for way in ways.values():
        way.deliver(now)
