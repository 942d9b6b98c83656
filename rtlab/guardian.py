"""Who clears up when the one whose it is can no longer: after a SIGKILL nothing of ours runs that could.

A guardian is a shell that waits for the end of its input. We hold the other end of that pipe; the system closes it
however we end. It is no parent of a process that it guards, so one that dies of itself is still seen by its own
parent: us.

    with temporary_folder("rtlab-") as folder:
        (folder / "key.pem").write_bytes(key)
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

# $1: the folder to remove, again if somebody was still writing into it; $2: the process to end, if there is one.
SCRIPT = """
read -r _
[ -z "$2" ] || kill -9 "$2"
for _ in 1 2 3 4 5; do rm -rf -- "$1" && exit; sleep 0.2; done
"""


class Guardian:
    """Removes `folder` and ends process `pid` when this process is no more, unless it was dismissed before."""

    def __init__(self, folder: str, pid: int | None = None) -> None:
        self._shell: subprocess.Popen[bytes] | None = None
        if os.name != "posix":  # without a shell a broker outlives us, as any process does there
            return
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT, "rtlab-guardian", folder, str(pid or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what ends our whole group must not end it
        )

    def dismiss(self) -> None:
        """Nothing is left to guard; safe to call again."""
        shell, self._shell = self._shell, None
        if shell is not None:
            shell.kill()
            shell.wait()
            assert shell.stdin is not None
            shell.stdin.close()


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder for as long as the block lasts, and no longer than this process, however it ends."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        guardian = Guardian(folder)
        try:
            yield Path(folder)
        finally:
            guardian.dismiss()
