"""What a sink owes: nothing is ever forgotten, whatever the order of events."""

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from collector.journal import SinkRecord
from collector.journal.ranges import clip, count, minus, normal, union
from collector.journal.records import Ranges
from collector.sinks.state import SinkState, Span

SETTLE_S = 60.0


def _numbers(ranges: Ranges) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


def _state(head: int) -> SinkState:
    return SinkState(settle_s=SETTLE_S, head=head)


class Delivery(RuleBasedStateMachine):
    """A receiver that loses what it answered in the last minute before it dies, and a sink.

    `durable` is what the receiver surely has, `volatile` what it answered, with the time. The sink
    must never call anything settled that the receiver can still lose.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.state = _state(head=0)
        self.journal_head = 0
        self.flights: list[tuple[Span, int]] = []
        self.process = 1
        self.durable: set[int] = set()
        self.volatile: dict[int, float] = {}
        self.visible = True

    @initialize(visible=st.booleans())
    def begin(self, visible: bool) -> None:
        self.visible = visible
        if visible:
            self.state = self.state.observe("1", at_s=self.now, vouched=True)

    def _flush(self) -> None:
        for seq, at in list(self.volatile.items()):
            if self.now - at >= SETTLE_S:
                self.durable.add(seq)
                del self.volatile[seq]

    @rule(seconds=st.floats(0.1, 100))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self._flush()

    @rule(number=st.integers(1, 30))
    def batches_are_journaled(self, number: int) -> None:
        self.journal_head += number

    @rule(limit=st.integers(1, 10))
    def live_takes_off(self, limit: int) -> None:
        self.state, span = self.state.take_live(self.journal_head, limit)
        if span:
            self.flights.append((span, self.state.generation))

    @rule(limit=st.integers(1, 10), ordered=st.booleans())
    def owed_takes_off(self, limit: int, ordered: bool) -> None:
        if ordered:
            self.state, span = self.state.take_oldest(self.journal_head, limit)
        else:
            self.state, span = self.state.take_owed(limit)
        if span:
            self.flights.append((span, self.state.generation))

    @precondition(lambda self: self.flights)
    @rule(data=st.data(), cut=st.integers(0, 9))
    def an_answer_comes(self, data: st.DataObject, cut: int) -> None:
        (first, last), generation = self._land(data)
        until = max(first, last - cut)
        if until < last:
            self.state = self.state.give_back((until + 1, last))
        self.state = self.state.answer((first, until), generation=generation, at_s=self.now)
        for seq in range(first, until + 1):
            if seq not in self.durable:
                self.volatile[seq] = max(self.now, self.volatile.get(seq, 0.0))

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def an_answer_is_taken_by_a_dying_process(self, data: st.DataObject) -> None:
        (first, last), generation = self._land(data)
        self._dies()
        self.state = self.state.answer((first, last), generation=generation, at_s=self.now)
        self._sink_learns_of_the_death()

    @precondition(lambda self: self.flights)
    @rule(data=st.data(), doubt=st.booleans())
    def a_request_fails(self, data: st.DataObject, doubt: bool) -> None:
        span, _ = self._land(data)
        self.state = self.state.give_back(span)
        if doubt:
            self.state = self.state.doubt()

    @rule()
    def the_receiver_restarts(self) -> None:
        self._dies()
        self._sink_learns_of_the_death()

    @precondition(lambda self: self.visible)
    @rule()
    def the_receiver_restarts_and_is_seen_later(self) -> None:
        self._dies()

    def _dies(self) -> None:
        self._flush()
        self.process += 1
        self.volatile.clear()

    def _sink_learns_of_the_death(self) -> None:
        if self.visible:
            self.state = self.state.observe(str(self.process), at_s=self.now, vouched=True)
        else:
            self.state = self.state.doubt()

    @rule()
    def the_epoch_is_looked_at(self) -> None:
        if self.visible:
            self.state = self.state.observe(str(self.process), at_s=self.now, vouched=True)
        else:
            self.state = self.state.unseen(at_s=self.now)

    @rule()
    def the_collector_restarts(self) -> None:
        record = self.state.record("x")
        self.flights.clear()
        self.state = SinkState.restore(record, first=1, head=self.journal_head, settle_s=SETTLE_S)
        self.the_epoch_is_looked_at()

    def _land(self, data: st.DataObject) -> tuple[Span, int]:
        return self.flights.pop(data.draw(st.integers(0, len(self.flights) - 1)))

    @invariant()
    def every_number_is_accounted_for(self) -> None:
        state = self.state
        everything = set(range(1, state.head + 1))
        settled = everything - _numbers(state.unsettled)
        assert settled <= self.durable, settled - self.durable

    @invariant()
    def conditions_exclude_each_other(self) -> None:
        owed, again, flying = map(_numbers, (self.state.owed, self.state.again, self.state.flying))
        assert not owed & again
        assert not owed & flying
        assert not again & flying
        assert not owed & _numbers(self.state.answered)
        assert flying == _numbers(normal(span for span, _ in self.flights))

    @invariant()
    def nothing_is_beyond_the_head(self) -> None:
        assert all(seq <= self.state.head for seq in _numbers(self.state.unsettled))

    def teardown(self) -> None:
        """Left alone with a healthy receiver, the sink comes to rest with everything durable."""
        for (first, last), generation in self.flights:
            span = (first, last)
            self.state = self.state.answer(span, generation=generation, at_s=self.now)
            self.volatile.update(dict.fromkeys(range(span[0], span[1] + 1), self.now))
        self.flights.clear()
        for _ in range(4):
            self.the_epoch_is_looked_at()
            while True:
                self.state, taken = self.state.take_oldest(self.journal_head, 50)
                if taken is None:
                    break
                self.state = self.state.answer(
                    taken, generation=self.state.generation, at_s=self.now
                )
                fresh = set(range(taken[0], taken[1] + 1)) - self.durable
                self.volatile.update(dict.fromkeys(fresh, self.now))
            self.now += SETTLE_S + 2
            self._flush()
        self.the_epoch_is_looked_at()
        assert self.state.settled == self.journal_head
        assert self.durable >= set(range(1, self.journal_head + 1))


TestDelivery = Delivery.TestCase
TestDelivery.settings = hypothesis_settings(max_examples=150, stateful_step_count=60)


def _answered(state: SinkState, head: int, at_s: float) -> SinkState:
    """Everything up to `head` was sent and answered."""
    state, span = state.take_live(head, 100)
    assert span is not None
    return state.answer(span, generation=state.generation, at_s=at_s)


def test_the_newest_goes_first_and_the_rest_is_owed() -> None:
    """After an outage only the newest batches fly as live ones; the older are owed."""
    state, span = _state(head=10).take_live(1000, 5)
    assert span == (996, 1000)
    assert state.owed == ((11, 995),)
    assert state.take_owed(100)[1] == (11, 110)


def test_an_answer_settles_only_a_minute_later_under_the_same_epoch() -> None:
    """2xx is no promise: a batch settles when the same process is seen 60 s after the answer."""
    state = _state(head=0).observe("a", at_s=0, vouched=True)
    state = _answered(state, 3, 10.0)
    assert state.settled == 0
    assert state.observe("a", at_s=69.0, vouched=True).settled == 0
    assert state.observe("a", at_s=72.0, vouched=True).settled == 3


def test_a_restart_makes_everything_unsettled_owed_again() -> None:
    """Another epoch: the last minute is sent again, what settled is not."""
    state = _state(head=0).observe("a", at_s=0, vouched=True)
    for head, at in ((3, 10.0), (6, 75.0)):
        state = _answered(state, head, at)
        state = state.observe("a", at_s=at + 1, vouched=True)
    state = state.observe("b", at_s=80.0, vouched=True)
    assert state.settled == 3
    assert state.pending == ((4, 6),)


def test_a_failure_makes_everything_unsettled_owed_again() -> None:
    """Any failure on the way does the same, with or without a visible epoch."""
    for vouched in (True, False):
        state = _state(head=0).observe("a", at_s=0, vouched=vouched)
        state = _answered(state, 3, 10.0)
        assert state.doubt().pending == ((1, 3),)


def test_a_flapping_link_lets_a_sink_settle_all_the_same() -> None:
    """Failures every 30 s: under a vouched epoch answers settle by the time of the first one."""
    state = _state(head=0).observe("a", at_s=0, vouched=True)
    state, span = state.take_live(3, 5)
    at = 10.0
    while at < 72:
        assert span is not None
        state = state.answer(span, generation=state.generation, at_s=at)
        state = state.doubt()
        state, span = state.take_owed(10)
        at += 30
    assert span is not None
    state = state.answer(span, generation=state.generation, at_s=at)
    assert state.observe("a", at_s=72.0, vouched=True).settled == 3


def test_an_answer_to_a_request_from_before_a_restart_proves_nothing() -> None:
    """A request that was under way when the receiver died is sent again though it was answered."""
    state = _state(head=0).observe("a", at_s=0, vouched=True)
    generation = state.generation
    state, span = state.take_live(3, 5)
    assert span is not None
    state = state.observe("b", at_s=5.0, vouched=True)
    state = state.answer(span, generation=generation, at_s=6.0)
    assert state.pending == ((1, 3),)


def test_a_sink_without_a_record_is_owed_the_past() -> None:
    """A new sink gets everything that the journal still holds."""
    state = SinkState.restore(None, first=40, head=100)
    state, span = state.take_live(100, 10)
    assert span == (91, 100)
    assert state.pending == ((40, 90),)


def test_a_record_from_a_longer_journal_hides_nothing() -> None:
    """When the journal ends before a sink's head, later batches are not taken for settled."""
    record = SinkRecord(name="x", head=500, unsettled=((450, 480),))
    state = SinkState.restore(record, first=1, head=100)
    assert state.head == 100
    assert state.take_live(101, 10)[1] == (101, 101)


def test_ranges_agree_with_sets() -> None:
    """Union, difference, clipping and counting are those of the sets of numbers."""
    one, other = normal([(5, 9), (1, 2), (3, 3), (20, 19)]), normal([(2, 5), (30, 31)])
    assert one == ((1, 3), (5, 9))
    assert _numbers(union(one, other)) == _numbers(one) | _numbers(other)
    assert _numbers(minus(one, other)) == _numbers(one) - _numbers(other)
    assert _numbers(clip(one, 3, 6)) == {3, 5, 6}
    assert count(one) == 8
