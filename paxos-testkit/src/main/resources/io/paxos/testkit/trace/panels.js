// The panels around the diagram: filters, details, the legend, the banner of a violation.

/** An element with a class and text, or with children. Text is never read as markup. */
function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) {
    made.className = className;
  }
  made.append(...content);
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

function counted(number, one, many) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

function showSummary(layout) {
  const hidden = run.messages.length - layout.messages.length;
  const spanNs = (run.events[run.events.length - 1]?.timeNs ?? 0) - (run.events[0]?.timeNs ?? 0);
  const parts = [
    counted(run.events.length, "event", "events"),
    counted(run.messages.length, "message", "messages") + (hidden > 0 ? ` (${hidden.toLocaleString("en")} hidden)` : ""),
    durationText(spanNs),
    ...run.notes.slice(0, 1),
  ];
  byId("summary").textContent = parts.join("  ·  ");
  byId("summary").title = run.notes.join("\n");
}

/** The menus; `changed` is called when something is hidden or shown. */
function buildFilters(theme, changed) {
  const count = (items, key) => items.reduce((counts, item) => counts.set(key(item), (counts.get(key(item)) ?? 0) + 1), new Map());
  const types = count(run.messages, (message) => message.type);
  const kinds = count(run.events, (event) => event.kind);
  const ordered = [...groupOfType.keys(), ...types.keys()].filter((type, i, all) => types.has(type) && all.indexOf(type) === i);
  const choices = (values, hidden, text, counts, colour) => values.map((value) => ({ value, hidden, text: text(value), count: counts?.get(value), colour: colour?.(value) }));
  const same = (text) => text;
  const eventKinds = Object.keys(KINDS).filter((kind) => kinds.has(kind) && kind !== "SEND" && kind !== "RECEIVE");
  byId("filters").replaceChildren(
    menu("Messages", choices(ordered, filter.hiddenTypes, same, types), changed),
    menu("Events", choices(eventKinds, filter.hiddenKinds, (kind) => KINDS[kind], kinds), changed),
    menu("Ballots", choices(run.ballots, filter.hiddenBallots, same, null, theme.ballot), changed),
    menu("Processes", choices(run.lifelines.map((line) => line.process), filter.hiddenProcesses, nameOf), changed),
    slotFilter(changed),
    heartbeatToggle(types, changed),
  );
}

function menu(title, choices, changed) {
  const summary = element("summary", "", title);
  const boxes = [];
  const list = element("div", "menu");
  const all = element("button", "", "All");
  const none = element("button", "", "None");
  const refresh = () => {
    boxes.forEach(({ box, choice }) => (box.checked = !choice.hidden.has(choice.value)));
    const isNarrowed = choices.some((choice) => choice.hidden.has(choice.value) && !GROUPS.Heartbeats.includes(choice.value));
    summary.classList.toggle("narrowed", isNarrowed);
  };
  const set = (choice, isShown) => (isShown ? choice.hidden.delete(choice.value) : choice.hidden.add(choice.value));
  for (const choice of choices) {
    const box = element("input");
    box.type = "checkbox";
    box.addEventListener("change", () => {
      set(choice, box.checked);
      changed();
    });
    boxes.push({ box, choice });
    const label = element("label", "", box);
    if (choice.colour !== undefined) {
      const swatch = element("span", "swatch");
      swatch.style.background = choice.colour;
      label.append(swatch);
    }
    label.append(choice.text, element("span", "count", choice.count === undefined ? "" : choice.count.toLocaleString("en")));
    list.append(label);
  }
  for (const [button, isShown] of [[all, true], [none, false]]) {
    button.addEventListener("click", () => {
      choices.forEach((choice) => set(choice, isShown));
      changed();
    });
  }
  list.append(element("label", "", all, none));
  const details = element("details", "", summary, list);
  details.refresh = refresh;
  details.addEventListener("toggle", () => {
    if (details.open) {
      document.querySelectorAll("#filters details[open]").forEach((other) => (other.open = other === details));
    }
  });
  refresh();
  return details;
}

