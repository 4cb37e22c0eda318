"""Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import signal

import pytest

from learning.stopping import StopRequest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_ends(number: signal.Signals) -> None:
    asked = []
    before = signal.getsignal(number)
    with StopRequest(lambda: asked.append(1)) as stop:
        os.kill(os.getpid(), number)
        assert stop.requested
        assert asked == [1]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
