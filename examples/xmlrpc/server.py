# SPDX-License-Identifier: Apache-2.0
"""A small XML-RPC server: server.py [PORT]; port 0 is any free one. Prints where it listens."""
import socketserver
import sys
import xmlrpc.server


class Handler(xmlrpc.server.SimpleXMLRPCRequestHandler):
    rpc_paths = ("/RPC2",)
    protocol_version = "HTTP/1.1"  # connections are kept


class Server(socketserver.ThreadingMixIn, xmlrpc.server.SimpleXMLRPCServer):
    daemon_threads = True


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8877
    with Server(("127.0.0.1", port), Handler, logRequests=False) as server:
        server.register_function(lambda a, b: a + b, "add")
        server.register_function(lambda a, b: a // b, "divide")
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


main()
