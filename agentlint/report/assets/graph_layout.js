// Where everything stands: connected nodes by dagre, the rest in grids, all of it packed.
agentlint.layout = (function () {
  const READABLE = 0.66;
  const HEIGHT = 46;
  const GAP = 18;
  const HEADER = 30;
  const FONT = "600 13px system-ui, sans-serif";
  const SMALL = "600 10.5px system-ui, sans-serif";
  const pen = document.createElement("canvas").getContext("2d");

  function width(text, font) {
    pen.font = font;
    return pen.measureText(text).width;
  }

  function cut(text, room, font) {
    if (width(text, font) <= room) { return text; }
    let low = 0;
    let high = text.length;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (width(text.slice(0, middle) + "…", font) <= room) { low = middle; } else { high = middle - 1; }
    }
    return text.slice(0, low).replace(/[\ud800-\udbff]$/, "") + "…";
  }

  // Folders tell most at their end.
  function cutStart(text, room, font) {
    let first = 0;
    while (first < text.length && width((first ? "…" : "") + text.slice(first), font) > room) { first += 1; }
    return first ? "…" + text.slice(first).replace(/^[\udc00-\udfff]/, "") : text;
  }

  function nodeBox(node, scene) {
    const effects = node.effects.slice(0, 3).join(" ") + (node.effects.length > 3 ? " +" + (node.effects.length - 3) : "");
    const kind = node.type.replace(/_/g, " ").toUpperCase();
    const mark = [effects, node.gated ? "✓ gated" : ""].filter(Boolean).join(" ");
    const name = cut(node.name, 218, FONT);
    const top = width(kind, SMALL) * 1.06 + (mark ? width(mark, SMALL) + 14 : 0);
    const w = Math.max(96, Math.ceil(Math.max(width(name, FONT), top)) + 28);
    return { key: node.id, kind: "node", node: node, ids: [node.id], type: node.type, label: kind, mark: mark, gated: node.gated,
      name: name, title: node.name, w: w, h: HEIGHT, dim: scene.context.has(node.id) };
  }

  function tally(ids) {
    const counts = agentlint.model.count(ids, (id) => agentlint.model.nodes.get(id).type);
    return Array.from(counts).sort((a, b) => agentlint.model.rank(a[0]) - agentlint.model.rank(b[0]) || b[1] - a[1])
      .map((pair) => pair[1] + " " + (pair[1] === 1 ? pair[0] : pair[0].replace(/y$/, "ie").replace(/ch$/, "che") + "s").replace(/_/g, " "));
  }

  function foldBox(key, title, type, ids, what) {
    const name = (type === "project" ? cutStart : cut)(title, 206, FONT);
    const counts = tally(ids);
    const note = counts[0] === title ? "" : cut(counts.slice(0, 4).join(" · "), 214, SMALL);
    const w = Math.max(150, Math.ceil(Math.max(width(name, FONT), width(note, SMALL), width(what, SMALL) + 10)) + 44);
    return { key: key, kind: "fold", ids: ids, type: type, label: what.toUpperCase(), mark: "", name: name, note: note, title: title,
      w: type === "project" ? 252 : w, h: note ? 62 : HEIGHT };
  }

  // Put each thing where it comes to stand highest in a given width; return the whole size. Places are set.
  function skyline(sorted, gap, limit) {
    let line = [{ x: 0, y: 0, w: limit + gap }];
    const size = { w: 0, h: 0 };
    sorted.forEach((item) => {
      const w = item.w + gap;
      let best = null;
      line.forEach((start, first) => {
        if (start.x + item.w > limit + 0.5) { return; }
        let y = 0;
        for (let i = first; i < line.length && line[i].x < start.x + w; i += 1) { y = Math.max(y, line[i].y); }
        if (!best || y < best.y) { best = { x: start.x, y: y }; }
      });
      item.x = best.x;
      item.y = best.y;
      const end = best.x + w;
      const left = line.filter((part) => part.x < best.x);
      const right = line.filter((part) => part.x + part.w > end)
        .map((part) => (part.x < end ? { x: end, y: part.y, w: part.x + part.w - end } : part));
      line = left.concat([{ x: best.x, y: best.y + item.h + gap, w: w }], right);
      size.w = Math.max(size.w, best.x + item.w);
      size.h = Math.max(size.h, best.y + item.h);
    });
    return size;
  }

  // Things of different sizes in about the proportions of a screen: of several widths the one that can be shown largest.
  function pack(items, gap, ratio) {
    const area = items.reduce((sum, item) => sum + (item.w + gap) * (item.h + gap), 0);
    const widest = items.reduce((most, item) => Math.max(most, item.w), 0);
    const sorted = items.map((item, index) => [item, index]).sort((a, b) => b[0].h - a[0].h || a[1] - b[1]).map((pair) => pair[0]);
    let best = null;
    [0.8, 1, 1.15, 1.3, 1.5, 1.8].forEach((factor) => {
      const limit = Math.max(widest, factor * Math.sqrt(area * ratio));
      const size = skyline(sorted, gap, limit);
      const cost = Math.max(size.w / ratio, size.h);
      if (!best || cost < best.cost) { best = { cost: cost, limit: limit }; }
    });
    return best ? skyline(sorted, gap, best.limit) : { w: 0, h: 0 };
  }

  function grid(boxes) {
    const columns = Math.max(1, Math.round(Math.sqrt(boxes.length * 0.5)));
    const wide = boxes.reduce((most, box) => Math.max(most, box.w), 0);
    boxes.forEach((box, index) => {
      box.x = (index % columns) * (wide + GAP);
      box.y = Math.floor(index / columns) * (HEIGHT + 12);
      box.w = wide;
    });
    const used = Math.min(columns, boxes.length);
    return { w: used * (wide + GAP) - GAP, h: Math.ceil(boxes.length / columns) * (HEIGHT + 12) - 12, boxes: boxes, lines: new Map() };
  }

  function ranked(boxes, pairs) {
    const drawing = new dagre.graphlib.Graph();
    drawing.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 64, marginx: 0, marginy: 0 });
    drawing.setDefaultEdgeLabel(() => ({}));
    boxes.forEach((box) => drawing.setNode(box.key, { width: box.w, height: box.h }));
    pairs.forEach((pair) => drawing.setEdge(pair[0], pair[1], {}));
    dagre.layout(drawing);
    boxes.forEach((box) => {
      const place = drawing.node(box.key);
      box.x = place.x - box.w / 2;
      box.y = place.y - box.h / 2;
    });
    const lines = new Map();
    pairs.forEach((pair) => lines.set(pair.join(" "), drawing.edge(pair[0], pair[1]).points));
    const size = drawing.graph();
    return { w: size.width, h: size.height, boxes: boxes, lines: lines };
  }

  function partOf(part, scene, edges) {
    if (!part.open) {
      const cluster = part.cluster;
      const title = cluster.loose ? tally(part.ids)[0] : cluster.name;
      const what = cluster.loose ? "unconnected" : cluster.type.replace(/_/g, " ") + " and more";
      const box = foldBox(part.key, title, cluster.type, part.ids, what);
      box.x = 0;
      box.y = 0;
      return { w: box.w, h: box.h, boxes: [box], lines: new Map() };
    }
    const boxes = part.ids.map((id) => nodeBox(agentlint.model.nodes.get(id), scene));
    const inside = new Set(part.ids);
    const pairs = edges.filter((pair) => inside.has(pair[0]) && inside.has(pair[1]));
    return pairs.length ? ranked(boxes, pairs) : grid(boxes);
  }

  function shift(things, dx, dy) {
    things.forEach((thing) => {
      thing.x += dx;
      thing.y += dy;
    });
  }

  function openGroup(group, scene, edges) {
    const parts = group.parts.map((part) => {
      const placed = partOf(part, scene, edges);
      placed.frames = [];
      if (part.open && part.ids.length > 1) {
        const title = part.cluster.loose ? tally(part.ids)[0] : part.cluster.name;
        const room = Math.max(placed.w, 120);
        shift(placed.boxes, 10, 28);
        placed.lines.forEach((points) => shift(points, 10, 28));
        placed.w = room + 20;
        placed.h += 38;
        placed.frames.push({ key: part.key, kind: "frame", level: 2, ids: part.ids, title: title,
          name: cut(title, room - 20, SMALL), x: 0, y: 0, w: placed.w, h: placed.h });
      }
      return placed;
    });
    const size = pack(parts, GAP, 1.6);
    const all = { boxes: [], frames: [], lines: new Map() };
    parts.forEach((part) => {
      shift(part.boxes, part.x + 14, part.y + HEADER + 8);
      shift(part.frames, part.x + 14, part.y + HEADER + 8);
      part.lines.forEach((points, key) => {
        shift(points, part.x + 14, part.y + HEADER + 8);
        all.lines.set(key, points);
      });
      all.boxes.push(...part.boxes);
      all.frames.push(...part.frames);
    });
    all.w = Math.max(size.w + 28, Math.min(width(group.name, FONT) + 50, 300), 160);
    all.h = size.h + HEADER + 22;
    all.frames.unshift({ key: group.key, kind: "frame", level: 1, ids: group.ids, title: group.name,
      name: cutStart(group.name, all.w - 44, FONT), x: 0, y: 0, w: all.w, h: all.h });
    return all;
  }

  // ``room`` is the size of the canvas. What cannot be read when all of it is shown gets the width of the canvas.
  function place(scene, room) {
    const pairs = new Map();
    agentlint.model.data.edges.forEach((edge) => {
      if (edge.source !== edge.target) { pairs.set(edge.source + " " + edge.target, [edge.source, edge.target]); }
    });
    const edges = Array.from(pairs.values());
    const groups = scene.groups.map((group) => {
      if (group.open) { return openGroup(group, scene, edges); }
      const box = foldBox(group.key, group.name, "project", group.ids, "project");
      return { w: box.w, h: box.h, boxes: [Object.assign(box, { x: 0, y: 0 })], frames: [], lines: new Map() };
    });
    let size = pack(groups, 26, room.width / room.height);
    if (Math.min(room.width / size.w, room.height / size.h) < READABLE) {
      const widest = groups.reduce((most, group) => Math.max(most, group.w), 0);
      size = skyline(groups, 26, Math.max(widest, room.width / READABLE));
    }
    const result = { w: size.w, h: size.h, boxes: [], frames: [], lines: [] };
    const holder = new Map();
    const lines = new Map();
    groups.forEach((group) => {
      shift(group.boxes, group.x, group.y);
      shift(group.frames, group.x, group.y);
      group.lines.forEach((points, key) => {
        shift(points, group.x, group.y);
        lines.set(key, points);
      });
      group.boxes.forEach((box) => box.ids.forEach((id) => holder.set(id, box)));
      result.boxes.push(...group.boxes);
      result.frames.push(...group.frames);
    });
    result.lines = connect(holder, lines);
    return result;
  }

  function connect(holder, lines) {
    const merged = new Map();
    agentlint.model.data.edges.forEach((edge) => {
      const from = holder.get(edge.source);
      const to = holder.get(edge.target);
      if (!from || !to || from === to) { return; }
      const key = from.key + " " + to.key;
      if (!merged.has(key)) { merged.set(key, { key: key, from: from, to: to, labels: new Map(), points: lines.get(key) || null }); }
      const labels = merged.get(key).labels;
      labels.set(edge.label, (labels.get(edge.label) || 0) + 1);
    });
    return Array.from(merged.values());
  }

  return { place, READABLE };
})();