function slotFilter(changed) {
  const input = element("input");
  input.placeholder = "4 or 4-9";
  input.setAttribute("aria-label", "Slots");
  input.addEventListener("input", () => {
    const [, from, through] = /^\s*(\d+)\s*(?:[-–.]+\s*(\d+))?\s*$/.exec(input.value) ?? [];
    filter.slots = from === undefined ? null : [Number(from), Number(through ?? from)];
    changed();
  });
  return element("label", "slots", "Slots", input);
}

function heartbeatToggle(types, changed) {
  const number = GROUPS.Heartbeats.reduce((sum, type) => sum + (types.get(type) ?? 0), 0);
  const box = element("input");
  box.type = "checkbox";
  box.id = "heartbeats";
  box.addEventListener("change", () => {
    GROUPS.Heartbeats.forEach((type) => (box.checked ? filter.hiddenTypes.delete(type) : filter.hiddenTypes.add(type)));
    changed();
  });
  return element("label", "", box, `Heartbeats (${number.toLocaleString("en")})`);
}

function refreshFilters() {
  document.querySelectorAll("#filters details").forEach((details) => details.refresh());
  byId("heartbeats").checked = !filter.hiddenTypes.has("ping");
}

/** Everything that is known of an event or a message, as a list. */
function describe(item, theme) {
  const swatch = element("span", "swatch");
  swatch.style.background = colourOf(item.messages?.[0] ?? item, theme);
  const title = item.isMessage ? labelOfMessage(item) : item.kind === "NOTE" ? item.text : `${KINDS[item.kind]}`;
  const fields = element("dl", "fields");
  const add = (name, value) => {
    if (value !== undefined && value !== "") {
      fields.append(element("dt", "", name), element("dd", "", `${value}`));
    }
  };
  if (item.isMessage) {
    describeMessage(item, add);
  } else {
    add("event", `${item.id}, ${nameOf(item.process)}`);
    add("time", `${timeText(item.timeNs)} ${TIME_UNIT}`);
    add("Lamport time", item.lamport);
    add("what", item.text);
  }
  add("ballot", item.ballot);
  add("slot", slotText(item));
  Object.entries(item.fields ?? {}).forEach(([name, value]) => add(name, value));
  if (!item.isMessage) {
    item.messages.forEach((message) => Object.entries(message.fields ?? {}).forEach(([name, value]) => add(name, value)));
  }
  return [element("h2", "", swatch, title), fields];
}

function describeMessage(message, add) {
  add("message", `${message.id}, ${nameOf(message.from)} → ${nameOf(message.to)}`);
  add("sent", `${timeText(message.timeNs)} ${TIME_UNIT}, event ${message.sent}`);
  if (message.received !== undefined) {
    const receivedNs = run.events[message.received].timeNs;
    add("received", `${timeText(receivedNs)} ${TIME_UNIT}, event ${message.received}`);
    add("took", durationText(receivedNs - message.timeNs));
  } else if (message.lostNs !== undefined) {
    add("lost", `${timeText(message.lostNs)} ${TIME_UNIT}: ${message.lostWhy}`);
  } else {
    add("received", "not before the end");
  }
}

/** What is selected, and how large its past and its future are. */
function showDetails(item, cone, theme, actions) {
  const panel = byId("details");
  panel.hidden = item === null;
  if (item === null) {
    return;
  }
  const close = element("button", "close", "×");
  close.title = "Clear (Esc)";
  close.addEventListener("click", actions.clear);
  panel.replaceChildren(close, ...describe(item, theme));
  const own = item.isMessage ? 0 : 1;
  const past = cone.past.size - own;
  const future = cone.future.size - own;
  const outside = run.events.filter((event) => event.process === OUTSIDE).length;
  const concurrent = run.events.length - outside - new Set([...cone.past, ...cone.future]).size;
  if (item.process !== OUTSIDE) {
    panel.append(
      element(
        "p",
        "cone",
        element("span", "past", `${past.toLocaleString("en")} before`),
        " · ",
        element("span", "future", `${future.toLocaleString("en")} after`),
        ` · ${Math.max(0, concurrent).toLocaleString("en")} concurrent`,
      ),
    );
  }
  const links = element("p", "links");
  const link = (text, target) => {
    const made = element("a", "", text);
    made.addEventListener("click", () => actions.select(target));
    links.append(made);
  };
  if (item.isMessage) {
    link("sent", run.events[item.sent]);
    if (item.received !== undefined) {
      link("received", run.events[item.received]);
    }
  } else {
    item.messages.slice(0, 4).forEach((message) => link(`message ${message.id}`, message));
  }
  panel.append(links);
}

