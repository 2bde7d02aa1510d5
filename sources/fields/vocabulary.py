"""What the words of field names usually mean. General words only: none is of one feed."""

from sources.fields.words import listed

IDS = listed(
    "id ids uid uuid guid key pid ppid tid gid no nr number num imei imsi serial hash isbn ean sku vin mmsi icao iccid"
    " account invoice reference ref token nonce fingerprint checksum signature sha digest mac ssn iban etag cursor bin"
)
"""Last words of a name that tells one thing from another."""

SEQUENCES = listed("offset seq sequence lsn xid scn revision")
"""Numbers that count messages or rows."""

POSTAL = listed("zip zipcode postal postcode postalcode plz phone telephone tel mobile msisdn fax ssn barcode upc gtin")
"""Digits that are no number."""

CODES = listed(
    "status code type port partition errno version vendor class category kind mode flag flags protocol proto vlan"
    " shard bucket method reason cause signal exit enum facility severity priority"
    " namespace weekday dow dayofweek timezone year month quarter week day hour tz"
)
"""Whole numbers under these names stand for something."""

LEVELS = listed(
    "level state stage phase step channel zone region district group team line lane floor gate slot core node rack unit"
    " sector room site station location rank grade tier quality qos scope scale gear tariff schema generation"
    " direction alarm ok index idx"
)
"""Whole numbers under these names stand for something where there are few of them."""

SETTINGS = listed("interval period step resolution scale ttl timeout version precision rate sample_rate")
"""Numbers that somebody set, if they never change."""

COUNTED = listed(
    "min max avg mean minimum maximum average count counts size bytes qty quantity amount total sum retries passengers passenger length len duration latency elapsed"
    " age volume price temperature temp humidity pressure speed distance weight height width power energy voltage current"
    " load usage used free available capacity cost score rating value val reading measurement depth rate ratio pct percent"
    " requests errors hits misses attempts battery memory heap rows items orders stock players visits clicks"
    " points votes likes people occupancy linkquality rssi snr co pm lux illuminance brightness diameter radius altitude wind gust area"
)
"""Quantities, however few whole values they take."""

AMOUNTS = listed(
    "quantity qty amount volume vol fare tip tips toll tolls revenue sales turnover cost costs tax discount fee fees bytes octets size"
    " count counts requests hits misses errors failures retries attempts clicks impressions visits views orders items"
    " units packets messages msgs events passengers passenger rows records tokens bids purchases payments charge"
    " total subtotal spend delta increment rain rainfall precipitation sold produced consumed downloads uploads drops dropped"
)
"""What adds up over events."""

STATES = listed(
    "used usage free available active idle open current max min avg mean average median limit capacity threshold memory mem"
    " heap rss resident virtual disk queue queued queue_length pending inflight buffer buffers cache cached swap pool percent pct"
    " ratio rate share load utilization utilisation temperature temp humidity pressure speed velocity price level depth altitude"
    " elevation heading voltage battery brightness target setpoint latency duration elapsed age lag delay lead"
    " p signal rssi snr bid ask open high low close weight height threads connections sessions"
    " workers replicas goroutines processes players users size_bytes backlog depth mark index score rating gap"
    " last best stock inventory balance position rpm frequency flow fd fds"
)
"""What holds at an instant and does not add up; neither does it count up."""

COUNTERS = listed(
    "total totals count counter cumulative cum accumulated uptime sent received recv rx tx in out octets packets errors drops dropped"
    " requests hits misses bytes odometer energy kwh wh reads writes lifetime ticks jiffies restarts completed ctr cnt"
)
"""Names that counters often have: less evidence will do."""

AGES = listed("uptime age jiffies ticks runtime lifetime")
"""Counters of time itself: nothing to look at."""

LATITUDES = frozenset(("lat", "latitude"))
LONGITUDES = frozenset(("lon", "lng", "long", "longitude"))

TIME_WORDS = listed(
    "time timestamp ts datetime date epoch at when utc start end begin updated created expires seen modified deadline since until"
)
TIME_ENDINGS = ("time", "timestamp", "date")
"""Words, and endings of words, that say time."""
