#!/usr/bin/env python3
"""Opens sample reports in a headless Chromium and looks at what is there: marks, colours, words, console, network.

usage: look.py WRITE_REPORT_SAMPLES
"""
import pathlib
import re
import subprocess
import sys
import tempfile

from browser import Browser

MAX_BYTES = 3_000_000  # a page without the chart library, which is about 450 kB

# What each chart has drawn. A mark counts when it has an extent on the screen.
CHARTS = """
[...document.querySelectorAll('.plot')].map(plot => {
  const all = selector => [...plot.querySelectorAll(selector)];
  const seen = node => { const box = node.getBoundingClientRect(); return box.width + box.height > 0.5; };
  const boxes = all('.role-mark path').filter(seen).map(node => node.getBoundingClientRect());
  const image = plot.querySelector('.mark-image image');
  return {
    title: plot.closest('figure').querySelector('b').textContent,
    width: plot.querySelector('svg').getBoundingClientRect().width,
    room: plot.clientWidth,
    marks: all('.mark-line.role-mark path, .mark-area.role-mark path, .mark-symbol.role-mark path, ' +
               '.mark-rect.role-mark path').filter(seen).length,
    tall: Math.max(...boxes.map(box => box.bottom)) - Math.min(...boxes.map(box => box.top)),
    bar_heights: new Set(all('.mark-rect.role-mark path').map(bar => bar.getBoundingClientRect().height)).size,
    image: image === null ? '' : image.getAttribute('href') || image.getAttribute('xlink:href'),
    axis_titles: all('.role-axis-title text').map(text => text.textContent),
    labels: all('.role-axis').map(axis => [...axis.querySelectorAll('.role-axis-label text')]
      .filter(text => text.textContent !== '' && getComputedStyle(text).opacity !== '0')
      .map(text => text.textContent)).filter(labels => labels.length > 0),
    broken: /NaN|undefined/.test(plot.innerHTML.replace(/data:[^"]*/g, '')),
  };
})
"""

# Number of different colours in a data: picture, read back pixel by pixel.
COLOURS = """
(async href => {
  const image = new Image();
  image.src = href;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const data = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return {size: [canvas.width, canvas.height], colours: new Set(data).size};
})(%r)
"""

failures = []


def check(condition, message):
    if not condition:
        failures.append(message)
        print("FAILED:", message)


def middle_of(browser, number):
    box = browser.evaluate(f"(() => {{ const plot = document.getElementById('chart-{number}');"
                           "plot.scrollIntoView({block: 'center'}); const box = plot.getBoundingClientRect();"
                           "return [box.left, box.top, box.width, box.height]; })()")
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def tooltip_at(browser, number):
    browser.move_mouse(*middle_of(browser, number))
    return browser.evaluate("(() => { const tip = document.getElementById('tooltip');"
                            "return tip.hidden ? '' : tip.textContent; })()")


def check_that_checks_work(browser):
    browser.open("data:text/html,<script>console.error('x')</script><img src='http://127.0.0.1:9/x'>", 800)
    check(browser.complaints(), "an error in the console was not noticed")
    check(any("127.0.0.1" in url for url in browser.requests()), "a network request was not noticed")


def check_page(browser, page, charts_expected):
    name = page.name
    check(page.stat().st_size < MAX_BYTES + 500_000, f"{name} has {page.stat().st_size} bytes")
    browser.open(page.as_uri(), 1280)
    charts = browser.evaluate(CHARTS)
    check(len(charts) == charts_expected, f"{name}: {len(charts)} charts, expected {charts_expected}")
    for chart in charts:
        where = f"{name}, chart '{chart['title'][:40]}'"
        check(chart["marks"] > 0 or chart["image"].startswith("data:image/png"), f"{where}: nothing is drawn")
        if not chart["image"]:
            check(chart["tall"] > 80, f"{where}: the curves are {chart['tall']} px tall")
        check(chart["bar_heights"] != 1, f"{where}: all bars have one height")
        check(len(chart["axis_titles"]) == 2 and all(chart["axis_titles"]), f"{where}: axis titles {chart['axis_titles']}")
        check(len(chart["labels"]) == 2 and all(len(set(labels)) >= 2 for labels in chart["labels"]),
              f"{where}: axis labels {chart['labels']}")
        check(abs(chart["width"] - chart["room"]) < 2, f"{where}: {chart['width']} px wide, has {chart['room']} px")
        check(not chart["broken"], f"{where}: NaN or undefined in the drawing")
        if chart["image"]:
            picture = browser.evaluate(COLOURS % chart["image"])
            check(picture["colours"] > 20, f"{where}: a picture of {picture}")
    for number in range(len(charts)):
        check(tooltip_at(browser, number) != "", f"{name}, chart {number}: no value is shown at the pointer")
    for width in (360, 700):
        browser.open(page.as_uri(), width)
        found = browser.evaluate("document.documentElement.scrollWidth")
        check(found <= width, f"{name}: {found} px wide in a window of {width} px")
        check(not browser.complaints(), f"{name} at {width} px: console: {browser.complaints()}")
        outside = [url[:100] for url in browser.requests() if not url.startswith("data:") and url != page.as_uri()]
        check(not outside, f"{name} asks for {outside}")
    return charts


