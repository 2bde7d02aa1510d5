"""Which packages a source needs that are not installed here."""

from importlib.util import find_spec

from sources.protocol import Package, Source


def missing(kind: type[Source]) -> tuple[Package, ...]:
    """Those of its packages that can't be imported; none of them is imported to find out, but for the folders they are in."""
    return tuple(each for each in kind.packages if not _is_there(each.module))


def advice(kind: type[Source]) -> str:
    """What to do about those, for a person; "" where there are none.

    >>> from sources.simulated import Simulated
    >>> advice(Simulated)
    ''
    """
    lacking = " ".join(f'"{each.install}"' for each in missing(kind))
    return f"{kind.title} needs a package that is not installed here: pip install {lacking}" if lacking else ""


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the folder it is in is not there either
        return False
