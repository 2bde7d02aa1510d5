"""OpenTelemetry's metrics as OTLP writes them in JSON; a row for each data point.

From https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: 64-bit numbers are text there, enumerations numbers.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sources.formats import json
from sources.formats.format import Document, Format
from sources.formats.labels import MEASUREMENT, with_labels
from sources.formats.spread import spread

KINDS = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponentialHistogram": "histogram",
    "summary": "summary",
}
_DELTA = (1, "1", "AGGREGATION_TEMPORALITY_DELTA")
_CUMULATIVE = (2, "2", "AGGREGATION_TEMPORALITY_CUMULATIVE")
_OWN = (*MEASUREMENT, "unit", "count", "sum", "min", "max")


def rows(message: bytes) -> Sequence[Document]:
    """See Rows. A cumulative sum that only rises is a `counter`, one of increments a `delta`; `time` in whole nanoseconds."""
    document = json.parse(message)
    if type(document) is not dict or type(document.get("resourceMetrics")) is not list:
        raise ValueError("not OTLP metrics: no resourceMetrics")
    try:
        return spread([make for each in document["resourceMetrics"] for make in _resource(each)])
    except (AttributeError, TypeError, KeyError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"not OTLP metrics: not the structure they have ({error})") from None


def _resource(resource: Mapping[str, Any]) -> Iterator[Callable[[], Document]]:
    attributes = _attributes((resource.get("resource") or {}).get("attributes"))
    for scope in resource.get("scopeMetrics") or resource.get("instrumentationLibraryMetrics") or ():
        for metric in scope.get("metrics") or ():
            kind = next((each for each in KINDS if each in metric), None)
            if kind is None:
                continue
            data = metric[kind]
            own = {"metric": metric["name"], "type": _type(kind, data)}
            unit = {"unit": metric["unit"]} if metric.get("unit") else {}
            for point in data.get("dataPoints") or ():
                row = own | _values(kind, point) | unit
                if "timeUnixNano" in point:
                    row["time"] = int(point["timeUnixNano"])
                yield partial(_row, row, attributes, _attributes(point.get("attributes")))


def _row(row: Document, shared: Document, own: Document) -> Document:
    return with_labels(row, shared | own, _OWN)


def _type(kind: str, data: Mapping[str, Any]) -> str:
    if kind == "sum":
        temporality = data.get("aggregationTemporality")
        if temporality in _DELTA:
            return "delta"
        if temporality in _CUMULATIVE and data.get("isMonotonic"):
            return "counter"
    return KINDS[kind]


def _values(kind: str, point: Mapping[str, Any]) -> Document:
    if kind in ("gauge", "sum"):
        if "asInt" in point:
            return {"value": int(point["asInt"])}
        return {"value": _number(point.get("asDouble"))}
    values = {name: _number(point[name]) for name in ("count", "sum", "min", "max") if name in point}
    for each in point.get("quantileValues") or ():
        values[f"quantile.{each.get('quantile', 0)}"] = _number(each.get("value"))
    return values


def _number(value: Any) -> float | None:
    if type(value) is str:
        value = float(value) if not value.lstrip("+-").isdigit() else int(value)
    return value if value is None or math.isfinite(value) else None


def _attributes(pairs: Any) -> Document:
    return {str(each["key"]): _value(each.get("value") or {}) for each in pairs or ()}


def _value(value: Mapping[str, Any]) -> Any:
    """The JSON value that an AnyValue stands for."""
    for kind, each in value.items():
        match kind:
            case "intValue":
                return int(each)
            case "doubleValue":
                return _number(each)
            case "arrayValue":
                return [_value(item) for item in each.get("values") or ()]
            case "kvlistValue":
                return _attributes(each.get("values"))
            case _:
                return each
    return None


FORMAT = Format("otlp", "OpenTelemetry metrics", rows, broader="json")
