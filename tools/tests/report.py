# SPDX-License-Identifier: Apache-2.0
"""tools/report: the page of a trace has its sums and its points, loads nothing, and draws in a browser.

report.py numbers TERN SOURCE
report.py page TERN SOURCE       in a headless Chromium
"""
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

WHAT, TERN, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--window-size=1300,1500"]


def skip(needs):
    print(f"skipped: needs {needs}")
    sys.exit(77)


def report(trace, page):
    return subprocess.run([SOURCE / "tools/report", trace, page], capture_output=True, text=True)


def make_trace(path, *words):
    run = ["run", SOURCE / "testvectors/tiny/packed", "--prompt", "The", "--max-tokens", "1", "--trace", path, *words]
    done = subprocess.run([TERN, *run], capture_output=True, text=True)
    if "vp: needs" in done.stderr:
        skip("libsystemc-dev")
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())


class Page(html.parser.HTMLParser):
    """Rows of the tables, points of the roofline, addresses that would be loaded."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.points, self.loads = [], 0, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.loads += [value for name, value in attributes if name in ("src", "href")]
        self.points += tag == "circle"
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data):
        if self.rows and data.strip():
            self.rows[-1].append(data.strip())


def check_sums(text, commands):
    """A row a stage, with the cycles of its commands."""
    page, cycles = Page(text), {}
    for command in commands:
        key = command["name"], command["args"]["unit"]
        cycles[key] = cycles.get(key, 0) + command["dur"]
    rows = {(row[0], row[1]): row for row in page.rows if len(row) > 3}
    for key, sum_of_stage in cycles.items():
        assert int(rows[key][3]) == sum_of_stage, (key, rows[key])
    assert f"{len(commands)} commands, {sum(cycles.values())} cycles" in text
    assert page.points > len(cycles), page.points
    assert not page.loads and "http" not in text, page.loads


def check_point(text, commands, device):
    """The point of a stage, in numbers."""
    mine = [command["args"] for command in commands if command["name"] == "down_proj"]
    cycles = sum(args[part] for args in mine for part in ("busy", "starved", "blocked", "other"))
    operations = sum(args["operations"] for args in mine) / cycles
    read = sum(args["read_beats"] for args in mine) * device["beat_bytes"] / cycles
    assert f"down_proj: {operations:.2f} operations, {read:.2f} bytes a cycle" in text, (operations, read)
    assert 0.3 * device["operations_a_cycle"]["matmul"] < operations < device["operations_a_cycle"]["matmul"]


def check_numbers(scratch):
    trace = make_trace(scratch / "t.json", "--device", "vp")
    done = report(scratch / "t.json", scratch / "t.html")
    assert done.returncode == 0, done.stderr
    text = (scratch / "t.html").read_text()
    commands = [event for event in trace["traceEvents"] if event.get("cat") == "command"]
    check_sums(text, commands)
    check_point(text, commands, trace["otherData"]["devices"][0])


def check_refusals(scratch):
    (scratch / "bad.json").write_text('{"traceEvents": []}')
    (scratch / "empty.json").write_text('{"traceEvents": [], "otherData": {"devices": []}}')
    for name, sentence in (("nowhere.json", "No such file"), ("bad.json", "no trace of tern"),
                           ("empty.json", "a trace without a command")):
        done = report(scratch / name, scratch / "never.html")
        assert done.returncode == 1 and sentence in done.stderr and done.stderr.count("\n") == 1, done.stderr
    done = report(scratch / "t.json", scratch / "nowhere" / "t.html")
    assert done.returncode == 1 and "No such file" in done.stderr
    (scratch / "wrong.json").write_text((scratch / "t.json").read_text().replace('"ts":', '"ts":"x","was":'))
    done = report(scratch / "wrong.json", scratch / "never.html")
    assert done.returncode == 1 and done.stderr.endswith("wrong.json: a trace with wrong values\n"), done.stderr
    assert not list(scratch.glob("*never*"))
    (scratch / "aim").touch()
    (scratch / "link").symlink_to("aim")
    assert report(scratch / "t.json", scratch / "link").returncode == 0 and (scratch / "link").is_symlink()


def browse(browser, address):
    """The page after its script, and what the browser's console said."""
    done = subprocess.run([browser, *FLAGS, "--dump-dom", address], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


def check_page(scratch):
    """Two devices, so two timelines. The second address shows a thousand cycles: fewer spans."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None) or skip("chromium")
    trace = make_trace(scratch / "t.json", "--device", "vp", "--on", "vp:1")
    start = next(event["ts"] for event in trace["traceEvents"] if event.get("cat") == "command")
    assert report(scratch / "t.json", scratch / "t.html").returncode == 0
    drawn = []
    for where in ("", f"#{start}-{start + 1000}"):
        page, console = browse(browser, f"file://{scratch}/t.html{where}")
        assert not console and "data-error" not in page, (console, page[-300:])
        drawn.append([int(number) for number in re.findall(r'data-drawn="(\d+)"', page)])
    assert len(drawn[0]) == 2 and min(drawn[0]) > 200, drawn
    assert 0 < drawn[1][0] < drawn[0][0] / 4, drawn


with tempfile.TemporaryDirectory() as place:
    if WHAT == "numbers":
        check_numbers(pathlib.Path(place))
        check_refusals(pathlib.Path(place))
    else:
        check_page(pathlib.Path(place))
