"""Numbers, times and units as people read them."""

import datetime as dt
import math

from sources.fields.units import unit as unit  # noqa: PLC0414 - panels find it among the other ways to write numbers

DASH = "\N{EN DASH}"
"""Stands where there is no number."""
MINUS = "\N{MINUS SIGN}"

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_LENGTHS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def number(value: float) -> str:
    """`value` to four significant digits or all those before the point, thousands grouped; a dash where there is none.

    >>> number(12430), number(1234567), number(0.012345), number(-3.14159), number(float("nan"))
    ('12,430', '1.235 M', '0.01235', '\N{MINUS SIGN}3.142', '\N{EN DASH}')
    """
    if math.isnan(value):
        return DASH
    sign, size = (MINUS if value < 0 else ""), abs(value)
    if math.isinf(size):
        return sign + "∞"
    if size >= 1e15 or 0 < size < 1e-4:  # noqa: PLR2004 - past these, plain digits stop being readable
        return f"{sign}{size:.3g}"
    for bound, prefix in _PREFIXES[:-1]:
        if size >= bound:
            return f"{sign}{size / bound:.4g} {prefix}"
    places = max(0, decimals(size))
    text = f"{size:,.{places}f}"
    return sign + (text.rstrip("0").rstrip(".") if places else text)


def decimals(value: float) -> int:
    """After how many decimals `number` rounds; negative for places before the point.

    >>> decimals(84.04), decimals(0.012), decimals(12430), decimals(0)
    (2, 5, -1, 0)
    """
    return 3 - math.floor(math.log10(abs(value))) if value else 0


def plain(value: float) -> str:
    """A float as it came, without the noise of its last bits: twelve digits, nothing grouped, nothing scaled.

    >>> plain(1795387318.25), plain(0.1 + 0.2), plain(57.0), plain(1e300)
    ('1795387318.25', '0.3', '57', '1e+300')
    """
    return f"{value:.12g}"


def signed(value: float) -> str:
    """A change, always with its sign: `+3.2`, `-14` (with a true minus), `±0`."""
    if value == 0:
        return "±0"
    return number(value) if value < 0 or math.isnan(value) else f"+{number(value)}"


def rate(per_second: float) -> str:
    """Events a second, to about two digits.

    >>> rate(1234.5), rate(84.4), rate(0.25), rate(0)
    ('1.2 k/s', '84/s', '0.25/s', '0/s')
    """
    for bound, prefix in _PREFIXES:
        if per_second >= bound:
            size = per_second / bound
            return f"{size:.0f} {prefix}/s" if size >= 10 else f"{size:.1f} {prefix}/s"  # noqa: PLR2004 - two digits
    return f"{per_second:.0f}/s" if per_second >= 10 else f"{per_second:.2g}/s"  # noqa: PLR2004 - two digits


def duration(seconds: float) -> str:
    """A length of time in its two largest units, or in one below a minute.

    >>> duration(0.0842), duration(3.21), duration(42), duration(200), duration(7500), duration(-2)
    ('84 ms', '3.2 s', '42 s', '3 min 20 s', '2 h 5 min', '\N{MINUS SIGN}2 s')
    """
    if seconds < 0:
        return MINUS + duration(-seconds)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:  # noqa: PLR2004 - two digits
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    left = round(seconds)
    parts: list[str] = []
    for length, name in _LENGTHS:
        if left >= length and len(parts) < 2:  # noqa: PLR2004 - two units
            parts.append(f"{left // length} {name}")
            left %= length
    return " ".join(parts)


def clock(us: int, zone: dt.tzinfo, now_us: int) -> str:
    """The time of day in `zone` to the millisecond, with the date where it is not that of `now_us`.

    >>> clock(3_723_004_000, dt.UTC, 0), clock(-1, dt.UTC, 0)
    ('01:02:03.004', '1969-12-31 23:59:59.999')
    """
    moment, now = local(us, zone), local(now_us, zone)
    time = moment.strftime("%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
    return time if moment.date() == now.date() else f"{moment.date().isoformat()} {time}"


def local(us: int, zone: dt.tzinfo) -> dt.datetime:
    """An instant, microseconds since the epoch, in a zone."""
    moment = _EPOCH + dt.timedelta(microseconds=us)
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the first and the last day of the calendar
        return moment
