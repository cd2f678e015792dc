"""The report of a finished run, opened in a real browser without a network, as on a desktop and on a phone."""

import os
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from multipress.core.errors import UserError
from multipress.reporting import contents
from multipress.workflow.report_file import being_made
from tests.runs import ROOT

PATIENCE = 60
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
CATEGORIES = [f"{number}. {name}" for number, name in enumerate(contents.CATEGORIES, start=1)]
SHOWN = [*contents.FIGURES, *contents.PAGES]
REQUIRED = "MULTIPRESS_REQUIRE_CHROMIUM"


@pytest.fixture(scope="module")
def browsers():
    """The paths of the browser and its driver."""
    paths = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    missing = [name for name, path in paths.items() if path is None]
    if missing and os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, but {', '.join(missing)} is missing")
    if missing:
        pytest.skip(f"{', '.join(missing)} is missing; on Debian: apt install chromium chromium-driver")
    return paths


@pytest.fixture(scope="module")
def report(browsers, finished):
    """The report's file."""
    path = finished.results / "report.html"
    with being_made(path) as file:
        done = finished.run("all", flags=["--report", str(file), "--report-stylesheet", str(ROOT / "report/style.css")])
        assert done.returncode == 0, done.stderr[-2000:]
    assert path.read_text().count('document.title = "multipress"') == 1
    return path


def test_what_is_cut_short_takes_no_place(tmp_path):
    report = tmp_path / "report.html"
    with pytest.raises(UserError, match="is no report of Snakemake's"), being_made(report) as file:
        file.write_text("<html><body>half")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module", params=SIZES)
def browser(request, browsers, report):
    """The report in a browser to which every host is unknown."""
    options = webdriver.ChromeOptions()
    options.binary_location = browsers["chromium"]
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "host-resolver-rules=MAP * ~NOTFOUND"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(browsers["chromedriver"]))
    width, height = SIZES[request.param]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": request.param == "phone"}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get(report.as_uri())
    yield driver
    driver.quit()


def wait(browser, condition):
    return WebDriverWait(browser, PATIENCE).until(condition)


def click(browser, element):
    browser.execute_script("arguments[0].click()", element)


def go_to(browser, category):
    """Open a category from the first page."""
    browser.refresh()
    entry = wait(browser, lambda _: browser.find_elements(By.XPATH, f"//nav//li//span[text()={category!r}]"))[0]
    click(browser, entry)


def results(browser):
    """The names of a category's results, each with its button."""
    rows = wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, "nav tbody tr"))
    return {row.text.strip(): row.find_element(By.CSS_SELECTOR, "a[type=button]") for row in rows}


def open_result(browser, category, name):
    go_to(browser, category)
    click(browser, results(browser)[name])


def in_frame(browser):
    """Go into the shown page of tables, when its first table has rows."""
    browser.switch_to.frame(wait(browser, lambda _: browser.find_elements(By.TAG_NAME, "iframe"))[0])
    wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, "table.dataTable tbody tr td"))


def complaints(browser):
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def width_of_page(browser):
    return browser.execute_script("return document.documentElement.scrollWidth")


def test_the_first_page_says_what_was_done_with_what(browser):
    text = wait(browser, lambda _: browser.find_element(By.ID, "app").text)
    for part in ("Method.", "The data are synthetic", "magnitude pruning (MP)", "snakemake 9", "torch 2"):
        assert part in text
    assert "commit" in text or "not under version control" in text


def test_the_first_screen_answers_with_a_figure_and_has_no_graph(browser):
    browser.refresh()
    first = wait(browser, lambda _: browser.find_element(By.CSS_SELECTOR, "#app .prose p")).text
    assert "sizes multiply" in first.lower() or "of its parts" in first
    image = browser.find_element(By.CSS_SELECTOR, "#app .prose img")
    wait(browser, lambda _: image.get_property("naturalWidth"))
    assert image.location["y"] < 844
    assert image.location["x"] + image.size["width"] <= width_of_page(browser)
    graph = wait(browser, lambda _: browser.find_element(By.ID, "rulegraph"))
    assert graph.location["y"] > 900


def settled_width(browser, image):
    """The width that an image has when the menu and the text beside it no longer move it."""
    widths = []

    def is_settled(_):
        widths.append(image.size["width"])
        return widths[-3:] == [widths[-1]] * 3

    wait(browser, is_settled)
    return widths[-1]


def test_a_tap_enlarges_a_figure_on_a_phone(browser):
    browser.refresh()
    image = wait(browser, lambda _: browser.find_element(By.CSS_SELECTOR, "#app .prose img"))
    before = settled_width(browser, image)
    click(browser, image)
    assert settled_width(browser, image) == (900 if before < 390 else before)


def test_every_category_is_in_the_menu(browser):
    browser.refresh()
    menu = wait(browser, lambda _: browser.find_element(By.TAG_NAME, "nav").text)
    assert [line for line in menu.splitlines() if line[:1].isdigit()] == CATEGORIES


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_figure_shows_and_every_table_has_rows(browser, request, category):
    device = request.node.callspec.params["browser"]
    if device == "phone" and category not in CATEGORIES[:2]:
        pytest.skip("pages have one style: two categories are enough")
    width = SIZES[device][0]
    go_to(browser, category)
    for name in list(results(browser)):
        click(browser, results(browser)[name])
        if name.startswith("Figure"):
            image = wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, "#app > div > div img"))[0]
            wait(browser, lambda _, shown=image: shown.get_property("naturalWidth"))
            assert 0.7 * min(width, 600) < image.size["width"] <= width, name
            caption = wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, "#app .captioned .caption"))[0]
            assert len(caption.text) > 80, name
        else:
            in_frame(browser)
            assert "NaN" not in browser.find_element(By.TAG_NAME, "body").text.split()
            browser.switch_to.default_content()
        assert width_of_page(browser) == width, name
    assert complaints(browser) == []


def test_every_result_has_a_caption(browser):
    captions = browser.execute_script("return Object.entries(results).map(([path, entry]) => [path, entry.caption])")
    assert len(captions) == len(SHOWN)
    assert [path for path, caption in captions if len(caption or "") < 80] == []


def test_tables_sort_by_a_click(browser):
    open_result(browser, CATEGORIES[-1], "Table: Scores and sizes")
    in_frame(browser)

    last = browser.find_elements(By.CSS_SELECTOR, ".dt-scroll")[-1]  # whose header is a table of its own
    headers = last.find_elements(By.CSS_SELECTOR, ".dt-scroll-head thead th")
    column = [header.get_property("textContent").strip() for header in headers].index("score")

    def scores():
        rows = "[...arguments[0].querySelectorAll('.dt-scroll-body tbody tr')]"
        cells = browser.execute_script(f"return {rows}.map(row => row.children[{column}].textContent)", last)
        return [float(cell) for cell in cells]

    shown = scores()
    assert shown != sorted(shown)
    click(browser, headers[column])
    wait(browser, lambda _: scores() != shown)
    assert scores() == sorted(scores())
    browser.switch_to.default_content()


def test_runtimes_and_the_graph_show_without_complaints(browser):
    for view in ("Statistics", "Workflow"):
        browser.refresh()
        entries = wait(browser, lambda _, name=view: browser.find_elements(By.XPATH, f"//nav//span[text()={name!r}]"))
        click(browser, entries[0])
        wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, "canvas, svg.marks"))
    assert complaints(browser) == []
