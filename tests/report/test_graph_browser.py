"""The page of the graph in a real browser: keys, filters, folding, colours, paper, and no way out."""

from __future__ import annotations

import pytest
from browser import Browser, chromium
from test_graph_page import HOSTILE, finding, span, view

from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.report import graph_html

pytestmark = pytest.mark.skipif(chromium() is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture
def open_page(browser, tmp_path):
    def opened(told, **options):
        file = tmp_path / "graph.html"
        file.write_text(graph_html.render(told, "0"), encoding="utf-8")
        browser.problems.clear()
        browser.requests.clear()
        browser.open(file, **options)
        return browser

    yield opened
    assert browser.problems == []
    assert all(url.startswith("file:///") and url.endswith("/graph.html") for url in browser.requests)


def small():
    return view(findings=[finding("AL100", "app/a.py", 3), finding("AL200", "app/b.py", 5), finding("AL300", "other/z.py", 2)])


def large(agents=200, each=10):
    made = RepoGraph()
    found = []
    for number in range(agents):
        project = f"p{number % 40:02}"
        made.add(GraphNode("agent", f"a{number}", f"agent {number}", f"{project}/a{number}.py", span(1), attrs={"effects": []}))
        for tool in range(each - 1):
            path = f"{project}/a{number}.py"
            made.add(
                GraphNode(
                    "tool", f"t{number}.{tool}", f"tool {number}.{tool}", path, span(tool + 2), attrs={"effects": ["shell"]}
                )
            )
            made.link(f"a{number}", "uses", f"t{number}.{tool}")
        if number % 20 == 0:
            found.append(finding("AL100", f"{project}/a{number}.py", 2))
    return view(made, found)


def shown(browser):
    return browser.run("Array.from(document.querySelectorAll('.box .name'), (e) => e.textContent)")


def focused(browser):
    return browser.run(
        "(document.activeElement.getAttribute('aria-label') || document.activeElement.id || document.activeElement.tagName)"
    )


def panel(browser):
    return browser.run("document.getElementById('panel').innerText")


def tab_to(browser, wanted, most=40):
    for _ in range(most):
        browser.press("Tab")
        if wanted(focused(browser)):
            return
    raise AssertionError(f"no tab stop: {focused(browser)}")


def test_hostile_names_are_drawn_as_text(open_page):
    page = open_page(view(findings=[finding("AL1", "app/b.py", 5, fix=HOSTILE)]))
    assert page.run("document.querySelectorAll('img, iframe, object').length") == 0
    page.run("document.querySelectorAll('.box.t-tool')[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert "</script><img src=x" in panel(page)
    assert page.run("document.querySelectorAll('img').length") == 0


def test_the_policy_lets_nothing_out(browser, tmp_path):
    file = tmp_path / "graph.html"
    file.write_text(graph_html.render(small(), "0"), encoding="utf-8")
    browser.open(file)
    assert browser.run("fetch('http://192.0.2.1/').then(() => 'sent', () => 'refused')") == "refused"
    assert (
        browser.run(
            "new Promise((r) => { const i = new Image(); i.onerror = () => r('refused'); i.onload = r; i.src = 'http://192.0.2.1/x.png'; })"
        )
        == "refused"
    )
    assert (
        browser.run(
            "(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); return window.ran; })()"
        )
        is None
    )


def test_keys_reach_everything(open_page):
    page = open_page(small())
    page.run("document.body.focus()")
    page.press("/")
    assert focused(page) == "search"
    tab_to(page, lambda name: name.startswith(("app", "other", "helper")))
    before = focused(page)
    page.press("ArrowDown")
    assert focused(page) != before
    assert page.run("getComputedStyle(document.activeElement.querySelector('.card, .hit')).strokeWidth") == "3px"
    for _ in range(12):
        if focused(page).startswith("helper"):
            break
        page.press("ArrowRight" if focused(page).startswith("app") else "ArrowDown")
    page.press("End")
    last = focused(page)
    page.press("Home")
    assert focused(page) != last
    assert page.run("document.querySelectorAll('.drawing [tabindex=\"0\"]').length") == 1


def test_enter_opens_a_node_and_escape_closes_it(open_page):
    page = open_page(small())
    page.run("document.querySelector('.box.t-agent').focus()")
    page.press("Enter")
    assert "app/a.py:3" in panel(page)
    assert "AL100" in panel(page)
    assert page.run("document.querySelector('.line.on .label').textContent") == "uses"
    assert page.run("document.querySelector('#panel a').getAttribute('href')") == "./app/a.py#L3"
    page.press("Escape")
    assert "Findings 3" in panel(page)


def test_a_finding_leads_to_its_node_and_place(open_page):
    page = open_page(small())
    page.run("Array.from(document.querySelectorAll('.card-button')).find((b) => b.textContent.includes('AL300')).click()")
    assert focused(page).startswith("z.py, file, 1 finding")
    assert "other/z.py:2" in panel(page)
    page.run("document.querySelector('#panel .place button').click()")
    page.run("new Promise((r) => setTimeout(r, 100))")
    assert page.run("document.getElementById('status').textContent") in ("Copied other/z.py:2", "other/z.py:2")


def test_filters_by_rule_severity_type_text_and_tests(open_page):
    page = open_page(view(findings=[finding("AL100", "app/a.py", 3), finding("AL200", "other/z.py", 2)]))
    everything = set(shown(page))
    assert "prompt" not in everything
    page.run("(() => { const s = document.getElementById('rule'); s.value = 'AL200'; s.dispatchEvent(new Event('change')); })()")
    assert shown(page) == ["z.py"]
    assert page.run("document.querySelectorAll('tr[data-finding]:not([hidden])').length") == 1
    page.run("document.getElementById('clear').click()")
    assert set(shown(page)) == everything
    page.run("document.querySelector('#types .t-tool input').click()")
    assert set(shown(page)) == {"helper", "made_by_function", "z.py"}
    page.run("document.getElementById('clear').click(); document.getElementById('tests').click()")
    assert "prompt" in shown(page)
    page.run("document.querySelector('#severities input').click()")
    assert page.run("document.querySelectorAll('.badge').length") == 0
    page.run("document.getElementById('clear').click(); document.getElementById('search').focus()")
    page.write("shell")
    page.run("new Promise((r) => setTimeout(r, 300))")
    assert page.run("document.querySelectorAll('.box:not(.context)').length") == 1
    page.press("Escape")
    assert set(shown(page)) == everything


def test_two_thousand_nodes_are_folded_and_unfold(open_page):
    page = open_page(large())
    assert len(shown(page)) == 40
    page.run("document.querySelector('.box.fold').focus()")
    page.press("Enter")
    assert len(shown(page)) == 39 + 50
    assert page.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.press("Enter")
    assert len(shown(page)) == 40
    page.run("document.getElementById('open-all').click()")
    assert len(shown(page)) == 2000
    page.run("document.getElementById('fold-all').click(); document.getElementById('found').click()")
    assert page.run("document.querySelectorAll('tr[data-node]:not([hidden])').length") == 10


def test_boxes_do_not_overlap(open_page):
    page = open_page(large(30, 4))
    overlaps = page.run(
        "(() => { const r = Array.from(document.querySelectorAll('.box .card'), (e) => e.getBoundingClientRect()); let n = 0;"
        "r.forEach((a, i) => r.slice(i + 1).forEach((b) => { if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1"
        " && b.top < a.bottom - 1) { n += 1; } })); return n; })()"
    )
    assert overlaps == 0


def test_an_empty_graph_says_so(open_page):
    page = open_page(view(RepoGraph()))
    assert "Nothing here" in page.run("document.getElementById('empty').innerText")
    page.press("ArrowDown")


def test_light_and_dark(open_page):
    told = small()
    light = open_page(told).run("getComputedStyle(document.body).backgroundColor")
    dark = open_page(told, dark=True).run("getComputedStyle(document.body).backgroundColor")
    assert light == "rgb(255, 255, 255)"
    assert sum(map(int, dark[4:-1].split(","))) < 120


def test_without_javascript_the_tables_say_it_all(open_page):
    page = open_page(small(), scripts=False)
    text = page.call("DOM.getDocument")  # scripts are off, so the page is read through the protocol
    root = text["root"]["nodeId"]
    rows = page.call("DOM.querySelectorAll", nodeId=root, selector="tr[data-node]")["nodeIds"]
    assert len(rows) == 5
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert page.run("getComputedStyle(document.getElementById('app')).display") == "none"
    assert page.run("document.querySelector('noscript p').innerText").startswith("The drawing needs JavaScript")


def test_it_prints_the_drawing_and_the_tables(open_page):
    page = open_page(small())
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.run("getComputedStyle(document.getElementById('bar')).display") == "none"
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.call("Emulation.setEmulatedMedia", media="")
    assert page.pdf().startswith(b"%PDF")
