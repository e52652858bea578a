#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page in a real browser: nothing on its console, no overflow at any width, readable contrast in both themes, whole
without script, its numbers those of its JSON, reachable by keyboard, A4 when printed. LLAMA_FLEET_PICTURES=DIR keeps pictures."""
import base64
import json
import os
import re
import shutil
import sys

import golden

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.keys import Keys
except ImportError:
    # Debian's modules are Debian's python's, which need not be the first in PATH.
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    golden.skip("python3-selenium is not there")
for program in ("chromium", "chromedriver"):
    if not shutil.which(program):
        golden.skip(f"{program} is not there")

work = golden.work_dir()
FLEET = work / "fleet"
PICTURES = os.environ.get("LLAMA_FLEET_PICTURES", "")
WIDTHS = (320, 360, 768, 980, 1024, 1100, 1130, 1280)
A4 = 688  # pixels between the margins
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-device-scale-factor=1")

# Contrast of every text against what is painted behind it (WCAG 2.1), as the browser computed the colours.
CONTRAST = """
const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const colour = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = colour(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
};
let worst = [99, ""];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || e.closest("script, svg, .away")) continue;
  const [a, b] = [light(colour(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < worst[0]) worst = [ratio, walk.currentNode.data.trim().slice(0, 40)];
}
return worst;
"""
# The words of the page without what the script adds for comfort, and without those that only the screen reader has.
TEXT = """
const copy = document.querySelector("main").cloneNode(true);
copy.querySelectorAll(".comfort").forEach((e) => e.remove());
return copy.textContent.replace(/\\s+/g, " ").trim();
"""
# Words of the tables that stand on two lines, cut in the middle.
CUT = """
const cut = [];
for (const table of document.querySelectorAll("table, .search")) {
  const walk = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (walk.currentNode.parentElement.closest(".away")) continue;
    for (const word of walk.currentNode.data.matchAll(/\\w+/g)) {
      const range = document.createRange();
      range.setStart(walk.currentNode, word.index);
      range.setEnd(walk.currentNode, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1) cut.push(word[0]);
    }
  }
}
return cut;
"""
HEADINGS = "return [...document.querySelectorAll('h1,h2,h3,h4')].map((e) => Number(e.tagName[1]));"


def browser(scripts=True):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, f"--user-data-dir={work}/profile-{scripts}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


def quiet(driver, where):
    log = driver.get_log("browser")
    golden.check(not log, f"{where}: the console says {log}")


def sizes_and_themes(driver, address):
    for theme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
        for width in WIDTHS:
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                   {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
            driver.get(address)
            driver.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; });")
            page, room = driver.execute_script(
                "return [document.documentElement.scrollWidth, document.documentElement.clientWidth];")
            golden.check(page <= room == width, f"{theme}, {width}: the page is {page} wide, the window {room}")
            cut = driver.execute_script(CUT)
            golden.check(not cut, f"{theme}, {width}: words are cut: {cut[:5]}")
            ratio, text = driver.execute_script(CONTRAST)
            golden.check(ratio >= 4.5, f"{theme}, {width}: contrast {ratio:.2f} of '{text}'")
            if PICTURES:
                shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
                with open(os.path.join(PICTURES, f"{theme}-{width}.png"), "wb") as file:
                    file.write(base64.b64decode(shot["data"]))
    quiet(driver, "sizes and themes")


def numbers_of(value, found):
    if isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            numbers_of(one, found)
    elif isinstance(value, str):
        found.update(float(n) for n in re.findall(r"\d+(?:\.\d+)?", value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        found.add(float(value))


def numbers(driver):
    """Every number on the page is one of the JSON's, rounded as it is shown; and the JSON is what --json prints."""
    inside = json.loads(driver.execute_script("return document.getElementById('llama-fleet-report').textContent;"))
    printed = golden.run("report", FLEET, "--check", FLEET / "check.json", "--json", code=3).stdout
    golden.check(inside == json.loads(printed), "the JSON inside the page is not that of --json")
    known = set()
    numbers_of(inside, known)
    shown = driver.execute_script(
        "return [...document.querySelectorAll('h1, .tiles b, .host td, .host td b, .matrix td b, .matrix td small, .host td small')]"
        ".map((e) => e.textContent);")
    seen = 0
    for text in shown:
        for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w(?<!x))", text):
            half = 0.5 * 10.0 ** -len(number.partition(".")[2]) * 1.001
            seen += 1
            golden.check(any(abs(float(number) - one) <= half for one in known), f"{number} in '{text}' is not in the JSON")
    golden.check(seen > 100, f"only {seen} numbers were found on the page")


