"""Make the pictures of the README and the docs: `python docs/pictures.py`. Each is measured when it is made."""

import threading
import time
from pathlib import Path

from rtlab import AdaptivePolling, Lab, LongPolling, ServerSentEvents, ShortPolling, WebSocket, pace

HERE = Path(__file__).parent
EVENTS = (0.75, 1.45, 1.6, 2.62, 3.1)  # seconds
END = 4.0


def five_ways(delay: float = 0.1) -> None:
    """The same five events, read by five techniques at once over a path with this one-way delay."""
    with Lab(delay) as lab:
        url = lab.channel("news")
        readers = [
            ShortPolling(url, interval=0.5),
            AdaptivePolling(url, pace=pace.Backoff(0.3, 1.2, 2.0)),
            LongPolling(url),
            ServerSentEvents(url),
            WebSocket(url),
        ]
        threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for at in EVENTS:
            time.sleep(max(0.0, begin + at - time.monotonic()))
            lab.publish("news", at)
        time.sleep(max(0.0, begin + END - time.monotonic()))
        lab.space_time("news", title="Five ways to learn of the same five events").save(
            HERE / "five_ways.png"
        )
        for reader in readers:
            reader.close()
        for thread in threads:
            thread.join()


def read(reader) -> None:
    """Read until closed."""
    with reader:
        for _event in reader.events():
            pass


if __name__ == "__main__":
    five_ways()
