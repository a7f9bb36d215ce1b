"""A client of PyTAK: prints the events that it gets; says one of its own where it is told to. Run by the environment of `software.py`."""

import asyncio
import sys
from configparser import ConfigParser

import pytak


async def main(url: str, say: str) -> None:
    config = ConfigParser()
    config["seen"] = {"COT_URL": url}
    section = config["seen"]
    rx, tx = asyncio.Queue(), asyncio.Queue()
    reader, writer = await pytak.protocol_factory(section)
    workers = [pytak.RXWorker(rx, section, reader), pytak.TXWorker(tx, section, writer)]
    tasks = [asyncio.create_task(w.run()) for w in workers]
    if say:
        event = pytak.gen_cot(lat=-12.5, lon=-77.5, ce=10, hae=0, le=10, uid=say, stale=600, cot_type="a-f-S-X")
        await tx.put(event)
    while True:
        print((await rx.get()).decode().replace("\n", " "), flush=True)
        assert not any(t.done() for t in tasks)


asyncio.run(main(*sys.argv[1:3]))
