"""Writes `docs/events.md` and `docs/asyncapi.json` from `shared.events`, so that they cannot say anything else.

`python -m shared.contracts` writes them; a test fails when they are stale.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.events import EVENT_TYPES, STREAMS, AnyEvent, types_on

_DOCS = Path(__file__).parent.parent / "docs"


def documents() -> dict[Path, str]:
    """File → what it must hold."""
    return {
        _DOCS / "events.md": _markdown(),
        _DOCS / "asyncapi.json": json.dumps(_asyncapi(), indent=2, ensure_ascii=False) + "\n",
    }


def _markdown() -> str:
    lines = [
        "# Events",
        "",
        "Generated from `shared/events` by `make docs`. The envelope is CloudEvents 1.0, as JSON in the field",
        "`event` of a Redis stream entry. Readers ignore fields and keep words that they do not know; at a version",
        "that they do not know they wait.",
    ]
    for stream in STREAMS.values():
        lines += ["", f"## Stream `{stream.key}`", "", f"Written by `{stream.writer}`, read by "]
        lines[-1] += ", ".join(f"`{reader}`" for reader in stream.readers) + "."
        for kind in types_on(stream):
            data = _data_of(kind)
            lines += ["", f"### `{_name(kind)}`", "", _first_line(kind), "", f"`{_schema(kind)}`", ""]
            lines += ["| field of `data` | type |", "| --- | --- |"]
            properties = data.model_json_schema()["properties"]
            required = {name for name, field in data.model_fields.items() if field.is_required()}
            for name, schema in properties.items():
                lines.append(f"| `{name}` | {_type(schema)}{'' if name in required else ', optional'} |")
    return "\n".join(lines) + "\n"


def _asyncapi() -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for kind in EVENT_TYPES:
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        messages[kind.__name__] = {"name": _name(kind), "summary": _first_line(kind), "payload": schema}
    channels = {
        stream.name: {
            "address": stream.key,
            "messages": {
                kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in types_on(stream)
            },
        }
        for stream in STREAMS.values()
    }
    operations = {}
    for stream in STREAMS.values():
        channel = {"$ref": f"#/channels/{stream.name}"}
        operations[f"{stream.writer}Writes_{stream.name}"] = {"action": "send", "channel": channel}
        for reader in stream.readers:
            operations[f"{reader}Reads_{stream.name}"] = {"action": "receive", "channel": channel}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Satu Atap: events", "version": "1"},
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _data_of(kind: type[AnyEvent]) -> type[BaseModel]:
    data: type[BaseModel] = kind.model_fields["data"].annotation  # type: ignore[assignment]
    return data


def _name(kind: type[AnyEvent]) -> str:
    return str(kind.model_fields["type"].default)


def _schema(kind: type[AnyEvent]) -> str:
    return str(kind.model_fields["dataschema"].default)


def _first_line(kind: type[AnyEvent]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _type(schema: dict[str, Any]) -> str:
    if "x-extensible-enum" in schema:
        return " or ".join([*(f"`{word}`" for word in schema["x-extensible-enum"]), "a word of a newer release"])
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{word}`" for word in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    return str(schema.get("format", schema.get("type", "any")))


if __name__ == "__main__":
    for file, content in documents().items():
        file.write_text(content, "utf-8")
