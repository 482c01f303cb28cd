"""Lists of the REST API, read to their end."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx

Item = dict[str, Any]


async def pages(client: httpx.AsyncClient, path: str, **params: Any) -> AsyncGenerator[list[Item]]:
    """The items of a list, page by page. Raises httpx.HTTPStatusError."""
    cursor: str | None = None
    while True:
        answer = await client.get(path, params=params | ({"cursor": cursor} if cursor else {}))
        page = answer.raise_for_status().json()
        yield page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


async def all_items(client: httpx.AsyncClient, path: str, **params: Any) -> list[Item]:
    """All items of a list. Raises httpx.HTTPStatusError."""
    return [item async for page in pages(client, path, **params) for item in page]