def check_full(browser, page):
    browser.open(page.as_uri(), 1280)
    words = browser.evaluate("document.querySelector('header').innerText")
    check("Better than every baseline." in words and "by 64.5 %" in words, f"verdict: {words}")
    browser.move_mouse(0, 0)
    check(browser.evaluate("document.getElementById('tooltip').hidden"), "the tooltip stays after the pointer has left")
    tip = tooltip_at(browser, 0)
    check(re.match(r"19\d\d-\d\d-01\nwhat happened: \d+\.\d$", tip), f"tooltip of the forecast: {tip}")
    gates = browser.evaluate("[...document.querySelectorAll('figure')].findIndex(f => f.innerText.includes('Forget gate'))")
    tip = tooltip_at(browser, gates)
    check("unit: " in tip and "value: 0." in tip, f"tooltip of a gate: {tip}")
    browser.call("Page.printToPDF")
    charts = browser.evaluate(CHARTS)
    check(all(abs(chart["width"] - chart["room"]) < 2 for chart in charts), "charts keep the width of paper after printing")


def check_schemes(browser, page):
    colour = "getComputedStyle(document.querySelector('.mark-line.role-mark path')).stroke"
    back = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for scheme in ("light", "dark"):
        browser.open(page.as_uri(), 1280, scheme)
        seen[scheme] = browser.evaluate(f"[{colour}, {back}].map(text => text.match(/\\d+/g).map(Number).slice(0, 3))")
    brightness = {scheme: [sum(part) / 3 for part in parts] for scheme, parts in seen.items()}
    check(brightness["light"][1] - brightness["light"][0] > 120, f"light: line and page have {seen['light']}")
    check(brightness["dark"][0] - brightness["dark"][1] > 120, f"dark: line and page have {seen['dark']}")


def check_texts(browser, page):
    pieces = "[...document.querySelectorAll('figure.choice pre span')]"
    last = f"getComputedStyle({pieces}.at(-2)).backgroundColor"
    for scheme in ("light", "dark"):
        browser.open(page.as_uri(), 360, scheme)
        check(browser.evaluate("document.documentElement.scrollWidth") <= 360, "texts are wider than a narrow window")
        check(browser.evaluate(f"{pieces}.length") == 120, "texts.html: a row for each gate was expected")
        check(browser.evaluate("getComputedStyle(document.querySelector('figure.choice label')).display") != "none", "no choice is shown")
        first = browser.evaluate(last)
        browser.evaluate("(() => { const select = document.querySelector('select'); select.selectedIndex = 1;"
                         "select.dispatchEvent(new Event('change')); })()")
        check(browser.evaluate(last) != first, f"{scheme}: the colours stay when another unit is chosen")
        check(browser.evaluate(f"{pieces}.at(-1).title") == "-1.00", "the value of what is chosen is not told")
        check(not browser.complaints(), f"texts.html: console: {browser.complaints()}")


def check_hostile(browser, page):
    browser.open(page.as_uri(), 1280)
    found = browser.evaluate("[document.images.length, document.scripts.length, document.title]")
    check(found[0] == 0 and found[1] == 2, f"hostile strings made elements: {found}")
    check(found[2].startswith("</script><img src=x onerror="), f"hostile title: {found[2]}")
    # Even if a string got through, the page's policy would keep it from calling out or running.
    refused = browser.evaluate("""new Promise(done => {
      const seen = [];
      addEventListener('securitypolicyviolation', event => {
        seen.push(event.effectiveDirective);
        if (seen.length === 2) done(seen.sort());
      });
      document.body.insertAdjacentHTML('beforeend', '<img src="http://127.0.0.1:9/x"><p id="p" onclick="alert(1)"></p>');
      document.getElementById('p').click();
    })""")
    check(refused == ["img-src", "script-src-attr"], f"policy refuses {refused}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="reports_") as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.argv[1], folder], check=True)
        browser = Browser()
        try:
            check_that_checks_work(browser)
            check_page(browser, folder / "full.html", 18)
            check_page(browser, folder / "bare.html", 1)
            check_page(browser, folder / "hostile.html", 18)
            check_page(browser, folder / "large.html", 24)
            check_full(browser, folder / "full.html")
            browser.open((folder / "bare.html").as_uri(), 1280)
            words = browser.evaluate("document.querySelector('header').innerText")
            check("Does not beat the baseline." in words and "worse by 8.2 %" in words, f"verdict: {words}")
            check_schemes(browser, folder / "full.html")
            check_texts(browser, folder / "texts.html")
            check_hostile(browser, folder / "hostile.html")
        finally:
            browser.close()
    if failures:
        sys.exit(f"{len(failures)} checks of the reports failed")
    print("all reports look as they should")


if __name__ == "__main__":
    main()
