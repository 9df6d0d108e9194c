"""What child processes of kd_core have in common: modest threads, and an end that does not wait
for them.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QProcess, QProcessEnvironment, QTimer

KILL_AFTER_MS = 3000


def environment() -> QProcessEnvironment:
    """This process's, with one thread a library: the player needs the other core."""
    found = QProcessEnvironment.systemEnvironment()
    found.insert("OMP_WAIT_POLICY", "PASSIVE")
    found.insert("OMP_NUM_THREADS", "1")
    return found


def end(process: QProcess) -> None:
    """Ask it to end, and end it by force a little later."""
    process.terminate()
    QTimer.singleShot(KILL_AFTER_MS, process, process.kill)


def let_go(process: QProcess) -> None:
    """End a child that nobody waits for; whoever started it must have disconnected from it.

    It belongs to the program from now on: what started it may be destroyed first, and a running
    QProcess that is destroyed blocks until its child has ended.
    """
    process.setParent(QCoreApplication.instance())
    process.finished.connect(process.deleteLater)
    end(process)


def end_all() -> None:
    """End every child that was let go, at once, and wait for it (only while closing)."""
    application = QCoreApplication.instance()
    for process in application.findChildren(QProcess) if application is not None else ():
        process.kill()
        process.waitForFinished(KILL_AFTER_MS)


def last_sentence(process: QProcess) -> tuple[str, str]:
    """The last sentence on its standard error without the program's name, and all of it."""
    text = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
    return (text.splitlines()[-1].removeprefix("kd-core: ") if text else ""), text
