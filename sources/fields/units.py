"""The units that field names and unit fields tell, as they are written on an axis."""

from sources.fields.words import words

_BY_WORD = {
    "ns": "ns", "us": "µs", "ms": "ms", "s": "s", "sec": "s", "secs": "s", "seconds": "s", "minutes": "min",
    "hours": "h", "millis": "ms", "milliseconds": "ms", "microseconds": "µs", "nanoseconds": "ns", "nanos": "ns",
    "pct": "%", "percent": "%", "percentage": "%",
    "bytes": "B", "kb": "kB", "mb": "MB", "gb": "GB", "kib": "KiB", "mib": "MiB", "gib": "GiB", "tb": "TB",
    "bps": "bit/s", "kbps": "kbit/s", "mbps": "Mbit/s",
    "c": "°C", "celsius": "°C", "f": "°F", "fahrenheit": "°F", "kelvin": "K",
    "hz": "Hz", "khz": "kHz", "mhz": "MHz", "ghz": "GHz", "hertz": "Hz", "rpm": "1/min", "bpm": "1/min",
    "rps": "1/s", "qps": "1/s", "mps": "m/s",
    "v": "V", "volt": "V", "volts": "V", "mv": "mV", "kv": "kV",
    "amp": "A", "amps": "A", "amperes": "A", "ma": "mA", "ohms": "Ω",
    "w": "W", "watt": "W", "watts": "W", "kw": "kW", "mw": "MW", "wh": "Wh", "kwh": "kWh", "mwh": "MWh",
    "kva": "kVA", "kvar": "kvar", "joules": "J", "kj": "kJ", "kcal": "kcal",
    "pa": "Pa", "hpa": "hPa", "kpa": "kPa", "mbar": "mbar", "bar": "bar", "psi": "psi", "pascals": "Pa",
    "mm": "mm", "cm": "cm", "km": "km", "meters": "m", "metres": "m", "miles": "mi", "ft": "ft", "feet": "ft",
    "kmh": "km/h", "kph": "km/h", "mph": "mph", "kn": "kn", "kt": "kn", "kts": "kn", "knots": "kn",
    "g": "g", "grams": "g", "mg": "mg", "kg": "kg", "lbs": "lb", "db": "dB", "dbm": "dBm", "dba": "dBA",
    "ppm": "ppm", "ppb": "ppb", "lux": "lx", "lumens": "lm", "deg": "°", "degrees": "°",
    "liters": "l", "litres": "l", "ml": "ml", "m3": "m³",
    "usd": "USD", "eur": "EUR", "gbp": "GBP", "jpy": "JPY", "chf": "CHF", "cents": "ct",
}  # fmt: skip
"""Unit by the last word of a field name, where that word hardly means anything else."""

_BY_ENDING = {
    "km_h": "km/h", "m_s": "m/s", "deg_c": "°C", "deg_f": "°F", "ug_m3": "µg/m³", "w_m2": "W/m²", "m3": "m³", "m3_h": "m³/h",
    "l_min": "l/min", "l_h": "l/h", "per_second": "1/s", "per_sec": "1/s", "per_minute": "1/min", "bits_s": "bit/s", "bytes_s": "B/s",
}  # fmt: skip
"""Units of several words; what stands before them ends in an underscore."""

_BY_SYMBOL = {
    "by": "B", "byte": "B", "b": "B", "kiby": "KiB", "miby": "MiB", "giby": "GiB", "cel": "°C", "degc": "°C", "degf": "°F",
    "second": "s", "millisecond": "ms", "microsecond": "µs", "nanosecond": "ns", "minute": "min", "min": "min",
    "hour": "h", "h": "h", "d": "d", "μs": "µs", "1": "", "none": "", "count": "", "number": "", "null": "",
    "ug/m3": "µg/m³", "m3/h": "m³/h", "k": "K", "a": "A", "m": "m",
}  # fmt: skip
"""What unit fields hold that no field name ends in: UCUM's codes, as OpenTelemetry uses them, and words in the singular."""

_LONG_FIRST = sorted((f"_{ending}" for ending in _BY_ENDING), key=len, reverse=True)
_ENDS = frozenset(("total", "count", "sum", "avg", "mean", "average", "max", "min", "last", "value", "median", "std"))
"""Last words that say what was done with a quantity, not which one it is."""
_ANYWHERE = 4
"""A unit's word of so many letters is one wherever it stands: `bytes_sent`."""
_LONGEST = 12
"""A longer text in a unit field is no unit."""


def unit(field: str) -> str:
    """The unit that a field's name tells; "" where it tells none.

    >>> unit("latency_ms"), unit("oven.tempCelsius"), unit("cpu_pct"), unit("price"), unit("s")
    ('ms', '°C', '%', '', '')
    >>> unit("http_request_seconds_total"), unit("bytes_sent"), unit("wind_avg_km_h"), unit("payload.bytes")
    ('s', 'B', 'km/h', 'B')
    """
    lower = field.lower()
    for ending in _LONG_FIRST:
        if lower.endswith(ending):
            return _BY_ENDING[ending[1:]]
    said = words(field)
    while len(said) > 1 and (said[-1] in _ENDS or said[-1].isdigit() or _is_percentile(said[-1])):
        said = said[:-1]
    if "per" in said:  # what is counted a second is in no unit of time, whatever was made of it
        return ""
    if len(said) > 1 and said[-1] in _BY_WORD:
        return _BY_WORD[said[-1]]
    own = words(field.rsplit(".", 1)[-1])
    return next((_BY_WORD[word] for word in own if len(word) > _ANYWHERE and word in _BY_WORD), "")


def written_unit(text: str) -> str:
    """The unit that a unit field says in so many letters; "" for what is none.

    >>> written_unit("By"), written_unit("Seconds"), written_unit("{requests}"), written_unit("1"), written_unit("m/s")
    ('B', 's', '', '', 'm/s')
    """
    text = text.strip()
    known = _BY_SYMBOL.get(text.lower())
    if known is None:
        known = _BY_WORD.get(text.lower()) if len(text) > 1 and (text.islower() or len(text) > _ANYWHERE) else None
    if known is not None:
        return known
    return "" if not text or text.startswith("{") or len(text) > _LONGEST else text


def _is_percentile(word: str) -> bool:
    return word[0] == "p" and word[1:].isdigit()
