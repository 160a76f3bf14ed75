"""Python's `websockets` as server (`server PORT`) and as client through a proxy
(`client PORT PROXY-PORT USER PASSWORD`). What both do is in
websockets_nightly.ts."""

import re
import sys
import threading

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import serve

PIECE = 64 * 1024
SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_000_000]
COUNT = 1600


def answer(socket):
    try:
        for message in socket:
            flood = isinstance(message, str) and re.fullmatch(r"flood (\d+)", message)
            if not flood:
                socket.send(message)
                continue
            left = [0]
            tell = lambda: print(f"left={left[0]}", flush=True)
            threading.Timer(1.5, tell).start()
            for at in range(int(flood[1])):
                socket.send(bytes([at & 255]) * PIECE)
                left[0] += PIECE
    except ConnectionClosed:
        pass


def ask(port, proxy_port, user, password):
    proxy = f"http://{user}:{password}@127.0.0.1:{proxy_port}"
    uri = f"ws://site.test:{port}/"
    with connect(uri, proxy=proxy, compression=None, max_size=None) as socket:
        for size in SIZES:
            socket.send("ä" * size)
            assert socket.recv() == "ä" * size, size
            socket.send(bytes([size & 255]) * size)
            assert socket.recv() == bytes([size & 255]) * size, size
        # It reads ahead a few messages, and then no more until they are taken.
        socket.send(f"flood {COUNT}")
        print("paused", flush=True)
        sys.stdin.readline()
        for at in range(COUNT):
            assert socket.recv() == bytes([at & 255]) * PIECE, at
        socket.close(4000, "bye")
        assert (socket.close_code, socket.close_reason) == (4000, "bye")


if sys.argv[1] == "server":
    with serve(
        answer, "127.0.0.1", int(sys.argv[2]), compression=None, max_size=None
    ) as server:
        print("listening", flush=True)
        server.serve_forever()
else:
    ask(*sys.argv[2:])
