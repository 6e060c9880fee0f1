// What stands beside the drawing: the findings of what is shown, or all about the chosen node.
agentlint.panel = (function () {
  const { model } = agentlint;

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    Object.keys(attributes || {}).forEach((key) => element.setAttribute(key, attributes[key]));
    element.append(...children);
    return element;
  }

  function button(action, ...children) {
    const element = make("button", { type: "button" }, ...children);
    element.addEventListener("click", action);
    return element;
  }

  function place(item, actions) {
    const text = item.path + ":" + item.line;
    const link = make("a", { href: item.href }, make("code", {}, text));
    const copy = button(() => copyText(text, actions.say), "Copy");
    copy.className = "small";
    copy.setAttribute("aria-label", "Copy " + text);
    return make("p", { class: "place" }, link, item.cell || "", " ", copy);
  }

  function copyText(text, say) {
    const done = () => say("Copied " + text);
    const byHand = () => {
      const field = make("textarea", { class: "hide", "aria-hidden": "true" });
      field.value = text;
      document.body.append(field);
      field.select();
      const worked = document.execCommand("copy");
      field.remove();
      if (worked) { done(); } else { say(text); }
    };
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done, byHand); } else { byHand(); }
  }

  function findingCard(finding, brief, actions) {
    const head = make("p", { class: "finding-head" }, make("span", { class: "sev " + finding.severity }, finding.severity), " ",
      make("b", {}, finding.rule), " ", make("span", { class: "dim" }, finding.name));
    const text = make("p", {}, finding.message);
    if (brief) {
      const place = make("p", { class: "dim" }, make("code", {}, finding.path + ":" + finding.line));
      const card = button(() => actions.go(finding.node), head, text, place);
      card.className = "card-button edge " + finding.severity;
      return card;
    }
    const card = make("article", { class: "edge " + finding.severity }, head, text, place(finding, actions));
    if (finding.steps.length) {
      card.append(make("ol", {}, ...finding.steps.map((step) => make("li", {}, step[2] + " ", make("a", { href: step[3] }, make("code", {}, step[0] + ":" + step[1]))))));
    }
    if (finding.fix) { card.append(make("p", { class: "fix" }, "→ " + finding.fix)); }
    return card;
  }

  function overview(scene, actions) {
    const shown = (finding) => scene.core.has(finding.node) && model.told(finding);
    const list = model.data.findings.filter(shown);
    const parts = [make("h2", {}, "Findings ", make("span", { class: "dim" }, String(list.length)))];
    if (!list.length) {
      parts.push(make("p", { class: "dim" }, model.data.findings.length ? "None in what is shown." : "The rules found nothing to report."));
    }
    parts.push(...list.slice(0, 200).map((finding) => findingCard(finding, true, actions)));
    if (list.length > 200) { parts.push(make("p", { class: "dim" }, "and " + (list.length - 200) + " more in the table below")); }
    return parts;
  }

  function about(node, actions) {
    const close = button(actions.close, "✕");
    close.className = "close";
    close.setAttribute("aria-label", "Close details");
    const kind = make("p", { class: "kind-line t-" + node.type }, node.type.replace(/_/g, " "), node.framework ? " · " + node.framework : "");
    const parts = [close, kind, make("h2", {}, node.name), place(node, actions)];
    if (node.gated) { parts.push(make("p", { class: "fix" }, "✓ a person is asked first")); }
    if (node.effects.length) {
      parts.push(make("h3", {}, "Effects"), make("ul", { class: "plain" }, ...node.effects.map((effect) => make("li", {}, make("b", { class: "effect" }, effect), " ", model.data.effects[effect] || ""))));
    }
    const found = model.findingsOf(node);
    if (found.length) { parts.push(make("h3", {}, "Findings"), ...found.map((finding) => findingCard(finding, false, actions))); }
    const near = model.near.get(node.id);
    if (near.length) {
      const row = (other) => {
        const target = model.nodes.get(other.id);
        const label = (other.out ? "→ " : "← ") + other.label.replace(/_/g, " ");
        const jump = button(() => actions.go(other.id), make("span", { class: "dim" }, label), " ", make("b", {}, target.name), " ", make("span", { class: "kind-line t-" + target.type }, target.type.replace(/_/g, " ")));
        jump.className = "link-button";
        return make("li", {}, jump);
      };
      parts.push(make("h3", {}, "Edges"), make("ul", { class: "plain" }, ...near.map(row)));
    }
    if (node.facts.length || node.unknown.length) {
      const rows = node.facts.map((fact) => [make("dt", {}, fact[0].replace(/_/g, " ")), make("dd", {}, fact[1])]);
      if (node.unknown.length) { rows.push([make("dt", {}, "unknown"), make("dd", {}, node.unknown.join(", "))]); }
      parts.push(make("h3", {}, "Facts"), make("dl", {}, ...rows.flat()));
    }
    return parts;
  }

  // ``actions`` are ``go`` (to a node, by id), ``close`` and ``say`` (to the status line).
  function show(scene, node, actions) {
    const panel = document.getElementById("panel");
    panel.replaceChildren(...(node ? about(node, actions) : overview(scene, actions)));
    panel.scrollTop = 0;
  }

  return { make, show };
})();
