"""The words that a field's name is made of, and what they usually mean."""

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")

Words = tuple[str, ...]

IDS = frozenset(
    "id ids uid uuid guid key pid ppid tid gid no nr number num imei imsi serial hash isbn ean sku vin mmsi icao iccid"
    " account invoice reference ref token nonce fingerprint checksum signature sha digest mac ssn iban etag cursor".split()
)
"""Last words of a name that tells one thing from another."""

SEQUENCES = frozenset("offset seq sequence lsn index idx ordinal position xid scn revision".split())
"""Numbers that count messages or rows."""

POSTAL = frozenset("zip zipcode postal postcode postalcode plz phone telephone tel mobile msisdn fax ssn barcode upc gtin".split())
"""Digits that are no number."""

CODES = frozenset(
    "status code type port partition errno version vendor class category kind mode flag flags protocol proto vlan"
    " shard bucket method reason cause signal exit enum facility severity priority"
    " weekday dow dayofweek year month quarter week day hour tz".split()
)
"""Whole numbers under these names stand for something."""

LEVELS = frozenset(
    "level state stage phase step channel zone region district group team line lane floor gate slot core node rack unit"
    " sector room site station location ratecode rank grade tier quality qos scope scale gear schema generation"
    " direction alarm ok".split()
)
"""Whole numbers under these names stand for something where there are few of them."""

COUNTED = frozenset(
    "count counts size bytes qty quantity amount total sum retries passengers passenger length len duration latency elapsed"
    " age volume price temperature temp humidity pressure speed distance weight height width power energy voltage current"
    " load usage used free available capacity cost score rating value val reading measurement depth rate ratio pct percent"
    " requests errors hits misses attempts battery memory heap cpu rows items orders stock players visits clicks"
    " points votes likes people occupancy linkquality rssi snr co pm lux illuminance brightness".split()
)
"""Quantities, however few whole values they take."""

AMOUNTS = frozenset(
    "quantity qty amount volume vol fare tip tips toll tolls revenue sales turnover cost costs tax discount fee fees bytes octets size"
    " count counts requests hits misses errors failures retries attempts clicks impressions visits views orders items"
    " units packets messages msgs events passengers passenger rows records tokens bids purchases payments charge"
    " total subtotal delta increment rain rainfall precipitation sold produced consumed downloads uploads drops dropped".split()
)
"""What adds up over events."""

STATES = frozenset(
    "used usage free available active idle open current max min avg mean average median limit capacity threshold memory mem"
    " heap rss resident virtual disk queue queued queue_length pending inflight buffer buffers cache cached swap pool percent pct"
    " ratio rate share load utilization utilisation temperature temp humidity pressure speed velocity price level depth altitude"
    " elevation heading voltage battery brightness target setpoint latency duration elapsed age lag delay response time lead"
    " p signal rssi snr bid ask open high low close weight height threads connections sessions"
    " workers replicas goroutines processes players users size_bytes backlog depth mark index score rating gap"
    " last best stock inventory balance position rpm frequency flow fd fds".split()
)
"""What holds at an instant and does not add up; neither does it count up."""

COUNTERS = frozenset(
    "total totals count counter cumulative cum accumulated uptime sent received recv rx tx in out octets packets errors drops dropped"
    " requests hits misses bytes odometer energy kwh wh reads writes lifetime ticks jiffies restarts completed ctr cnt".split()
)
"""Names that counters often have: less evidence will do."""

AGES = frozenset("uptime age jiffies ticks runtime lifetime".split())
"""Counters of time itself: nothing to look at."""

LATITUDES = frozenset(("lat", "latitude"))
LONGITUDES = frozenset(("lon", "lng", "long", "longitude"))


@lru_cache(maxsize=4096)
def words(name: str) -> Words:
    """The words of a name in lower case, across dots, underscores and capitals.

    >>> words("oven.tempCelsius"), words("order_no"), words("PULocationID"), words("HTTPCode"), words("pm25")
    (('oven', 'temp', 'celsius'), ('order', 'no'), ('pu', 'location', 'id'), ('http', 'code'), ('pm', '25'))
    """
    return tuple(part.lower() for part in _WORD.findall(name))


def last_word(name: str) -> str:
    """The last word of a name that is no number; "" where there is none."""
    return next((word for word in reversed(words(name)) if not word.isdigit()), "")
