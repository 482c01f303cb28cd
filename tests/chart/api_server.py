"""As much of Kubernetes' API as helm asks for, to install, upgrade and roll back: it keeps what it gets."""

import json
from base64 import b64encode
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.chart.rendering import KUBERNETES

Object = dict[str, Any]
_WITH_LENGTH = 2
KINDS = {
    "v1": {
        "secrets": "Secret",
        "configmaps": "ConfigMap",
        "services": "Service",
        "serviceaccounts": "ServiceAccount",
        "namespaces": "Namespace",
    },
    "apps/v1": {"deployments": "Deployment", "statefulsets": "StatefulSet"},
    "batch/v1": {"jobs": "Job", "cronjobs": "CronJob"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
    "networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy", "ingresses": "Ingress"},
    "autoscaling/v2": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
}
OPENAPI = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
PROTOBUF = b"k8s\0"
"""What objects in protobuf begin with: helm sends the secrets so in which it keeps its releases."""
"""What the chart consists of, by group and version, and by the names that paths have for it."""


def merged(whole: Any, patch: Any) -> Any:
    """RFC 7396. A list is replaced as a whole: what is patched here differs in maps."""
    if not isinstance(patch, dict):
        return patch
    found: Object = dict(cast("Object", whole)) if isinstance(whole, dict) else {}
    for name, value in cast("Object", patch).items():
        if value is None:
            found.pop(name, None)
        elif not name.startswith("$"):  # directives of strategic merges, on the order of lists
            found[name] = merged(found.get(name), value)
    return found


class Cluster(dict[str, Object]):
    """The objects by their paths."""

    url = ""

    def kubeconfig(self) -> Object:
        """What points helm here."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "here"}}],
            "clusters": [{"name": "here", "cluster": {"server": self.url}}],
            "users": [{"name": "here", "user": {}}],
        }

    def under(self, path: str, query: dict[str, list[str]]) -> list[Object]:
        """The objects of a kind that the selectors of a request let through."""
        wanted = [one.split("=", 1) for text in query.get("labelSelector", []) for one in text.split(",")]
        named = [text.partition("=")[2] for text in query.get("fieldSelector", [])]
        return [
            found
            for place, found in sorted(self.items())
            if place.rpartition("/")[0] == path
            and all(found["metadata"].get("labels", {}).get(name) == value for name, value in wanted)
            and (not named or found["metadata"]["name"] in named)
        ]


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster: Cluster

    def do_GET(self) -> None:
        """Discovery, one object, or those of a kind, also as a watch that tells of each once."""
        address = urlsplit(self.path)
        path, query = address.path, parse_qs(address.query)
        if path == "/openapi/v2":  # empty: nothing is validated by it
            return self._answer(HTTPStatus.OK, content_type=OPENAPI)
        if (known := discovery(path)) is not None:
            return self._answer(HTTPStatus.OK, known)
        kind = {name: kind for kinds in KINDS.values() for name, kind in kinds.items()}.get(path.rpartition("/")[2])
        if kind is None:
            found = self.cluster.get(path)
            return self._answer(HTTPStatus.OK, found) if found else self._answer(HTTPStatus.NOT_FOUND, missing())
        found = self.cluster.under(path, query)
        if "watch" in query:
            return self._answer(HTTPStatus.OK, *({"type": "ADDED", "object": one} for one in found))
        version = next(version for version, kinds in KINDS.items() if kind in kinds.values())
        listed: Object = {"apiVersion": version, "kind": f"{kind}List", "metadata": {}, "items": found}
        return self._answer(HTTPStatus.OK, listed)

    def do_POST(self) -> None:
        """A new object; 409 where there is one of its name."""
        made = self._body()
        place = f"{urlsplit(self.path).path}/{made['metadata']['name']}"
        if place in self.cluster:
            return self._answer(HTTPStatus.CONFLICT, failure(HTTPStatus.CONFLICT, "AlreadyExists"))
        self.cluster[place] = made
        return self._answer(HTTPStatus.CREATED, made)

    def do_PUT(self) -> None:
        """Another one in its place."""
        self.cluster[urlsplit(self.path).path] = made = self._body()
        self._answer(HTTPStatus.OK, made)

    def do_PATCH(self) -> None:
        """A part of one changed."""
        place, patch = urlsplit(self.path).path, self._body()
        self.cluster[place] = made = merged(self.cluster[place], patch)
        self._answer(HTTPStatus.OK, made)

    def do_DELETE(self) -> None:
        """Gone."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))  # how: at once
        found = self.cluster.pop(urlsplit(self.path).path, None)
        self._answer(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, found or missing())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _body(self) -> Object:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if body.startswith(PROTOBUF):
            return secret_of(body)
        return json.loads(body) if body else {}

    def _answer(self, status: HTTPStatus, *values: Object, content_type: str = "application/json") -> None:
        body = b"\n".join(json.dumps(value).encode() for value in values)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The numbers and contents of those fields of a protobuf message that have a length."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
            if not byte & 0x80:
                return value

    while at < len(message):
        tag = number()
        size = number()  # of a number itself: its value, which nobody asks for here
        if tag & 7 == _WITH_LENGTH:
            yield tag >> 3, message[at : at + size]
            at += size


def entries(found: list[tuple[int, bytes]], wanted: int) -> dict[str, bytes]:
    """A map of a protobuf message."""
    pairs = [dict(fields(content)) for field, content in found if field == wanted]
    return {pair[1].decode(): pair.get(2, b"") for pair in pairs}


def secret_of(body: bytes) -> Object:
    """A secret in protobuf (k8s.io/api/core/v1/generated.proto) as JSON has it."""
    secret = list(fields(dict(fields(body.removeprefix(PROTOBUF)))[2]))
    metadata = list(fields(dict(secret)[1]))
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": dict(metadata)[1].decode(),
            "labels": {name: value.decode() for name, value in entries(metadata, 11).items()},
        },
        "data": {name: b64encode(value).decode() for name, value in entries(secret, 2).items()},
        "type": dict(secret)[3].decode(),
    }


def discovery(path: str) -> Object | None:
    """What there is, if that is what a path asks for."""
    if path == "/version":
        major, minor, _ = KUBERNETES.split(".")
        return {"major": major, "minor": minor, "gitVersion": f"v{KUBERNETES}"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    versions = [one for one in KINDS if one != "v1"]
    if path == "/apis":
        groups = [(one.split("/")[0], {"groupVersion": one, "version": one.split("/")[1]}) for one in versions]
        listed = [{"name": name, "versions": [at], "preferredVersion": at} for name, at in groups]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version not in KINDS:
        return None
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    resources = [
        {"name": name, "singularName": "", "namespaced": name != "namespaces", "kind": kind, "verbs": verbs}
        for name, kind in KINDS[version].items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


def failure(status: HTTPStatus, reason: str) -> Object:
    """An error as Kubernetes tells it."""
    told = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
    return told | {"reason": reason, "message": reason, "code": int(status)}


def missing() -> Object:
    """That it is not there."""
    return failure(HTTPStatus.NOT_FOUND, "NotFound")


@contextmanager
def cluster() -> Generator[Cluster]:
    """An empty one."""
    made = Cluster()
    handler = type("Requests", (_Requests,), {"cluster": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
