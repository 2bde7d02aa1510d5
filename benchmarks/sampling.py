"""Where one thread of a running Python process spends its time, sampled from outside by py-spy."""

import collections
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HZ = 50
"""Each sample stops the process for some milliseconds."""
TOP = 10
NATIVE = ("orjson", "pyarrow", "numpy", "crc32c")
"""Compiled packages that are told apart from the Python code that calls them."""
COLLECTOR = "gc_collect_main"
_FRAME = re.compile(r"(?P<function>.*) \((?P<file>[^()]*?)(:\d+)?\)")


class Sampling:
    """Samples the process while the block runs.

    Each sample belongs to the innermost frame that is the garbage collector's, a compiled package's, `kafka`'s or our own; what
    the standard library or the interpreter does is charged to whoever asked for it. Of a thread that waits no sample is taken.

    gil  count only the samples in which the thread holds the interpreter's lock
    """

    def __init__(self, pid: int, thread: str, *, gil: bool) -> None:
        py_spy = str(Path(sys.executable).with_name("py-spy"))
        self._command = [py_spy, "record", f"--pid={pid}", f"--rate={HZ}", "--format=raw", "--threads", "--native"]
        self._command += ["--gil"] if gil else []
        self._thread = thread
        self._stacks: collections.Counter[str] = collections.Counter()

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="pulseboard-sampling-")
        self._out = Path(self._folder.name) / "stacks"
        self._process = subprocess.Popen(
            [*self._command, f"--output={self._out}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._folder:
            self._process.send_signal(signal.SIGINT)  # it then writes what it has
            self._process.wait()
            for line in self._out.read_text().splitlines():
                stack, _, samples = line.rpartition(" ")
                if stack.partition(";")[0].endswith(f": {self._thread}"):
                    self._stacks[stack] += int(samples)

    def figures(self) -> dict[str, Any]:
        """The share of the thread's samples by package, our own code by module, and the functions with most of them."""
        packages: collections.Counter[str] = collections.Counter()
        functions: collections.Counter[str] = collections.Counter()
        for stack, samples in self._stacks.items():
            package, function = _owner(stack.split(";")[1:])
            packages[package] += samples
            functions[f"{package}: {function}" if function else package] += samples
        total = max(1, packages.total())
        return {
            "thread": self._thread,
            "samples": packages.total(),
            "share_by_package": {name: round(count / total, 3) for name, count in packages.most_common()},
            "top_functions": {name: round(count / total, 3) for name, count in functions.most_common(TOP)},
        }


def _owner(frames: list[str]) -> tuple[str, str]:
    """The package, or our own module, to which a stack's innermost moment belongs, and the function there."""
    for frame in reversed(frames):
        found = _FRAME.fullmatch(frame)
        if found is None:
            continue
        function, file = found["function"], found["file"]
        package = file.partition("/")[0]
        if function == COLLECTOR:
            return "garbage collector", ""
        if package in NATIVE:
            return package, ""
        if package == "kafka":
            return package, function
        if package in ("sources", "state", "views"):
            return file.removesuffix(".py").replace("/", "."), function
    return "interpreter", ""
