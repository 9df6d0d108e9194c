"""A trainer that trains nothing: it says what its first argument asks for, as kd-core retrain
--events would.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path


def say(**event: object) -> None:
    print(json.dumps(event), flush=True)


def started() -> None:
    say(type="part", name="training")
    say(type="started", epochs=2, samples=10, classes=["polyps", "cecum"], parameters=5)


def ended(outcome: str = "finished", sentence: str = "Model 1: well.") -> None:
    say(type="ended", outcome=outcome, sentence=sentence, model_dir="out")


def normal() -> int:
    started()
    for epoch in (1, 2):
        say(type="progress", done=epoch, total=2, seconds_left=1.5)
        say(type="epoch", epoch=epoch, losses={"kl": 1 / epoch}, scores={"macro_f1": 0.5})
    ended()
    return 0


def garbage() -> int:
    started()
    sys.stdout.buffer.write(
        b"\xff\xfe\x00 {\n" + b"x" * 3_000_000 + b'\n{"type":"epoch"}\n{"type":"nothing"}\n[1]\n'
    )
    sys.stdout.flush()
    # One event in three pieces
    for piece in ('{"type":"part",', '"name":"after ', 'the garbage"}\n'):
        sys.stdout.write(piece)
        sys.stdout.flush()
        time.sleep(0.05)
    # Without an end of line
    sys.stdout.write(
        json.dumps({"type": "ended", "outcome": "finished", "sentence": "All the same."})
    )
    return 0


def listens() -> int:
    started()
    while sys.stdin.readline().strip() != "cancel":
        pass
    ended("stopped", "Stopped with the best so far.")
    return 130


def deaf() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return hang()


def hang() -> int:
    started()
    time.sleep(60)
    return 0


def killed() -> int:
    started()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def memory() -> int:
    started()
    raise MemoryError


def disk() -> int:
    started()
    print("OSError: [Errno 28] No space left on device", file=sys.stderr)
    return 1


def refused() -> int:
    ended("failed", "There is no labelled frame to learn from.")
    return 2


def refused_by_fingerprint() -> int:
    """Names the held-out procedures as kd-core knows them."""
    held_out = json.loads(word_after("--sides").read_text())["held_out"]
    ended("failed", f"Procedure {held_out[0]} cannot be held out.")
    return 2


def proof_fails() -> int:
    normal()
    raise RuntimeError("in the proof")


def says_words() -> int:
    """Keeps the words that it was started with beside the folder of the candidate, and refuses."""
    (word_after("--out").parent / "words.json").write_text(json.dumps(sys.argv[2:]))
    return refused()


def word_after(option: str) -> Path:
    return Path(sys.argv[sys.argv.index(option) + 1])


def fix_sides() -> None:
    """As kd-core does it once a candidate has learnt: what this run decided holds for all
    models.
    """
    overall, chosen = word_after("--held-out"), json.loads(word_after("--sides").read_text())
    before = json.loads(overall.read_text()) if overall.exists() else {"held_out": [], "learnt": []}
    overall.write_text(
        json.dumps({side: sorted({*before[side], *chosen[side]}) for side in before})
    )


def proves() -> int:
    """A candidate with the card of the shipped student, and a proof."""
    say(type="part", name="reading images")
    time.sleep(0.1)  # long enough to be weighed
    out = Path(sys.argv[sys.argv.index("--out") + 1])
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).parents[2] / "resources" / "models" / "student" / "card.json", out)
    (out / "words.json").write_text(json.dumps(sys.argv[2:]))
    fix_sides()
    (out / "evidence.json").write_text(
        json.dumps(
            {
                "format": 2,
                "verdict": "better",
                "held_out": {"frames": 90, "groups": 3, "corrected": 31, "wrong_before": 60},
            }
        )
    )
    return normal()


def proves_half() -> int:
    """As proves, but stopped after one epoch of four."""
    proves()
    say(type="started", epochs=4, samples=10, classes=["polyps", "cecum"], parameters=5)
    say(type="epoch", epoch=1, losses={"kl": 1.0}, scores={})
    ended("stopped", "Stopped with the best so far.")
    return 0


def one_epoch() -> Path:
    """What kd-core leaves after its first epoch of three, and says of it."""
    out = Path(sys.argv[sys.argv.index("--out") + 1])
    out.mkdir(parents=True, exist_ok=True)
    (out / "run-state.safetensors").write_bytes(b"state")
    say(type="part", name="training")
    say(type="started", epochs=3, samples=10, classes=["polyps", "cecum"], parameters=5)
    say(type="epoch", epoch=1, losses={"kl": 1.0}, scores={})
    return out


def works() -> int:
    """Goes on for ever, and says so all the time."""
    one_epoch()
    while True:
        say(type="progress", done=1, total=3, seconds_left=9.0)
        time.sleep(0.02)


def dies_later() -> int:
    one_epoch()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def disk_later() -> int:
    one_epoch()
    return disk()


def memory_later() -> int:
    one_epoch()
    return memory()


def babbles() -> int:
    """Garbage and nothing else, and no end."""
    sys.stdout.buffer.write(b"\xff\x00{{{\n" * 1000)
    sys.stdout.flush()
    return 0


def silent() -> int:
    return 0


def nice() -> int:
    say(type="part", name=f"{os.nice(0)} {os.environ['OMP_WAIT_POLICY']} {' '.join(sys.argv[2:])}")
    time.sleep(0.3)
    say(type="part", name=f"{os.nice(0)}")
    ended()
    return 0


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]]())
