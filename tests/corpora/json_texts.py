"""JSON that is odd and right, that is wrong, and that parsers differ on (RFC 8259); each with what it is called."""

from typing import Final

DEEP: Final = 200
TOO_DEEP: Final = 100_000

VALID: Final[dict[str, bytes]] = {
    **{f"literal {text}": text.encode() for text in ("null", "true", "false")},
    **{
        f"number {text}": text.encode()
        for text in (
            *("0", "-0", "-1", "0.1", "-0.0", "1e0", "1E+2", "1e-2", "123456789012345678", "9007199254740993"),
            *("9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616"),
            *("-9223372036854775809", "1" * 40, "1.7976931348623157e308", "5e-324", "2.2250738585072014E-308"),
            *("0.1000000000000000055511151231257827", "1e-400", "100000000000000000000.5"),
        )
    },
    "empty object": b"{}",
    "empty array": b"[]",
    "empty text": b'""',
    "blanks around": b" \t\r\n[ 1 , 2 ]\n",
    "nested arrays": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "wide array": b"[" + b",".join([b"0"] * 5_000) + b"]",
    "wide object": b"{" + b",".join(b'"%d":0' % n for n in range(3_000)) + b"}",
    "all escapes": rb'"\"\\\/\b\f\n\r\t\u0041"',
    "escaped control characters": rb'"\u0000\u0001\u001f\u007f\u0080"',
    "escaped pair of surrogates": rb'"\ud83d\ude00"',
    "noncharacters": '"\ufffe\uffff\U0010ffff"'.encode(),
    "line separators": '"\u2028\u2029"'.encode(),
    "delete character": b'"\x7f"',
    "operators as keys": b'{"$set": {"$where": "1"}, "$": 1, "$ref": "#/a", "$oid": "0"}',
    "paths as keys": b'{"a.b": 1, ".": 2, "a": {"b.c.$": 3}, "": 4, "/": 5, "~0": 6}',
    "prototype": b'{"__proto__": {"x": 1}, "constructor": {"prototype": 2}, "toString": null}',
    "keys with escapes": rb'{"\u0000": 1, "\n": 2, "\"": 3}',
    "names of messages": b'{"type": "cancel", "task_id": "x", "run_id": "y", "payload": {"payload": 1}}',
}
INVALID: Final[dict[str, bytes]] = {
    "nothing": b"",
    "blanks": b"  ",
    "open array": b"[1",
    "open object": b'{"a": 1',
    "open text": b'"a',
    "comma at the end": b"[1,]",
    "comma at the end of an object": b'{"a":1,}',
    "only a comma": b"[,]",
    "two values": b"1 2",
    "no colon": b'{"a" 1}',
    "single quotes": b"'a'",
    "no quotes": b"{a: 1}",
    "comment": b"/* a */ 1",
    "comment of a line": b"1 // a",
    **{f"not {text}": text.encode() for text in ("NaN", "Infinity", "-Infinity", "True", "None", "undefined", "nul")},
    **{f"number {text}": text.encode() for text in ("01", "+1", ".5", "1.", "1e", "1e+", "0x1F", "1_000", "--1", "-")},
    "escape of none": rb'"\x41"',
    "escape that ends": rb'"\u00',
    "escape of no hexadecimal": rb'"\u00zz"',
    "raw line break": b'"a\nb"',
    "raw null": b'"a\x00b"',
    "no UTF-8": b'"\xff\xfe"',
    "overlong UTF-8": b'"\xc0\x80"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "cut UTF-8": b'"\xe2\x82"',
    "UTF-16": '"a"'.encode("utf-16"),
    "too deep": b"[" * TOO_DEEP + b"]" * TOO_DEEP,
    "too deep and open": b'{"a":' * TOO_DEEP,
}
EITHER: Final[dict[str, bytes]] = {
    "byte order mark": b"\xef\xbb\xbf1",
    "lone high surrogate": rb'"\ud800"',
    "lone low surrogate": rb'"\udc00"',
    "surrogates the wrong way round": rb'"\udc00\ud800"',
    "lone surrogate as a key": rb'{"\ud800": 1}',
    "too large a number": b"1e400",
    "too large a number below zero": b"-1e400",
    "number of many digits": b"9" * 5_000,
    "the same key twice": b'{"a": 1, "a": 2}',
    "fairly deep": b"[" * 2_000 + b"]" * 2_000,
}
"""What may be taken or refused, but not changed in silence."""
