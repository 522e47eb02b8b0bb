"""Becomes another program that dies with its parent: ``child.py SIGNAL USER|- PARENT COMMAND…``."""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(end: str, user: str, parent: str, command: list[str]) -> None:
    """Drop to ``user``, ask the kernel for signal ``end`` when the parent dies, and become ``command``.

    Linux forgets the wish when credentials change, so it comes after the user. Elsewhere the program just runs.
    """
    if user != "-":
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.environ |= {"HOME": entry.pw_dir, "USER": user, "LOGNAME": user}
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.Signals[end].value)
    if os.getppid() != int(parent):
        sys.exit("the parent had gone before the child began")
    # The interpreter ignores SIGPIPE and would hand that down.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606 - the list comes from this package alone


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
