"""What the executor and the process of a handler tell each other, a line of JSON each."""

import msgspec

from tasker.run import Facts


class Start(msgspec.Struct, frozen=True):
    """To the process: carry out the handler at `place`. `path` is where modules are looked for."""

    place: str
    facts: Facts
    path: list[str]


class Logged(msgspec.Struct, frozen=True, tag="logged"):
    """From the process: a line of its log."""

    level: int
    message: str


class Progressed(msgspec.Struct, frozen=True, tag="progress"):
    """From the process: how far it has come."""

    done: float
    message: str


class Returned(msgspec.Struct, frozen=True, tag="returned"):
    """From the process: what the handler returned."""

    result: msgspec.Raw


class Raised(msgspec.Struct, frozen=True, tag="raised"):
    """From the process: how the handler failed. `trace` is for the log, empty where the handler says it all."""

    kind: str
    message: str
    retry: bool = True
    result: msgspec.Raw = msgspec.Raw(b"null")
    trace: str = ""


decode_start = msgspec.json.Decoder(Start).decode
decode_told = msgspec.json.Decoder(Logged | Progressed | Returned | Raised).decode
encode = msgspec.json.Encoder().encode
