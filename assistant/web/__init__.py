"""The Gradio page: `serve` runs it until the process is told to end."""

import os
import signal
import threading
from tempfile import TemporaryDirectory


def serve(*, host: str, port: int) -> None:
    """Serve the page with one shared assistant until Ctrl-C or SIGTERM. RequestError where the address cannot be used.

    Gradio reads its settings from the environment while it is imported, so they are set first.
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with TemporaryDirectory(prefix="gradproof-web-") as folder:
        os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder}
        from assistant.app import open_assistant
        from assistant.web.page import open_page

        with open_assistant() as assistant, open_page(assistant, host=host, port=port) as url:
            print(f"gradproof is at {url} (end it with Ctrl-C)", flush=True)
            ended.wait()
