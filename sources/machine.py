"""This computer: its processors, memory, disks, network and processes. Real data with nothing to set up."""

from dataclasses import dataclass
from typing import ClassVar

from sources.durations import parse_duration, parse_every
from sources.protocol import Package, Reader, setting

SHORTEST_S, LONGEST_S = 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Machine:
    """Settings of what is measured here."""

    kind: ClassVar[str] = "machine"
    title: ClassVar[str] = "This computer"
    icon: ClassVar[str] = ":material/memory:"
    subject: ClassVar[str] = ""
    packages: ClassVar[tuple[Package, ...]] = (Package("psutil", "psutil>=7"),)

    every: str = setting(
        "1s", "How often to measure, from `0.5s` to `60s`.", label="Measure every", choices=("0.5s", "1s", "5s", "60s")
    )
    processes: bool = setting(
        True,
        "Whether to measure processes too, those of one name together. Their names say what this computer does: they are "
        "shown only where its own user sits before the page, that is where addresses may be typed.",
        label="Processes",
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what is out of range."""
        parse_every(str(self.every), SHORTEST_S, LONGEST_S)

    def open(self) -> Reader:
        """See Source.open. Takes a tenth of a second, for how busy a processor is takes two looks."""
        from sources.machine_reader import MachineReader  # noqa: PLC0415 - psutil is loaded where it is used

        return MachineReader(parse_duration(self.every), processes=self.processes)
