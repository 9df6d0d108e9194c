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
    window: WindowPort, player: ProcedurePlayer, *, frame_view: FrameView, transport: TransportBar
) -> None:
    """Let the menu, its keys and the transport bar move through what is open."""
    for command, frames in FRAMES.items():
        window.action(command).triggered.connect(lambda _=False, frames=frames: player.step(frames))
    for command, act in (
        (commands.BACK_SECOND, lambda: player.step_time(-SECOND_MS)),
        (commands.FORWARD_SECOND, lambda: player.step_time(SECOND_MS)),
        (commands.FIRST, lambda: player.go_to(0)),
        (commands.LAST, player.go_to_last),
        (commands.PLAY_PAUSE, player.toggle_play),
        (commands.PAUSE, player.pause),
        (commands.PLAY_FORWARDS, lambda: player.shuttle(1.0)),
        (commands.PLAY_BACKWARDS, lambda: player.shuttle(-1.0)),
        (commands.SLOWER, lambda: player.change_speed(-1)),
        (commands.FASTER, lambda: player.change_speed(1)),
        (commands.NORMAL_SPEED, lambda: player.set_speed(1.0)),
        (commands.FIT, frame_view.fit),
    ):
        window.action(command).triggered.connect(act)
    transport.play_toggled.connect(player.toggle_play)
    transport.step_requested.connect(player.step)
    transport.home_requested.connect(lambda: player.go_to(0))
    transport.end_requested.connect(player.go_to_last)
    transport.speed_changed.connect(player.set_speed)
