"use strict";
const agentlint = {};

// What the page knows, what the reviewer asked to see, and what is folded.
agentlint.model = (function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const findings = new Map(data.findings.map((finding) => [finding.id, finding]));
  const SEVERITIES = ["critical", "high", "medium", "low", "info"];
  const BUDGET = 150;
  const MOST = 3000; // more at once would stop the browser for many seconds; beyond, agents are unfolded one by one
  const LOOSE = 12;
  const LOOSE_FOUND = 30;
  const ORDER = ["agent", "tool", "gate", "guardrail", "prompt", "model", "memory", "endpoint", "server", "mcp_server", "mcp_client",
    "agent_card", "workflow_job", "permission", "identity", "secret", "auth", "hook", "steering", "resource", "setting", "switch"];
  const near = new Map(data.nodes.map((node) => [node.id, []]));
  data.edges.forEach((edge) => {
    near.get(edge.source).push({ id: edge.target, label: edge.label, out: true });
    near.get(edge.target).push({ id: edge.source, label: edge.label, out: false });
  });
  const projects = Array.from(new Set(data.clusters.map((cluster) => cluster.project))).sort();
  const keyOfProject = new Map(projects.map((project, index) => [project, "p" + index]));
  const clusters = data.clusters.map((cluster, index) => Object.assign({ key: "c" + index }, cluster));
  const clusterOf = new Map();
  clusters.forEach((cluster) => cluster.nodes.forEach((id) => clusterOf.set(id, cluster)));
  const someCode = data.nodes.some((node) => !node.test);
  const wanted = {};
  const folding = new Map();

  function reset() {
    Object.assign(wanted, { text: "", rule: "", found: false, tests: !someCode, noSeverity: new Set(), noType: new Set() });
    folding.clear();
  }

  function told(finding) {
    return !wanted.noSeverity.has(finding.severity) && (!wanted.rule || finding.rule === wanted.rule);
  }

  function findingsOf(node) {
    return node.findings.map((id) => findings.get(id)).filter(told);
  }

  const haystacks = new Map(data.nodes.map((node) => {
    const facts = node.facts.map((fact) => fact.join(" "));
    const rules = node.findings.map((id) => findings.get(id).rule + " " + findings.get(id).name);
    const all = [node.name, node.type, node.path, node.framework, node.effects.join(" "), node.gated ? "gated" : ""];
    return [node.id, all.concat(facts, rules).join("\n").toLowerCase()];
  }));

  function matches(node) {
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => haystacks.get(node.id).includes(word));
  }

  function allowed(node) {
    return !wanted.noType.has(node.type) && (wanted.tests || !node.test);
  }

  // The nodes asked for, and for narrow questions their neighbours, which give them meaning.
  function visible() {
    const base = data.nodes.filter(allowed);
    const narrow = wanted.rule || wanted.found;
    const core = base.filter((node) => matches(node) && (!narrow || findingsOf(node).length > 0));
    const shown = new Set(core.map((node) => node.id));
    const context = new Set();
    if (narrow || wanted.text) {
      core.forEach((node) => near.get(node.id).forEach((other) => {
        if (!shown.has(other.id) && allowed(nodes.get(other.id))) { context.add(other.id); }
      }));
    }
    return { core: shown, context: context };
  }

  function findingsIn(ids) {
    return ids.reduce((sum, id) => sum + findingsOf(nodes.get(id)).length, 0);
  }

  function rank(type) {
    return (ORDER.indexOf(type) + 1) || ORDER.length + 1;
  }

  function isOpen(key, byDefault) {
    return folding.has(key) ? folding.get(key) : byDefault;
  }

  // Projects and clusters with what of them is visible, each open or folded.
  function scene() {
    const seen = visible();
    const total = seen.core.size + seen.context.size;
    const groups = new Map();
    clusters.forEach((cluster) => {
      const ids = cluster.nodes.filter((id) => seen.core.has(id) || seen.context.has(id));
      if (!ids.length) { return; }
      const key = keyOfProject.get(cluster.project);
      if (!groups.has(key)) { groups.set(key, { key: key, name: cluster.project || "this repository", parts: [], ids: [] }); }
      const group = groups.get(key);
      group.parts.push({ key: cluster.key, cluster: cluster, ids: ids });
      group.ids.push(...ids);
    });
    const list = Array.from(groups.values());
    list.forEach((group) => { group.found = findingsIn(group.ids); });
    list.sort((a, b) => (b.found > 0) - (a.found > 0) || a.key.slice(1) - b.key.slice(1));
    list.forEach((group) => {
      group.open = isOpen(group.key, list.length === 1 || total <= BUDGET);
      group.parts.forEach((part) => {
        const most = findingsIn(part.ids) ? LOOSE_FOUND : LOOSE;
        const few = group.ids.length <= BUDGET && !(part.cluster.loose && part.ids.length > most);
        part.open = part.ids.length === 1 || isOpen(part.key, few);
      });
    });
    return { groups: list, core: seen.core, context: seen.context, total: total };
  }

  function reveal(id) {
    const node = nodes.get(id);
    wanted.noType.delete(node.type);
    if (node.test) { wanted.tests = true; }
    folding.set(keyOfProject.get(clusterOf.get(id).project), true);
    folding.set(clusterOf.get(id).key, true);
  }

  function foldAll(open) {
    projects.forEach((project) => folding.set(keyOfProject.get(project), open));
    clusters.forEach((cluster) => folding.set(cluster.key, open && data.nodes.length <= MOST));
    if (!open && projects.length === 1) { folding.set("p0", true); }
  }

  function count(list, of) {
    const counts = new Map();
    list.forEach((item) => counts.set(of(item), (counts.get(of(item)) || 0) + 1));
    return counts;
  }

  reset();
  return { data, nodes, findings, near, projects, clusters, wanted, folding, SEVERITIES, someCode,
    reset, told, findingsOf, visible, scene, reveal, foldAll, count, rank };
})();
