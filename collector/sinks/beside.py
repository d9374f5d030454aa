"""Work on many samples, in one thread for all sinks.

One at a time: else several sinks that catch up would hold their minutes in memory at once, take the
interpreter from the event loop by turns, and leave their scraps in an arena for each thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_thread = ThreadPoolExecutor(1, thread_name_prefix="sinks")


async def beside(work: Callable[[], T]) -> T:
    """What `work` gives, done beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_thread, work)
