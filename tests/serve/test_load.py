"""Two hundred at once: all are answered, and nobody waits without end."""

import asyncio

import httpx

from tests.serve.conftest import BASE

CLIENTS = 200


def test_two_hundred_at_once_are_all_answered(app):
    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE, timeout=60) as client:
            answers = await asyncio.gather(*(client.get("/claims") for _ in range(CLIENTS)))
        return [answer.status_code for answer in answers]

    assert set(asyncio.run(ask())) <= {200, 503}
