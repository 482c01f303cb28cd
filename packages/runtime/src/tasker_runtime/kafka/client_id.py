"""By which name the clients of a service are known to Kafka: `tasker-<service>@<version>@<host>-<pid>[@<instance id>]`.

Kafka tells it of each member of a group, and in the broker's logs and quotas.
"""

import os
import re
import socket
from importlib.metadata import version
from typing import Final, NamedTuple

_CLIENT_ID: Final = re.compile(r"tasker-([a-z-]{1,32})@([^@]{1,64})@([^@]{1,128})(?:@([^@]{1,128}))?")


class ServiceInstance(NamedTuple):
    """One process of a service: the version of its software, and `<host>-<pid>`.

    `instance_id` is what it has in common with the process before it, in whose place it is; None: nothing.
    """

    service: str
    version: str
    name: str
    instance_id: str | None = None


def this_instance(service: str, instance_id: str | None = None) -> ServiceInstance:
    """This process."""
    host = socket.gethostname()
    return ServiceInstance(service, version("tasker-runtime"), f"{host}-{os.getpid()}", instance_id)


def client_id_of(instance: ServiceInstance) -> str:
    """The name of its clients."""
    name = f"tasker-{instance.service}@{instance.version}@{instance.name}"
    return name if instance.instance_id is None else f"{name}@{instance.instance_id}"


def parse_client_id(text: str) -> ServiceInstance | None:
    """The process behind a client; None for those of others, and of earlier releases."""
    match = _CLIENT_ID.fullmatch(text)
    return None if match is None else ServiceInstance(*match.groups())
