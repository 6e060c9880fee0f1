// Filters, keys, the panel, and the tables below.
(function () {
  const { model, draw } = agentlint;
  const { make } = agentlint.panel;
  const $ = (id) => document.getElementById(id);
  let scene = null;
  let selected = "";
  let current = "";

  function say(text) { $("status").textContent = text; }

  function plural(count, word) { return count + " " + word + (count === 1 ? "" : "s"); }

  function panel() {
    const found = draw.elements.get(selected);
    const close = () => {
      const key = selected;
      choose("");
      focus(key);
    };
    agentlint.panel.show(scene, found && found.item.kind === "node" ? found.item.node : null, { go, close, say });
  }

  // ---- the drawing

  function refresh(refit) {
    scene = model.scene();
    draw.show(scene);
    if (refit) { draw.fit(true); }
    if (selected && !draw.elements.has(selected)) { selected = ""; }
    if (!draw.elements.has(current)) { current = selected || (draw.elements.keys().next().value || ""); }
    rove(current);
    draw.select(selected);
    const none = scene.total === 0;
    $("empty").hidden = !none;
    $("empty").textContent = model.data.nodes.length ? "Nothing matches these filters." : "Nothing here builds or configures an agent, as far as agentlint can see.";
    const hidden = model.data.nodes.length - scene.total;
    say(scene.total ? plural(scene.core.size, "node") + (scene.context.size ? " and " + plural(scene.context.size, "neighbour") : "") + (hidden ? " of " + model.data.nodes.length : "") : "");
    filterTables();
    panel();
  }

  function rove(key) {
    const before = draw.elements.get(current);
    if (before) { before.group.setAttribute("tabindex", "-1"); }
    const next = draw.elements.get(key);
    if (next) { next.group.setAttribute("tabindex", "0"); }
    current = key;
  }

  function focus(key) {
    rove(key);
    draw.look(key);
    const found = draw.elements.get(key);
    if (found) { found.group.focus({ preventScroll: true }); }
  }

  function choose(key) {
    selected = draw.elements.has(key) ? key : "";
    draw.select(selected);
    panel();
  }

  function toggle(key, open) {
    model.folding.set(key, open);
    refresh(false);
    const inside = draw.elements.has(key) ? key : current;
    focus(inside);
    choose("");
  }

  function activate(key) {
    const found = draw.elements.get(key);
    if (!found) { return; }
    rove(key);
    if (found.item.kind === "node") { choose(selected === key ? "" : key); } else { toggle(key, found.item.kind === "fold"); }
  }

  function go(id) {
    model.reveal(id);
    if (!model.scene().core.has(id) && !model.scene().context.has(id)) { clearFilters(); model.reveal(id); }
    selected = id;
    current = id;
    syncControls();
    refresh(false);
    focus(id);
  }

  function neighbour(key, direction) {
    const from = center(draw.elements.get(key).item);
    let best = "";
    let least = Infinity;
    draw.elements.forEach((entry, own) => {
      if (own === key) { return; }
      const to = center(entry.item);
      const along = { ArrowRight: to.x - from.x, ArrowLeft: from.x - to.x, ArrowDown: to.y - from.y, ArrowUp: from.y - to.y }[direction];
      const across = Math.abs(direction === "ArrowRight" || direction === "ArrowLeft" ? to.y - from.y : to.x - from.x);
      if (along > 4 && along + 2.2 * across < least) {
        least = along + 2.2 * across;
        best = own;
      }
    });
    return best;
  }

  function center(item) {
    return item.kind === "frame" ? { x: item.x + 24, y: item.y + 14 } : { x: item.x + item.w / 2, y: item.y + item.h / 2 };
  }

  function keyInDrawing(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    const keys = Array.from(draw.elements.keys());
    const step = { Home: keys[0], End: keys[keys.length - 1] }[event.key];
    if (event.key.startsWith("Arrow")) {
      const next = draw.elements.has(current) ? neighbour(current, event.key) : keys[0];
      if (next) { focus(next); }
    } else if (step) {
      focus(step);
    } else if (event.key === "Enter" || event.key === " ") {
      activate(current);
    } else if (event.key === "Escape") {
      choose("");
    } else {
      return;
    }
    event.preventDefault();
  }

  function pointer() {
    let from = null;
    let moved = false;
    draw.root.addEventListener("pointerdown", (event) => {
      from = event.button === 0 ? { x: event.clientX, y: event.clientY } : null;
      moved = false;
    });
    window.addEventListener("pointermove", (event) => {
      if (!from) { return; }
      const dx = event.clientX - from.x;
      const dy = event.clientY - from.y;
      if (!moved && Math.hypot(dx, dy) < 4) { return; }
      moved = true;
      draw.root.classList.add("dragging");
      draw.pan(dx, dy);
      from = { x: event.clientX, y: event.clientY };
    });
    window.addEventListener("pointerup", () => {
      from = null;
      draw.root.classList.remove("dragging");
    });
    draw.root.addEventListener("click", (event) => {
      const hit = event.target.closest("[data-key]");
      if (moved) { return; }
      if (hit) { activate(hit.dataset.key); } else { choose(""); }
    });
    draw.root.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) {
        if (event.deltaY && draw.more(event.deltaY)) {
          draw.pan(0, -event.deltaY * (event.deltaMode ? 20 : 1));
          event.preventDefault();
        }
        return;
      }
      event.preventDefault();
      const room = $("canvas").getBoundingClientRect();
      draw.zoom(Math.exp(-event.deltaY * 0.004), event.clientX - room.left, event.clientY - room.top);
    }, { passive: false });
  }

  // ---- filters

  function chip(parent, kind, value, count, off) {
    const box = make("input", { type: "checkbox" });
    box.dataset.value = value;
    box.checked = !model.wanted[off].has(value);
    box.addEventListener("change", () => {
      if (box.checked) { model.wanted[off].delete(value); } else { model.wanted[off].add(value); }
      refresh(true);
    });
    const name = make("span", { class: "chip-name" }, value.replace(/_/g, " "));
    parent.append(make("label", { class: "chip " + kind }, box, name, make("span", { class: "count" }, String(count))));
  }

  function syncControls() {
    $("search").value = model.wanted.text;
    $("rule").value = model.wanted.rule;
    $("found").checked = model.wanted.found;
    $("tests").checked = model.wanted.tests;
    document.querySelectorAll("#types input").forEach((box) => { box.checked = !model.wanted.noType.has(box.dataset.value); });
    document.querySelectorAll("#severities input").forEach((box) => { box.checked = !model.wanted.noSeverity.has(box.dataset.value); });
  }

  function clearFilters() {
    model.wanted.text = "";
    model.wanted.rule = "";
    model.wanted.found = false;
    model.wanted.noSeverity.clear();
    model.wanted.noType.clear();
  }

  function controls() {
    const severities = model.count(model.data.findings, (finding) => finding.severity);
    model.SEVERITIES.filter((level) => severities.has(level)).forEach((level) => chip($("severities"), "sev " + level, level, severities.get(level), "noSeverity"));
    const types = Array.from(model.count(model.data.nodes, (node) => node.type)).sort((a, b) => model.rank(a[0]) - model.rank(b[0]) || (a[0] < b[0] ? -1 : 1));
    types.forEach((pair) => chip($("types"), "t-" + pair[0], pair[0], pair[1], "noType"));
    const names = new Map(model.data.findings.map((finding) => [finding.rule, finding.name]));
    const rules = model.count(model.data.findings, (finding) => finding.rule);
    Array.from(rules.keys()).sort().forEach((rule) => $("rule").append(make("option", { value: rule }, rule + " " + names.get(rule) + " (" + rules.get(rule) + ")")));
    const tests = model.data.nodes.filter((node) => node.test).length;
    $("tests-label").hidden = tests === 0 || !model.someCode;
    $("tests-label").append(" ", make("span", { class: "count" }, String(tests)));
    let waiting = 0;
    $("search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { model.wanted.text = $("search").value; refresh(true); }, 120);
    });
    $("search").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && $("search").value) {
        $("search").value = model.wanted.text = "";
        refresh(true);
        event.preventDefault();
      } else if (event.key === "Enter") {
        clearTimeout(waiting);
        model.wanted.text = $("search").value;
        refresh(true);
        const first = scene.core.values().next().value;
        if (first && model.wanted.text) { go(first); }
      }
    });
    $("rule").addEventListener("change", () => { model.wanted.rule = $("rule").value; refresh(true); });
    $("found").addEventListener("change", () => { model.wanted.found = $("found").checked; refresh(true); });
    $("tests").addEventListener("change", () => { model.wanted.tests = $("tests").checked; refresh(true); });
    $("clear").addEventListener("click", () => { model.reset(); selected = ""; syncControls(); refresh(true); });
    $("bar").addEventListener("submit", (event) => event.preventDefault());
    $("zoom-in").addEventListener("click", () => draw.zoom(1.25));
    $("zoom-out").addEventListener("click", () => draw.zoom(0.8));
    $("fit").addEventListener("click", () => draw.fit());
    $("open-all").addEventListener("click", () => { model.foldAll(true); refresh(true); });
    $("fold-all").addEventListener("click", () => { model.foldAll(false); refresh(true); });
    draw.root.addEventListener("keydown", keyInDrawing);
    draw.root.addEventListener("focusin", (event) => {
      const key = event.target.dataset && event.target.dataset.key;
      if (key) { rove(key); }
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
      if (typing || event.ctrlKey || event.metaKey || event.altKey) { return; }
      if (event.key === "/") {
        $("search").focus();
        event.preventDefault();
      }
      if (event.key === "+" || event.key === "=") { draw.zoom(1.25); }
      if (event.key === "-") { draw.zoom(0.8); }
      if (event.key === "0") { draw.fit(); }
      if (event.key === "Escape" && selected) { const key = selected; choose(""); focus(key); }
    });
    window.addEventListener("beforeprint", () => draw.forPrint(true));
    window.addEventListener("afterprint", () => draw.forPrint(false));
    window.addEventListener("resize", () => draw.fit(true));
    pointer();
  }

  function legend() {
    const rows = [
      ["Colour and word", "what a node is; the numbered switches above turn types off"],
      ["Right of it", "effects of the code: what a tool can do; ✓ gated: a person is asked first"],
      ["Number", "findings, in the colour of the worst"],
      ["Stacked card", "a folded group: Enter or click unfolds it, its title folds it again"],
      ["Frame", "a project (solid); in it what is connected with an agent, and things of one type that are connected with nothing (dotted)"],
      ["Dashed node", "a file with findings that are about no node"],
      ["Pale node", "does not match the filter, but is connected with one that does"],
      ["Keys", "/ search · arrows move · Enter open · Esc back · + − 0 zoom · Ctrl+wheel zoom"],
    ];
    const lines = Array.from(new Set(model.data.edges.map((edge) => edge.label))).sort();
    if (lines.length) { rows.splice(3, 0, ["Arrows", lines.join(", ").replace(/_/g, " ") + ": named on the node you choose"]); }
    $("legend-body").append(make("dl", {}, ...rows.flatMap((row) => [make("dt", {}, row[0]), make("dd", {}, row[1])])));
  }

  // ---- the tables

  const nodeRows = Array.from(document.querySelectorAll("[data-node]"));
  const findingRows = Array.from(document.querySelectorAll("[data-finding]"));

  function filterTables() {
    nodeRows.forEach((row) => { row.hidden = !scene.core.has(row.dataset.node); });
    findingRows.forEach((row) => {
      const finding = model.findings.get(row.dataset.finding);
      row.hidden = !(model.told(finding) && scene.core.has(finding.node));
    });
    [["findings-title", findingRows], ["nodes-title", nodeRows]].forEach((pair) => {
      const counter = document.querySelector("#" + pair[0] + " .dim");
      const shown = pair[1].filter((row) => !row.hidden).length;
      counter.textContent = shown === pair[1].length ? String(shown) : shown + " of " + pair[1].length;
    });
  }

  function show(event) {
    const row = event.target.closest("tr");
    if (!row || event.target.closest("a") || String(window.getSelection())) { return; }
    const id = row.dataset.node || (row.dataset.finding && model.findings.get(row.dataset.finding).node);
    if (id) {
      $("app").scrollIntoView();
      go(id);
    }
  }

  $("app").hidden = false;
  $("tables").addEventListener("click", show);
  controls();
  legend();
  refresh(true);
  document.documentElement.dataset.ready = "yes";
})();
