// The drawing itself. Everything that was scanned enters the page as text content or an attribute value, never as markup.
agentlint.draw = (function () {
  const SVG = "http://www.w3.org/2000/svg";
  const canvas = document.getElementById("canvas");
  const root = make("svg", { class: "drawing", role: "group", "aria-label": "Graph; arrow keys move, Enter opens" });
  const world = make("g", {});
  let view = { x: 0, y: 0, scale: 1 };
  let placed = { w: 0, h: 0, boxes: [], frames: [], lines: [] };
  const elements = new Map();

  function make(name, attributes, text) {
    const element = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach((key) => element.setAttribute(key, attributes[key]));
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function worst(ids) {
    const found = ids.flatMap((id) => agentlint.model.findingsOf(agentlint.model.nodes.get(id)));
    const severity = agentlint.model.SEVERITIES.find((level) => found.some((finding) => finding.severity === level));
    return { count: found.length, severity: severity };
  }

  function spoken(item, found) {
    const parts = [item.title];
    if (item.kind === "node") {
      parts.push(item.type.replace(/_/g, " "));
      if (item.node.effects.length) { parts.push("effects: " + item.node.effects.join(", ")); }
      if (item.node.gated) { parts.push("gated"); }
    } else {
      parts.push(item.ids.length + " nodes");
    }
    if (found.count) { parts.push(found.count + (found.count === 1 ? " finding" : " findings") + ", worst " + found.severity); }
    return parts.join(", ");
  }

  function interactive(item, group, found) {
    group.setAttribute("tabindex", "-1");
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", spoken(item, found));
    group.dataset.key = item.key;
    if (item.kind !== "node") { group.setAttribute("aria-expanded", item.kind === "frame" ? "true" : "false"); }
    elements.set(item.key, { item: item, group: group });
  }

  function badge(group, item, found) {
    if (!found.count) { return; }
    const label = String(found.count);
    const w = Math.max(20, 10 + 7 * label.length);
    group.append(make("rect", { class: "badge " + found.severity, x: item.w - w + 7, y: -9, width: w, height: 20, rx: 10 }));
    group.append(make("text", { class: "badge-text", x: item.w - w / 2 + 7, y: 5 }, label));
  }

  function drawBox(item) {
    const found = worst(item.ids);
    const group = make("g", { class: "box " + item.kind + " t-" + item.type + (item.dim ? " context" : ""),
      transform: "translate(" + item.x + " " + item.y + ")" });
    interactive(item, group, found);
    if (item.kind === "fold") { group.append(make("rect", { class: "behind", x: 5, y: 5, width: item.w, height: item.h, rx: 8 })); }
    group.append(make("rect", { class: "card", width: item.w, height: item.h, rx: 8 }));
    group.append(make("rect", { class: "strip", x: 0, y: 8, width: 4, height: item.h - 16, rx: 2 }));
    group.append(make("text", { class: "kind", x: 14, y: 17 }, item.label));
    if (item.mark) {
      group.append(make("text", { class: "mark" + (item.gated ? " gated" : ""), x: item.w - 14, y: 17 }, item.mark));
    }
    group.append(make("text", { class: "name", x: 14, y: 35 }, item.name));
    if (item.note) { group.append(make("text", { class: "note", x: 14, y: 52 }, item.note)); }
    if (item.kind === "fold") { group.append(make("text", { class: "sign", x: item.w - 18, y: item.h - 10 }, "+")); }
    group.append(make("title", {}, item.title));
    badge(group, item, found);
    return group;
  }

  function drawFrame(item) {
    const group = make("g", { class: "frame level" + item.level, transform: "translate(" + item.x + " " + item.y + ")" });
    group.append(make("rect", { class: "area", width: item.w, height: item.h, rx: item.level === 1 ? 14 : 10 }));
    const head = make("g", { class: "head" });
    interactive(item, head, worst(item.ids));
    head.append(make("rect", { class: "hit", x: 2, y: 2, width: item.w - 4, height: item.level === 1 ? 30 : 24, rx: 8 }));
    head.append(make("text", { class: "sign", x: 12, y: item.level === 1 ? 22 : 18 }, "−"));
    head.append(make("text", { class: "title", x: 28, y: item.level === 1 ? 22 : 18 }, item.name));
    head.append(make("title", {}, item.title + " (fold)"));
    group.append(head);
    return group;
  }

  function curve(points) {
    let path = "M" + points[0].x + " " + points[0].y;
    for (let i = 1; i < points.length - 1; i += 1) {
      const end = i === points.length - 2 ? points[i + 1]
        : { x: (points[i].x + points[i + 1].x) / 2, y: (points[i].y + points[i + 1].y) / 2 };
      path += "Q" + points[i].x + " " + points[i].y + " " + end.x + " " + end.y;
    }
    return points.length === 2 ? path + "L" + points[1].x + " " + points[1].y : path;
  }

  function between(from, to) {
    const forward = from.x + from.w / 2 <= to.x + to.w / 2;
    const a = { x: forward ? from.x + from.w : from.x, y: from.y + from.h / 2 };
    const b = { x: forward ? to.x : to.x + to.w, y: to.y + to.h / 2 };
    const bend = Math.max(40, Math.abs(b.x - a.x) / 2) * (forward ? 1 : -1);
    return { path: "M" + a.x + " " + a.y + "C" + (a.x + bend) + " " + a.y + " " + (b.x - bend) + " " + b.y + " " + b.x + " " + b.y,
      x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  function drawLine(line) {
    const first = Array.from(line.labels.keys())[0];
    const way = line.points ? { path: curve(line.points), ...line.points[Math.floor(line.points.length / 2)] } : between(line.from, line.to);
    const group = make("g", { class: "line l-" + first + (line.from.dim || line.to.dim ? " context" : "") });
    group.dataset.from = line.from.key;
    group.dataset.to = line.to.key;
    group.append(make("path", { d: way.path, "marker-end": "url(#arrow)" }));
    const text = Array.from(line.labels).map((pair) => pair[0].replace(/_/g, " ") + (pair[1] > 1 ? " ×" + pair[1] : "")).join(", ");
    group.append(make("text", { class: "label", x: way.x, y: way.y - 5 }, text));
    return group;
  }

  function show(scene) {
    placed = agentlint.layout.place(scene, room());
    elements.clear();
    const layers = ["frames", "lines", "boxes"].map((name) => make("g", { class: name }));
    placed.frames.forEach((item) => layers[0].append(drawFrame(item)));
    placed.lines.forEach((item) => layers[1].append(drawLine(item)));
    placed.boxes.forEach((item) => layers[2].append(drawBox(item)));
    world.replaceChildren(...layers);
  }

  function apply() {
    world.setAttribute("transform", "translate(" + view.x + " " + view.y + ") scale(" + view.scale + ")");
  }

  // The size of the canvas without the margins that buttons and the status line take.
  function room() {
    const box = canvas.getBoundingClientRect();
    return { width: Math.max(box.width - 48, 200), height: Math.max(box.height - 84, 200) };
  }

  // Show everything; ``readable`` shows only the beginning where everything would be too small to read.
  function fit(readable) {
    const space = room();
    const all = Math.min(space.width / Math.max(placed.w, 1), space.height / Math.max(placed.h, 1), 1.15);
    const least = readable ? Math.min(agentlint.layout.READABLE, space.width / Math.max(placed.w, 1)) : 0;
    view.scale = Math.max(all, least, 0.04);
    view.x = Math.max(24, 24 + (space.width - placed.w * view.scale) / 2);
    view.y = Math.max(52, 52 + (space.height - placed.h * view.scale) / 2);
    apply();
  }

  // Whether the wheel still has something to show in the direction ``dy``.
  function more(dy) {
    const bottom = view.y + placed.h * view.scale;
    return dy > 0 ? bottom > canvas.clientHeight - 30 : view.y < 50;
  }

  function zoom(factor, x, y) {
    const box = canvas.getBoundingClientRect();
    const at = { x: x === undefined ? box.width / 2 : x, y: y === undefined ? box.height / 2 : y };
    const scale = Math.min(3, Math.max(0.04, view.scale * factor));
    view.x = at.x - ((at.x - view.x) * scale) / view.scale;
    view.y = at.y - ((at.y - view.y) * scale) / view.scale;
    view.scale = scale;
    apply();
  }

  function pan(dx, dy) {
    view.x += dx;
    view.y += dy;
    apply();
  }

  // Bring an item into sight, near enough to be read.
  function look(key) {
    const found = elements.get(key);
    if (!found) { return; }
    const box = canvas.getBoundingClientRect();
    view.scale = Math.max(view.scale, 0.7);
    const item = found.item;
    if (item.kind === "frame") {
      if (view.y + (item.y + item.h) * view.scale > box.height || view.y + item.y * view.scale < 40) { view.y = 60 - item.y * view.scale; }
      if (view.x + (item.x + item.w) * view.scale > box.width || view.x + item.x * view.scale < 0) { view.x = 24 - item.x * view.scale; }
    } else {
      const at = { x: view.x + (item.x + item.w / 2) * view.scale, y: view.y + (item.y + item.h / 2) * view.scale };
      const margin = 90;
      if (at.x < margin || at.x > box.width - margin) { view.x += box.width / 2 - at.x; }
      if (at.y < margin || at.y > box.height - margin) { view.y += box.height / 2 - at.y; }
    }
    apply();
  }

  function select(key) {
    root.classList.toggle("chosen", Boolean(key && elements.has(key)));
    const close = new Set([key]);
    world.querySelectorAll(".line").forEach((line) => {
      const on = line.dataset.from === key || line.dataset.to === key;
      line.classList.toggle("on", on);
      if (on) { close.add(line.dataset.from).add(line.dataset.to); }
    });
    elements.forEach((entry, own) => {
      entry.group.classList.toggle("near", close.has(own));
      entry.group.classList.toggle("selected", own === key);
    });
  }

  function forPrint(on) {
    if (on) {
      root.setAttribute("viewBox", "-12 -12 " + (placed.w + 24) + " " + (placed.h + 24));
      world.removeAttribute("transform");
    } else {
      root.removeAttribute("viewBox");
      apply();
    }
  }

  const marker = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7,
    orient: "auto-start-reverse" });
  marker.append(make("path", { d: "M0 0L8 4L0 8Z", class: "arrow" }));
  const definitions = make("defs", {});
  definitions.append(marker);
  root.append(definitions, world);
  canvas.prepend(root);
  return { root, elements, show, fit, more, zoom, pan, look, select, forPrint };
})();
