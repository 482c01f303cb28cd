"""`auth`, `proxy` and `tls` of a call: what is refused, where, and with which way out."""

from typing import Any

import pytest

from tasker_core.handlers.built_in import payload_errors

URL = "https://a.example/"
OAUTH2: dict[str, Any] = {"token_url": "https://id.example/token", "client_id": "me", "client_secret": "secret://s"}


def wrong(**more: Any) -> list[tuple[str, str]]:
    found = payload_errors("http", {"url": URL} | more)
    return [(error.pointer.removeprefix("/payload"), error.message) for error in found]


@pytest.mark.parametrize(
    "more",
    [
        {"auth": {"basic": {"user": "me", "password": "secret://pw"}}},
        {"auth": {"basic": {"user": "secret://user", "password": "secret://pw"}}},
        {"auth": {"bearer": "secret://token"}},
        {"auth": {"oauth2": OAUTH2}},
        {"auth": {"oauth2": OAUTH2 | {"scope": "a b:c", "audience": "https://api/", "client_auth": "post"}}},
        {"proxy": "http://proxy:3128"},
        {"proxy": "http://me:secret://pw@proxy.example:3128/"},
        {"tls": {"ca": "secret://ca", "certificate": "secret://tls.crt", "key": "secret://tls.key"}},
        {"tls": {"certificate": "secret://pem", "server_name": "inner.example"}},
    ],
)
def test_good_ones(more: dict[str, Any]) -> None:
    assert wrong(**more) == []


@pytest.mark.parametrize(
    ("more", "pointer", "words"),
    [
        ({"auth": {}}, "/auth", "exactly one of basic, bearer, oauth2"),
        ({"auth": {"bearer": "secret://a", "oauth2": OAUTH2}}, "/auth", "exactly one"),
        ({"auth": {"bearer": "abc"}}, "/auth/bearer", "secret://name"),
        ({"auth": {"basic": {"user": "a"}}}, "/auth/basic/password", "required"),
        ({"auth": {"basic": {"user": "a", "password": "plain"}}}, "/auth/basic/password", "never travels"),
        ({"auth": {"basic": {"user": "a:b", "password": "secret://p"}}}, "/auth/basic/user", "colon"),
        ({"auth": {"basic": {"user": "a\n", "password": "secret://p"}}}, "/auth/basic/user", "control"),
        ({"auth": {"digest": {}}}, "/auth/digest", "unknown field"),
        ({"auth": {"oauth2": OAUTH2 | {"token_url": "id.example"}}}, "/auth/oauth2/token_url", ""),
        ({"auth": {"oauth2": OAUTH2 | {"token_url": "https://a:b@id/"}}}, "/auth/oauth2/token_url", "client_id"),
        ({"auth": {"oauth2": OAUTH2 | {"client_secret": "s"}}}, "/auth/oauth2/client_secret", "secret://name"),
        ({"auth": {"oauth2": OAUTH2 | {"scope": 'a "b"'}}}, "/auth/oauth2/scope", "RFC 6749"),
        ({"auth": {"oauth2": OAUTH2 | {"client_auth": "jwt"}}}, "/auth/oauth2/client_auth", ""),
        ({"auth": {"oauth2": OAUTH2 | {"client_id": "ü"}}}, "/auth/oauth2/client_id", "ASCII"),
        ({"auth": {"bearer": "secret://a"}, "headers": {"authorization": "x"}}, "/headers/authorization", "or auth"),
        ({"auth": {"bearer": "secret://a"}, "url": "https://u:p@a/"}, "/auth", "in the URL"),
        ({"proxy": "socks5://proxy:1080"}, "/proxy", "http"),
        ({"proxy": "https://proxy:3128"}, "/proxy", "must be http://"),
        ({"proxy": "http://proxy/path"}, "/proxy", "no path"),
        ({"proxy": "proxy:3128"}, "/proxy", ""),
        ({"tls": {"verify": False}}, "/tls/verify", "tls.ca"),
        ({"tls": {"insecure": True}}, "/tls/insecure", "tls.ca"),
        ({"tls": {"ca": "-----BEGIN CERTIFICATE-----"}}, "/tls/ca", "secret://name"),
        ({"tls": {"key": "secret://k"}}, "/tls/key", "certificate"),
        ({"tls": {"server_name": "a b"}}, "/tls/server_name", ""),
        ({"tls": {"server_name": "a\r\nb"}}, "/tls/server_name", ""),
        ({"tls": {"ca": "secret://ca"}, "url": "http://a/"}, "/tls", "https://"),
        ({"tls": True}, "/tls", "must be an object"),
    ],
)
def test_wrong_ones_say_where_and_what_to_do(more: dict[str, Any], pointer: str, words: str) -> None:
    ((place, message),) = wrong(**more)
    assert place == pointer
    assert words in message
