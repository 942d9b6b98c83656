"""Who ends a broker when the one that started it can no longer: after a SIGKILL nothing of ours runs that could.

A guardian is a shell that waits for the end of its input. We hold the other end of that pipe; the system closes it
however we end. It is no parent of the broker, so a broker that dies of itself is still seen by its own parent: us.
"""

from __future__ import annotations

import os
import subprocess

# $1: the process to end; $2: the folder to remove, again if the process was still writing into it.
SCRIPT = 'read -r _; kill -9 "$1"; for _ in 1 2 3 4 5; do rm -rf -- "$2" && exit; sleep 0.2; done'


class Guardian:
    """Ends process `pid` and removes `folder` when this process is no more, unless it was dismissed before."""

    def __init__(self, pid: int, folder: str) -> None:
        self._shell: subprocess.Popen[bytes] | None = None
        if os.name != "posix":  # without a shell a broker outlives us, as any process does there
            return
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT, "rtlab-guardian", str(pid), folder],
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
