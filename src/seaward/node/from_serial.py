"""A serial line -> lines of a feed: an AIS receiver at a port of the computer."""

from __future__ import annotations

import asyncio

import serial

from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.node.lines import Lines

AIS_BAUD = 38_400  # IEC 61162-2: high speed, as AIS receivers talk


class FromSerial:
    """Reads a port, such as `/dev/ttyUSB0`."""

    def __init__(self, device: str, baud: int = AIS_BAUD) -> None:
        self.device, self.baud = device, baud

    async def run(self, intake: Intake, health: Health) -> None:
        try:
            port = await asyncio.to_thread(serial.serial_for_url, self.device, self.baud, timeout=0.2)
        except serial.SerialException as e:
            raise OSError(f"{self.device} cannot be opened: {e}") from e
        lines = Lines()
        try:
            health.connection(True, f"serial {self.device}")
            while True:
                try:
                    data = await asyncio.to_thread(lambda: port.read(max(1, port.in_waiting)))
                except serial.SerialException as e:
                    raise OSError(f"{self.device} was lost: {e}") from e
                intake.offer(lines.cut(data))
        finally:
            port.close()
