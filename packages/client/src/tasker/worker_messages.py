"""The messages between the executor and the process of a handler, a line of JSON each."""

import msgspec

from tasker.run import AttemptSpec


class StartMessage(msgspec.Struct, frozen=True):
    """To the process: carry out the handler at `import_path`. `path` is where modules are looked for."""

    import_path: str
    spec: AttemptSpec
    path: list[str]


class LogMessage(msgspec.Struct, frozen=True, tag="logged"):
    """From the process: a line of its log."""

    level: int
    message: str


class ProgressMessage(msgspec.Struct, frozen=True, tag="progress"):
    """From the process: how far it has come."""

    done: float
    message: str


class ResultMessage(msgspec.Struct, frozen=True, tag="returned"):
    """From the process: what the handler returned."""

    result: msgspec.Raw


class ErrorMessage(msgspec.Struct, frozen=True, tag="raised"):
    """From the process: how the handler failed. `trace` is for the log, empty where the handler says it all."""

    kind: str
    message: str
    retry: bool = True
    result: msgspec.Raw = msgspec.Raw(b"null")
    trace: str = ""


decode_start = msgspec.json.Decoder(StartMessage).decode
decode_answer = msgspec.json.Decoder(LogMessage | ProgressMessage | ResultMessage | ErrorMessage).decode
_encode = msgspec.json.Encoder().encode


def encode(message: StartMessage | LogMessage | ProgressMessage | ResultMessage | ErrorMessage) -> bytes:
    """A message as JSON; half of a surrogate pair, which that cannot hold, becomes a question mark."""
    try:
        return _encode(message)
    except UnicodeEncodeError:
        texts = {name: text for name in message.__struct_fields__ if isinstance(text := getattr(message, name), str)}
        legible = {name: text.encode(errors="replace").decode() for name, text in texts.items()}
        return _encode(msgspec.structs.replace(message, **legible))
