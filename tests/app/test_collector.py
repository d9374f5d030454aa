"""The collector when parts of it fail."""

import asyncio

from collector.errors import StoreError
from tests.support.nodes import make_home, running


def causes(collector):
    """The problems that the health names, but for hints about the configuration."""
    problems = collector.feed.health().health.problems
    return [problem for problem in problems if "registry.toml" not in problem]


async def test_failing_ticks_do_not_end_the_collecting(tmp_path, monkeypatch):
    """Ticks that fail by a fault of ours are said and make the collector not well; what was taken
    is journaled all the same, and when they succeed again everything is as before."""
    async with running(make_home(tmp_path)) as node:
        await node.ticks(2)
        collector = node.collector
        real = collector.parts.own.add

        def fail(*_):
            raise KeyError("label")

        monkeypatch.setattr(collector.parts.own, "add", fail)
        head = collector.parts.journal.head
        async with asyncio.timeout(10):
            await collector.parts.journal.wait_beyond(head + 1)
        health = collector.feed.health()
        assert not health.ok
        assert "KeyError: 'label'" in health.health.problems[0]
        monkeypatch.setattr(collector.parts.own, "add", real)
        await node.ticks(2)
        assert collector.feed.health().ok
        assert causes(collector) == []
    assert node.task.done()


async def test_a_fault_in_saving_does_not_end_it(tmp_path, monkeypatch):
    """Counters that cannot be saved, for whatever reason, are a problem that is shown; saving goes
    on as soon as it can."""
    async with running(make_home(tmp_path)) as node:
        collector = node.collector
        real = collector.parts.store.save
        for error in (RuntimeError("no thread left"), StoreError("node.db: disk is full")):

            async def fail(_, error=error):
                raise error

            monkeypatch.setattr(collector.parts.store, "save", fail)
            await collector.parts.saver.save()
            assert causes(collector) == [f"counters are not saved: {error}"]
        monkeypatch.setattr(collector.parts.store, "save", real)
        async with asyncio.timeout(10):
            while causes(collector):  # noqa: ASYNC110  a plain attribute of the real thing
                await asyncio.sleep(0.05)


async def test_sinks_that_fail_at_the_end_cost_no_counters(tmp_path, monkeypatch):
    """When a last delivery fails unforeseen, tasks are ended and counters saved all the same."""
    home = make_home(tmp_path, node={"sinks": {"local": {"url": "http://127.0.0.1:9"}}})
    saved = []
    async with running(home) as node:
        collector = node.collector
        await node.ticks(1)

        async def fail():
            raise RuntimeError("fault in a sink")

        async def save(memory):
            saved.append(memory)

        monkeypatch.setattr(collector.parts.sinks[0].deliverer, "drain", fail)
        monkeypatch.setattr(collector.parts.store, "save", save)
    assert saved
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert not [name for name in names if name.startswith(("sink", "recorder"))]
