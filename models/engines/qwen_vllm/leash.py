"""Ties vLLM's processes to the one that serves: when that one is gone, however it ended, so are they.

vLLM imports this in its worker, and only there it does something. On processors another process of vLLM's stands
between the two, which would take its time to find out; it is ended too.
"""

import os
import select
import signal
from threading import Thread

from models.engines.qwen_vllm import OWNER


class Leash:
    """What vLLM asks for by name; that this module is imported is all that is wanted."""


def _follow(owner: int, above: int) -> None:
    try:
        waiting = select.poll()
        waiting.register(os.pidfd_open(owner), select.POLLIN)
        waiting.poll()
    except ProcessLookupError:
        pass  # it was gone already
    if above != owner and above == os.getppid():
        os.kill(above, signal.SIGKILL)
    os._exit(1)


if (_owner := int(os.environ.get(OWNER, "0"))) and _owner != os.getpid():
    Thread(target=_follow, args=(_owner, os.getppid()), name="leash", daemon=True).start()