def keyboard(driver, address):
    wide(driver)
    driver.get(address)
    order = []
    for _ in range(40):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        order.append(driver.execute_script(
            "const e = document.activeElement; const r = e.getBoundingClientRect();"
            "return [e.tagName, e.className, e.textContent.trim().slice(0, 20), r.top + scrollY, getComputedStyle(e).outlineStyle];"))
    ends = [i for i, one in enumerate(order) if one[0] == "BODY"]  # behind the last thing it begins anew
    order = order[:ends[0]] if ends else order
    golden.check(order[0][1] == "skip", f"Tab reaches first {order[0]}")
    names = [one[0] for one in order]
    golden.check({"A", "SUMMARY", "BUTTON"} <= set(names), f"Tab reaches only {set(names)}")
    tops = [round(one[3] / 40) for one in order[1:] if one[0] in ("SUMMARY", "A")]
    golden.check(tops == sorted(tops), f"Tab jumps: {tops}")
    golden.check(all(one[4] != "none" for one in order[1:]), f"focus cannot be seen: {[o for o in order[1:] if o[4] == 'none'][:2]}")
    summary = driver.find_element("css selector", "summary")
    summary.send_keys(Keys.ENTER)
    golden.check(driver.execute_script("return document.querySelector('details').open;"), "Enter opens no details")


def wide(driver):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False})


def narrow(driver):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": 360, "height": 900, "deviceScaleFactor": 1, "mobile": False})


def comfort(driver, address):
    wide(driver)
    driver.get(address)
    hosts = "return [...document.querySelectorAll('#matrix tbody tr')].filter((r) => !r.hidden).map((r) => r.cells[0].textContent.trim());"
    before = driver.execute_script(hosts)
    buttons = driver.find_elements("css selector", "#matrix thead button")
    buttons[0].click()
    buttons[0].click()
    golden.check(driver.execute_script(hosts) == before[::-1], "sorting by host twice turns the order round")
    buttons[5].click()
    order = driver.execute_script(hosts)
    golden.check(order[-1] not in ("boron", "carbon"), "what was not measured comes last")
    buttons[5].click()
    turned = driver.execute_script(hosts)
    golden.check(turned[0] == "boron" and turned[-1] not in ("boron", "carbon"), "boron has the largest gain")
    driver.find_element("css selector", ".filter input").send_keys("haswell")
    golden.check(driver.execute_script(hosts) == ["boron"], "the filter shows boron alone")
    narrow(driver)
    seen = driver.execute_script("return [...document.querySelectorAll('#matrix tbody tr')].filter((r) => r.offsetHeight > 0).length;")
    golden.check(seen == 1, f"on a phone the filter leaves {seen} hosts to be seen")
    quiet(driver, "comfort")


def printing(driver, address):
    driver.get(address)
    pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    boxes = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)
    golden.check(len(boxes) > 3, f"{len(boxes)} pages")
    for box in set(boxes):
        width, height = [float(n) for n in box.split()[2:]]
        golden.check(abs(width - 595.3) < 1 and abs(height - 841.9) < 1, f"a page of {width} × {height} points is not A4")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = driver.execute_script("return [...document.querySelectorAll('details > :not(summary)')]"
                                   ".filter((e) => !e.checkVisibility({contentVisibilityAuto: true})).length;")
    golden.check(hidden == 0, f"{hidden} folded parts are not printed")
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": A4, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    page, cut = driver.execute_script("return document.documentElement.scrollWidth;"), driver.execute_script(CUT)
    golden.check(page <= A4 and not cut, f"printed, the page is {page} wide, words are cut: {cut[:5]}")
    arrows = driver.execute_script("return getComputedStyle(document.querySelector('#matrix button'), '::after').content;")
    golden.check(arrows == "none", f"arrows are printed: {arrows}")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def main():
    page = work / "report.html"
    shutil.copytree(golden.source / "tests/report/fleet", FLEET)
    real = json.loads((golden.source / "doc/bench/emerald-rapids-tg.json").read_text()) | {"host": "emerald"}
    (FLEET / "llama-fleet/bench/emerald.json").write_text(json.dumps(real))
    golden.run("report", FLEET, "--check", FLEET / "check.json", "--output", page, code=3)
    address = page.as_uri()
    driver = browser()
    try:
        sizes_and_themes(driver, address)
        numbers(driver)
        levels = driver.execute_script(HEADINGS)
        golden.check(levels[0] == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:])), f"headings jump: {levels}")
        golden.check(driver.execute_script("return document.querySelectorAll('header, main, footer').length;") == 3, "landmarks")
        golden.check(driver.execute_script("return document.querySelectorAll('th:not([scope])').length;") == 0, "th without scope")
        keyboard(driver, address)
        comfort(driver, address)
        printing(driver, address)
        driver.get(address)
        with_script = driver.execute_script(TEXT)
    finally:
        driver.quit()
    driver = browser(scripts=False)
    try:
        driver.get(address)
        without = driver.execute_script(TEXT)
        golden.check(not driver.execute_script("return document.querySelector('.filter');"), "the script ran although it is forbidden")
    finally:
        driver.quit()
    golden.check(without == with_script and len(without) > 5000, "the text differs without script")


main()
golden.finish()
