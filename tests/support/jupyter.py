"""A Jupyter server of a test's own, and a browser that works in its JupyterLab as people do."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.browser import CHROMIUM, keep_small
from tests.support.course import BIN

TOKEN = "token-of-a-test"
WAIT = 60  # seconds until a server has to be there, or gone
SLOW = 60_000  # milliseconds that a busy machine may take for anything that is waited for
PICTURES = os.environ.get("PICTURES")  # a folder that gets pictures of what the tests see
RAN = re.compile(r"^\[\d+\]:$")  # beside a cell that has been run
# JupyterLab puts cells that are out of sight into the page too, and asks nothing of the internet.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false", "checkForUpdates": False,
    },
}  # fmt: skip


@contextmanager
def jupyter_server(root: Path, state: Path) -> Iterator[str]:
    """A server of a folder, on a free port of this machine; its address ends in "/".

    What it writes besides is in `state`: configuration, logs, cookies.
    """
    for name, settings in SETTINGS.items():
        path = state / "config/lab/user-settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    folders = {
        f"JUPYTER_{name.upper()}_DIR": state / name for name in ("config", "data", "runtime")
    }
    env = os.environ | {name: str(folder) for name, folder in folders.items()}
    env |= {"PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}
    env |= {"IPYTHONDIR": str(state / "ipython")}
    env.pop("NBGRADER_EXECUTION", None)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    options = ["--port=0", f"--IdentityProvider.token={TOKEN}"]
    state.mkdir(parents=True, exist_ok=True)
    with (state / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, *options], cwd=root, env=env, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield _address(server, state)
        finally:
            server.terminate()  # ends its kernels too
            try:
                server.wait(WAIT)
            except subprocess.TimeoutExpired:
                server.kill()


def _address(server: "subprocess.Popen[bytes]", state: Path) -> str:
    """The address that a server writes down as soon as it listens."""
    path = state / "runtime" / f"jpserver-{server.pid}.json"
    end = time.monotonic() + WAIT
    while time.monotonic() < end and server.poll() is None:
        try:
            return str(json.loads(path.read_text())["url"])
        except (OSError, ValueError):  # not there yet, or half written
            time.sleep(0.1)
    raise AssertionError(f"no server:\n{(state / 'server.log').read_text()}")


@contextmanager
def signed_in(address: str) -> Iterator[Any]:
    """A page of a browser that the server knows, and that reaches nothing else but files."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(SLOW)
            allowed = (address, "file:")
            context.route(lambda url: not url.startswith(allowed), lambda route: route.abort())
            page = context.new_page()
            page.goto(f"{address}?token={TOKEN}")
            yield page
        finally:
            browser.close()


def take_picture(seen: Any, name: str, **part: Any) -> None:
    """Take a picture of a page as it is seen, or of a part of it, if pictures are wanted."""
    if PICTURES is not None:
        path = Path(PICTURES) / f"{name}.png"
        seen.screenshot(path=path, **part)
        keep_small(path)


def open_menu(page: Any, entry: str) -> None:
    """Choose an entry of JupyterLab's menu Nbgrader."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    page.locator(".lm-Menu-itemLabel", has_text=entry).click()


def wait_for_kernel(page: Any) -> None:
    """Wait until the notebook that JupyterLab shows has a kernel, which is ready."""
    page.get_by_text("(ipykernel) | Idle").wait_for()  # the status bar; the toolbar is too early


def save(page: Any) -> None:
    """Save the notebook that JupyterLab shows."""
    with page.expect_response(
        lambda response: response.request.method == "PUT" and "/api/contents/" in response.url
    ):
        page.keyboard.press("Control+S")


class Lab:
    """JupyterLab with a notebook open. Cells are named by their grade ids."""

    def __init__(self, page: Any, address: str, notebook: str, cells: list[str]) -> None:
        self.page = page
        self._cells = cells
        page.goto(f"{address}lab/tree/{notebook}")
        wait_for_kernel(page)

    def cell(self, name: str) -> Any:
        """A cell of the notebook."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(self._cells.index(name))

    def write(self, name: str, source: str) -> None:
        """Type the source of a cell in place of what it has."""
        editor = self.cell(name).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, name: str) -> str:
        """Run a cell to its end, and return what it shows."""
        cell = self.cell(name)
        if (folded := cell.locator(".jp-InputPlaceholder")).count():
            folded.click()
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        prompt.filter(has_text=RAN).filter(has_not_text=before).wait_for()
        return "\n".join(cell.locator(".jp-OutputArea-output").all_inner_texts())
