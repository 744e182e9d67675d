"""The RSGI application: read on the loop, answer in a thread, hand over."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from console.front.answers import Application, FileBody, answered
from console.front.bodies import Bodies
from console.front.environ import Scope, environ_of

THREADS = 16
"""As many requests share a group of the committer; who waits for it holds no connection to the database."""


class Front:
    """One for each process; granian calls the methods with underscores."""

    def __init__(self, application: Application, bodies: Bodies | None = None) -> None:
        self.application = application
        self.bodies = bodies or Bodies()
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="answer")

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The process ends; what is being answered is answered."""
        self.threads.shutdown(wait=True, cancel_futures=True)

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        """One request. The coroutine has to last as long as the answer: granian would answer 500 in its place."""
        loop = asyncio.get_running_loop()
        environ = environ_of(scope, FileBody)
        body = environ["wsgi.input"] = await self.bodies.read(environ, protocol)
        done = loop.create_future()

        def answer() -> None:
            try:
                answered(self.application, environ).send(protocol)
            finally:
                with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
                    loop.call_soon_threadsafe(_finish, done)

        try:
            self.threads.submit(answer)
            await done
        finally:
            self.bodies.release(body)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
