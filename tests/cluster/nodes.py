# SPDX-License-Identifier: Apache-2.0
"""The other nodes of a cluster: a master that the test plays, and a real Locust."""
import socket
import threading
import time

import msgpack
import zmq

import rig


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class FakeMaster:
    """A Locust master as far as its socket goes: hears everything, says what it is told to."""

    def __init__(self):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.heard = []  # (seconds, type, data, node id)
        self.lock = threading.Lock()
        self.answers_heartbeats = True
        self.acknowledges = True
        self.open = True
        self.thread = threading.Thread(target=self._hear, daemon=True)
        self.thread.start()

    def _hear(self):
        while self.open:
            if not self.socket.poll(20):
                continue
            with self.lock:
                identity, payload = self.socket.recv_multipart()
                kind, data, node = msgpack.unpackb(payload, strict_map_key=False)
                assert identity.decode() == node
                self.heard.append((time.monotonic(), kind, data, node))
                if kind == "heartbeat" and self.answers_heartbeats:
                    self._say("heartbeat", None, node)
                if kind == "client_ready" and self.acknowledges:
                    self._say("ack", {"index": 0}, node)

    def _say(self, kind, data, node):
        self.socket.send_multipart([node.encode(), msgpack.packb([kind, data, node])])

    def say(self, kind, data=None, node=None):
        with self.lock:
            self._say(kind, data, node or self.heard[-1][3])

    def spawn(self, counts, timestamp=None, stop_timeout=0.0, host=None, **options):
        self.say("spawn", {"timestamp": timestamp or time.time(), "user_classes_count": counts,
                           "host": host, "stop_timeout": stop_timeout,
                           "parsed_options": options})

    def all(self, kind):
        return [data for _, one, data, _ in list(self.heard) if one == kind]

    def kinds(self, *left_out):
        return [kind for _, kind, _, _ in list(self.heard) if kind not in left_out]

    def wait_for(self, kind, count=1):
        rig.wait_until(lambda: len(self.all(kind)) >= count, f"{count} x {kind}")
        return self.all(kind)[count - 1]

    def forget(self):
        self.heard = self.heard[-1:]
        self.heard[0] = (*self.heard[0][:1], "", None, self.heard[0][3])

    def requests(self):
        return sum(entry["num_requests"] for data in self.all("stats") for entry in data["stats"])

    def end(self):
        self.open = False
        self.thread.join()
        self.context.destroy(linger=0)


class LocustMaster(rig.Program):
    """A real Locust master; its page answers, and no test has been started."""

    def __init__(self, program, file, *arguments, folder):
        self.port, self.web_port = free_port(), free_port()
        self.web = f"http://127.0.0.1:{self.web_port}"
        super().__init__("-f", file, "--master", "--master-bind-host", "127.0.0.1",
                         "--master-bind-port", self.port, "--web-host", "127.0.0.1",
                         "--web-port", self.web_port, *arguments, folder=folder, program=program)
        rig.wait_until(self._page_answers, f"the page of {self.told}")

    def _page_answers(self):
        try:
            return self.state()
        except OSError:
            return None

    def state(self):
        return rig.get_json(self.web + "/stats/requests")

    def swarm(self, users, rate, **more):
        return rig.get_json(self.web + "/swarm", user_count=users, spawn_rate=rate, **more)

    def stop(self):
        assert rig.get_json(self.web + "/stop", now="yes")["success"]

    def requests(self):
        """{name: requests}; the page looks at them every two seconds."""
        return {entry["name"]: entry["num_requests"] for entry in self.state()["stats"]}

    def workers(self):
        return self.state()["workers"]
