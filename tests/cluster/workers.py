# SPDX-License-Identifier: Apache-2.0
"""Workers that a Cicada master meets in tests: one that the test plays, and real ones of others."""
import threading
import time
import uuid

import msgpack
import zmq

import rig


class FakeWorker:
    """A Locust worker as far as its socket goes: hears everything, says what it is told to."""

    def __init__(self, port, name=None, beats=True):
        self.name = name or f"fake_{uuid.uuid4().hex}"
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.identity = self.name.encode()
        self.socket.connect(f"tcp://127.0.0.1:{port}")
        self.heard = []  # (seconds, type, data)
        self.lock = threading.Lock()
        self.beats = beats
        self.state = "ready"
        self.obeys = True  # answers a spawn message as one that spawns at once
        self.open = True
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self):
        next_beat = 0
        while self.open:
            if self.beats and time.monotonic() >= next_beat:
                next_beat = time.monotonic() + 1
                self.beat()
            if not self.socket.poll(20):
                continue
            with self.lock:
                kind, data, node = msgpack.unpackb(self.socket.recv(), strict_map_key=False)
            assert node == self.name
            self.heard.append((time.monotonic(), kind, data))
            if kind == "spawn" and self.obeys:
                self.spawned(data["user_classes_count"])

    def spawned(self, counts):
        self.say("spawning")
        self.state = "running"
        self.say("spawning_complete", {"user_classes_count": counts,
                                       "user_count": sum(counts.values())})

    def beat(self):
        self.say("heartbeat", {"state": self.state, "current_cpu_usage": 12.5,
                               "current_memory_usage": 1000000})

    def say(self, kind, data=None):
        self.say_bytes(msgpack.packb([kind, data, self.name]))

    def say_bytes(self, payload):
        with self.lock:
            self.socket.send(payload)

    def ready(self, version="2.46.3"):
        self.say("client_ready", version)
        return self.wait_for("ack")

    def all(self, kind):
        return [data for _, one, data in list(self.heard) if one == kind]

    def wait_for(self, kind, count=1, patience=rig.PATIENCE):
        rig.wait_until(lambda: len(self.all(kind)) >= count, f"{count} x {kind}", patience)
        return self.all(kind)[count - 1]

    def counts(self, name="Buyer"):
        """What the spawn messages wanted, one after the other, without repetitions."""
        wanted = []
        for data in self.all("spawn"):
            users = data["user_classes_count"][name]
            if not wanted or wanted[-1] != users:
                wanted.append(users)
        return wanted

    def stats(self, requests, users, second=None, name="/"):
        """Statistics of so many requests, all in that second."""
        second = int(time.time()) if second is None else second
        entry = {"name": name, "method": "GET", "last_request_timestamp": float(second),
                 "start_time": float(second), "num_requests": requests, "num_none_requests": 0,
                 "num_failures": 0, "total_response_time": 10.0 * requests,
                 "max_response_time": 10.0, "min_response_time": 10.0, "total_content_length": 0,
                 "response_times": {10: requests}, "num_reqs_per_sec": {second: requests},
                 "num_fail_per_sec": {}}
        self.say("stats", {"stats": [entry], "errors": {}, "user_count": sum(users.values()),
                           "stats_total": {**entry, "name": "Aggregated", "method": ""},
                           "user_classes_count": users})

    def end(self):
        self.open = False
        self.thread.join()
        self.context.destroy(linger=0)
