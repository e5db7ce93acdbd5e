"""An order that fails: with asyncio.TaskGroup, `python3 python.py` (3.11 or newer)."""

import asyncio
from contextlib import asynccontextmanager


async def connect():
    raise ConnectionError("connect ECONNREFUSED 10.0.0.7:443")


async def query_prices():
    try:
        await connect()
    except ConnectionError as cause:
        raise RuntimeError("no prices") from cause


async def query_customer():
    return {"name": "Ada"}


async def load_prices():
    for attempt in range(3):
        try:
            return await query_prices()
        except RuntimeError:
            if attempt == 2:
                raise
        await asyncio.sleep(0.01 * 2**attempt)


async def load_cart():
    async with asyncio.TaskGroup() as group:
        prices = group.create_task(load_prices(), name="load_prices")
        customer = group.create_task(query_customer(), name="query_customer")
    return [prices.result(), customer.result()]


async def release_stock():
    raise RuntimeError("the stock was not released")


async def hold_stock():
    try:
        await asyncio.sleep(60)
    finally:
        await release_stock()


async def close_database():
    raise RuntimeError("the database was gone")


@asynccontextmanager
async def database():
    try:
        yield
    finally:
        await close_database()


async def place_order():
    async with database():
        async with asyncio.TaskGroup() as group:
            group.create_task(hold_stock(), name="hold_stock")
            cart = group.create_task(load_cart(), name="load_cart")
        return cart.result()


asyncio.run(place_order())
