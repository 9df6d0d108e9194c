"""The mailbox: newest wins, replaced items are counted, closing wakes the reader."""

from __future__ import annotations

import threading

from endoscope_app.base.mailbox import Mailbox


def test_newest_wins_and_replaced_are_counted() -> None:
    box: Mailbox[int] = Mailbox()
    for number in range(5):
        box.put(number)
    assert box.take(0) == 4
    assert box.replaced == 4
    assert box.take(0) is None


def test_clear_forgets_without_counting() -> None:
    box: Mailbox[int] = Mailbox()
    box.put(1)
    box.clear()
    box.put(2)
    assert box.replaced == 0
    assert box.take_now() == 2


def test_a_call_wakes_the_reader_who_waits_or_comes_next_and_loses_no_item() -> None:
    box: Mailbox[int] = Mailbox()
    answers: list[int | None] = []
    reader = threading.Thread(target=lambda: answers.append(box.take()))
    reader.start()
    box.wake()
    reader.join(2)
    assert answers == [None]
    box.wake()
    assert box.take() is None
    box.wake()
    box.put(3)
    assert box.take() == 3
    assert box.take(0) is None


def test_close_wakes_the_reader_and_refuses_more() -> None:
    box: Mailbox[int] = Mailbox()
    answers: list[int | None] = []
    reader = threading.Thread(target=lambda: answers.append(box.take()))
    reader.start()
    box.close()
    reader.join(2)
    assert not reader.is_alive()
    assert answers == [None]
    box.put(1)
    assert box.take(0) is None


def test_every_item_is_read_or_counted_under_load() -> None:
    box: Mailbox[int] = Mailbox()
    read: list[int] = []

    def reader() -> None:
        while (item := box.take(1.0)) is not None:
            read.append(item)
            if item == 2000:
                return

    thread = threading.Thread(target=reader)
    thread.start()
    for number in range(1, 2001):
        box.put(number)
    thread.join(5)
    assert read[-1] == 2000
    assert read == sorted(read)
    assert len(read) + box.replaced == 2000
