#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A TCP relay that delays, stalls or resets what goes through it.

    relay.py PORT HOST TARGET_PORT

Reads orders from standard input, a line each: `delay MS` (each way), `stall`, `flow`, `reset`.
Says `ready` when it listens, and `done` after each order.
"""
import asyncio
import socket
import struct
import sys


class Relay:
    def __init__(self, host, port):
        self.target = (host, port)
        self.delay = 0.0
        self.flows = asyncio.Event()
        self.flows.set()
        self.writers = set()

    async def serve(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        self.writers |= {writer, far_writer}
        await asyncio.gather(self.pump(reader, far_writer), self.pump(far_reader, writer))
        self.writers -= {writer, far_writer}

    async def pump(self, reader, writer):
        """Keeps the delay of each piece however many are on their way."""
        pieces = asyncio.Queue(maxsize=1000)

        async def write():
            loop = asyncio.get_running_loop()
            while True:
                due, piece = await pieces.get()
                await asyncio.sleep(due - loop.time())
                await self.flows.wait()
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
            writer.close()

        writing = asyncio.ensure_future(write())
        try:
            while True:
                piece = await reader.read(65536)
                await pieces.put((asyncio.get_running_loop().time() + self.delay, piece))
                if not piece:
                    break
        except OSError:
            await pieces.put((0, b""))
        await asyncio.gather(writing, return_exceptions=True)

    def reset(self):
        """Ends all connections with RST."""
        for writer in list(self.writers):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                       struct.pack("ii", 1, 0))
            writer.transport.abort()

    def obey(self, order):
        words = order.split()
        if words[0] == "delay":
            self.delay = float(words[1]) / 1000
        elif words[0] == "stall":
            self.flows.clear()
        elif words[0] == "flow":
            self.flows.set()
        elif words[0] == "reset":
            self.reset()
        else:
            sys.exit(f"relay.py: no order {order}")


async def main(port, host, target_port):
    relay = Relay(host, int(target_port))
    server = await asyncio.start_server(relay.serve, "0.0.0.0", int(port))
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    async with server:
        while order := await loop.run_in_executor(None, sys.stdin.readline):
            relay.obey(order)
            print("done", flush=True)


asyncio.run(main(*sys.argv[1:]))
