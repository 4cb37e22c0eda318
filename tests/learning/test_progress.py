"""What a training run shows."""

from __future__ import annotations

import io

from rich.console import Console

from learning.progress import Progress, Row

ROW = Row(epoch=3, epochs=100, reward=12.345, best=None, length=20.0, success=0.5, rate=41234.4, seconds_left=3725.0)


def shown(terminal: bool, *rows: Row) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120)
    with Progress(console) as progress:
        for row in rows:
            progress.show(row)
    return out.getvalue()


def test_a_file_gets_plain_lines_with_the_first_and_the_last_epoch() -> None:
    text = shown(False, *(ROW._replace(epoch=epoch) for epoch in range(1, 50)))
    assert "\x1b" not in text
    assert [line.split("  ")[0] for line in text.splitlines()] == ["epoch 1/100", "epoch 49/100"]


def test_a_line_says_reward_length_success_rate_and_time_left() -> None:
    (line,) = shown(False, ROW).splitlines()
    assert line == ("epoch 3/100  reward 12.35  best -  length 20  success 50%  env-steps/s 41,234  left 1:02:05")


def test_a_terminal_gets_one_table() -> None:
    text = shown(True, ROW)
    for part in ("epoch", "3/100", "success", "50%", "1:02:05"):
        assert part in text
