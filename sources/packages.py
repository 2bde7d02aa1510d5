"""Which packages a source needs that are not installed here."""

from importlib.util import find_spec

from sources.protocol import Package, Source


def missing(kind: type[Source]) -> tuple[Package, ...]:
    """Those of its packages that can't be imported; none of them is imported to find out, but for the folders they are in."""
    return tuple(each for each in kind.packages if not is_installed(each.module))


def install_command(kind: type[Source]) -> str:
    """What installs them; "" where none is missing.

    >>> from sources.simulated import Simulated
    >>> install_command(Simulated)
    ''
    """
    return " ".join(["pip install", *(f'"{each.install}"' for each in lacking)]) if (lacking := missing(kind)) else ""


def is_installed(module: str) -> bool:
    """Whether it could be imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the folder it is in is not there either
        return False
