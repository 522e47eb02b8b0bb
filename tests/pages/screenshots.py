"""``make screenshots``: walks the road in headless Chromium and keeps a picture of each page for the README."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from shared.directory import StaffMember
from tests.builders import a_person, id_number, the_district
from tests.chromium import chromium
from tests.conftest import SCREEN
from tests.running import running
from tests.waiting import until

FOLDER = Path(__file__).parents[2] / "deploy" / "pictures"
MOST_BYTES = 150_000
PERSON = a_person(name="林小满", id_number=id_number(date(1988, 3, 12)))
TICKED = {
    "temp-urgent": ("contact", "income"),
    "pension": ("contact", "employment"),
    "pub-job": ("contact", "employment"),
    "psy": ("contact", "health"),
}
"""What the person asks for in the pictures, one programme of each of four agencies, and what may be passed on."""


class Camera:
    """Opens pages as members of staff, and keeps pictures of them under ``folder``."""

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self._browser = browser
        self._url = url
        self._folder = folder
        self._staff: dict[str, StaffMember] = {member.id: member for member in the_district().staff}

    @contextmanager
    def stranger(self, locale: str = "en-GB") -> Iterator[Page]:
        """Open the front page on an office screen."""
        context = self._browser.new_context(viewport=SCREEN, locale=locale, timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(self._url)
        yield page
        context.close()

    @contextmanager
    def signed_in(self, staff: str, locale: str = "en-GB") -> Iterator[Page]:
        """Sign in, and be at the home of one's role."""
        with self.stranger(locale) as page:
            page.locator("[name=username]").fill(staff)
            page.locator("[name=password]").fill(self._staff[staff].demo_password or "")
            page.locator("main form button").click()
            expect(page.locator(".who")).to_be_visible()
            yield page

    def keep(self, page: Page, name: str) -> None:
        """Keep what the screen shows."""
        file = self._folder / f"{name}.png"
        page.screenshot(path=file)
        if (size := file.stat().st_size) > MOST_BYTES:
            raise AssertionError(f"{file.name} has {size} bytes; {MOST_BYTES} at most")
        sys.stdout.write(f"  {file.name}  {size // 1000} kB\n")


def take_pictures(camera: Camera) -> None:
    """Walk the road of one request, from the desk that files it to the board that follows it."""
    with camera.stranger() as page:
        camera.keep(page, "sign-in")
    with camera.signed_in("hut", "zh-CN") as page:
        camera.keep(page, "home")
    with camera.signed_in("hut") as page:
        page.get_by_role("link", name="New request").first.click()
        _fill(page)
        camera.keep(page, "new-request")
        page.get_by_role("button", name="File the request").click()
        expect(page.get_by_role("status")).to_be_visible()
        filed = page.url.partition("?")[0]
        until(lambda: _is_issued(page), what="the request's referrals")
    with camera.signed_in("desk-civil-affairs") as page:
        camera.keep(page, "queue")
        page.locator("tbody tr", has_text="林**").locator("a").first.click()
        page.locator("form[action$='/acknowledge'] button").click()
        page.locator("#packet ~ form [name=reason]").fill("Checking the papers")
        page.locator("#packet ~ form button").click()
        expect(page.get_by_text("林小满")).to_be_visible()
        page.locator("#packet").scroll_into_view_if_needed()
        camera.keep(page, "referral")
    with camera.signed_in("hut") as page:
        page.goto(filed)
        page.locator("tbody tr").last.scroll_into_view_if_needed()
        camera.keep(page, "request")
    with camera.signed_in("coordinator") as page:
        camera.keep(page, "board")


def _is_issued(page: Page) -> bool:
    page.reload()
    return page.locator("tbody tr", has_text="Issued").count() == len(TICKED)


def _fill(page: Page) -> None:
    for name in ("name", "id_number", "phone"):
        page.locator(f"[name='person.{name}']").fill(PERSON[name])
    page.locator("[name=urgency][value=urgent]").check()
    programmes = the_district().programmes
    for programme, kinds in TICKED.items():
        agency = programmes[programme].agency
        section = page.locator("details", has=page.locator(f"[name='consent.{agency}']"))
        if section.get_attribute("open") is None:
            section.locator("summary").click()
        section.locator(f"[name=programme][value={programme}]").check()
        section.locator(f"[name='consent.{agency}']").check()
        for kind in kinds:
            section.locator(f"[name='kinds.{agency}'][value={kind}]").check()
    page.locator("[name='consent.civil-affairs']").scroll_into_view_if_needed()


def main() -> None:
    """Take all pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="aid-") as folder,
        running(Path(folder) / "home") as run,
        chromium() as browser,
    ):
        run.carehut("demo")
        take_pictures(Camera(browser, run.url, FOLDER))
    sys.stdout.write(f"kept in {FOLDER.relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    main()