function buildLegend(theme, ratio) {
  const legend = byId("legend");
  legend.replaceChildren();
  const rows = (title, list) => {
    const grid = element("div", "rows");
    for (const [text, draw] of list) {
      const canvas = element("canvas");
      canvas.width = 44 * ratio;
      canvas.height = 20 * ratio;
      canvas.style.width = "44px";
      canvas.style.height = "20px";
      const c = canvas.getContext("2d");
      c.scale(ratio, ratio);
      draw(c);
      grid.append(canvas, element("span", "", text));
    }
    legend.append(element("section", "", element("h2", "", title), grid));
  };
  const colour = theme.ballot(run.ballots[run.ballots.length - 1]);
  const mark = (kind) => (c) => drawMark(c, kind, 22, 10, 1, colourOf({ kind, ballot: run.ballots[run.ballots.length - 1] }, theme), theme);
  const stroke = (draw) => (c) => {
    c.beginPath();
    draw(c);
    c.stroke();
  };
  const arrow = (group, end, reach = 40) => stroke((c) => {
    c.strokeStyle = colour;
    c.lineWidth = STROKES[group].width;
    c.setLineDash(STROKES[group].dash);
    c.moveTo(3, 10);
    c.lineTo(reach, 10);
    c.stroke();
    drawEnd(c, end, reach, 10, 0, 1, colour, theme);
    c.beginPath();
  });
  const life = (width, dash, tint, shift = [0]) => stroke((c) => {
    c.strokeStyle = tint;
    c.lineWidth = width;
    c.setLineDash(dash);
    for (const dx of shift) {
      c.moveTo(3, 10 + dx);
      c.lineTo(41, 10 + dx);
    }
  });
  rows("Messages, coloured by ballot", [
    ["phase 1: prepare, promise, report", arrow("Phase 1", "head")],
    ["phase 2: accept, accepted", arrow("Phase 2", "head")],
    ["reject", arrow("Phase 2", "bar")],
    ["chosen, fetch, learn", arrow("Learning", "head")],
    ["reads", arrow("Reads", "head")],
    ["snapshots", arrow("Snapshots", "head")],
    ["lost", arrow("Phase 2", "cross", 30)],
    ["not received before the end", arrow("Phase 2", "open", 30)],
  ]);
  const marks = ["PROMISED", "ACCEPTED", "SYNCED", "CHOSEN", "LEARNED", "APPLIED", "CRASHED", "STARTED", "PAUSED", "CLIENT"];
  rows("Events", marks.map((kind) => [KINDS[kind], mark(kind)]));
  rows("Life lines", [
    ["follower", life(1.2, [], theme.soft)],
    ["candidate", life(2.5, [5, 3], colour)],
    ["leader", life(4.5, [], colour)],
    ["paused", life(1.2, [5, 3], theme.soft, [-2.5, 2.5])],
    ["down", life(1, [1, 7], theme.soft)],
    ["cannot reach the member on that side", life(2, [2, 3], theme.alarm)],
  ]);
  const keys = [["click", "light cone"], ["wheel, drag", "move"], ["Ctrl wheel, + −", "zoom time"], ["Shift Ctrl wheel, < >", "zoom across"], ["0", "whole run"], ["T", "even or true spacing"], ["H", "heartbeats"], ["/ Enter", "search, next"], ["↑ ↓ ← →", "along process"], ["V", "violation"], ["Esc", "clear"]];
  const grid = element("dl", "fields");
  keys.forEach(([key, what]) => grid.append(element("dt", "", element("kbd", "", key)), element("dd", "", what)));
  legend.append(element("section", "", element("h2", "", "Keys"), grid));
}

function showViolation() {
  const { violation } = run;
  if (violation === undefined) {
    return;
  }
  const banner = byId("violation");
  banner.hidden = false;
  banner.querySelector(".rule").textContent = violation.rule;
  banner.querySelector(".expected").textContent = violation.expected;
  banner.querySelector(".actual").textContent = violation.actual;
}
