"""Keys and buttons that move through a procedure."""

from __future__ import annotations

from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing import commands
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.transport_bar import TransportBar

SECOND_MS = 1000.0
FRAMES = {
    commands.BACK_1: -1,
    commands.FORWARD_1: 1,
    commands.BACK_10: -10,
    commands.FORWARD_10: 10,
}


def connect_controls(
    window: WindowPort, viewing: ProcedurePlayer, *, frame_view: FrameView, transport: TransportBar
) -> None:
    """Let the menu, its keys and the transport bar move through what is open."""
    for command, frames in FRAMES.items():
        window.action(command).triggered.connect(
            lambda _=False, frames=frames: viewing.step(frames)
        )
    for command, act in (
        (commands.BACK_SECOND, lambda: viewing.step_time(-SECOND_MS)),
        (commands.FORWARD_SECOND, lambda: viewing.step_time(SECOND_MS)),
        (commands.FIRST, lambda: viewing.go_to(0)),
        (commands.LAST, viewing.go_to_last),
        (commands.PLAY_PAUSE, viewing.toggle_play),
        (commands.PAUSE, viewing.pause),
        (commands.PLAY_FORWARDS, lambda: viewing.shuttle(1.0)),
        (commands.PLAY_BACKWARDS, lambda: viewing.shuttle(-1.0)),
        (commands.SLOWER, lambda: viewing.change_speed(-1)),
        (commands.FASTER, lambda: viewing.change_speed(1)),
        (commands.NORMAL_SPEED, lambda: viewing.set_speed(1.0)),
        (commands.FIT, frame_view.fit),
    ):
        window.action(command).triggered.connect(act)
    transport.play_toggled.connect(viewing.toggle_play)
    transport.step_requested.connect(viewing.step)
    transport.home_requested.connect(lambda: viewing.go_to(0))
    transport.end_requested.connect(viewing.go_to_last)
    transport.speed_changed.connect(viewing.set_speed)
