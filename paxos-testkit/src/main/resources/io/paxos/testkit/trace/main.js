// Connects the parts: what is selected, what is shown, and when to draw.

const canvas = byId("diagram");
const main = document.querySelector("main");
const view = new View();
const overview = new Overview(byId("overview"));

/** What is highlighted. Everything is, if nothing is selected and there is no search. */
const lit = {
  selected: null, // an event or a message
  hovered: null,
  cone: null, // of what is selected
  inCone: null, // ids of events
  matches: null, // items that a search has found
  isLit(item) {
    if (item === this.selected || item === this.hovered) {
      return true;
    }
    if (this.matches !== null) {
      return this.matches.has(item);
    }
    if (this.cone === null) {
      return true;
    }
    if (!item.isMessage) {
      return item.process !== OUTSIDE && this.inCone.has(item.id);
    }
    const { past, future } = this.cone;
    return item.received !== undefined
      ? past.has(item.received) || future.has(item.sent)
      : future.has(item.sent) && item.sent !== this.selected?.id;
  },
  isFirst(item) {
    return item === this.selected || item === this.hovered || (this.matches?.has(item) ?? false);
  },
};

let theme = readTheme();
let layout = null;
let isEven = true;
let isDrawQueued = false;
let matchIndex = -1;

/** Publishes the state of the page as an attribute of its body, for tests. */
function report(name, value) {
  document.body.dataset[name] = value;
}

function resize() {
  const ratio = window.devicePixelRatio || 1;
  const width = main.clientWidth;
  const height = main.clientHeight;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  view.fitInto(layout, width, height);
  overview.picture = null;
}

function drawSoon() {
  if (!isDrawQueued) {
    isDrawQueued = true;
    requestAnimationFrame(() => {
      isDrawQueued = false;
      draw();
    });
  }
}

function draw() {
  const ratio = window.devicePixelRatio || 1;
  const c = canvas.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  new Picture(c, view, lit, theme).draw();
  overview.draw(view, theme, ratio);
}

/** Makes the layout anew after a change of the filters or the spacing. The middle of the view stays where it is. */
function layOutAgain() {
  const anchor = lit.selected ?? nearestTo(view.unitOf(view.height / 2));
  const before = anchor === null ? 0 : view.y(unitOfItem(anchor));
  layout = layOut(isEven);
  view.fitInto(layout, view.width, view.height);
  if (anchor !== null) {
    view.top = unitOfItem(anchor) - (before - HEADER) / view.zoom;
    view.keepInside();
  }
  overview.picture = null;
  refreshFilters();
  showSummary(layout);
  report("shown", layout.events.length);
  drawSoon();
}

function nearestTo(unit) {
  return layout.events.find((event) => layout.y[event.id] >= unit) ?? null;
}

function unitOfItem(item) {
  return layout.y[item.isMessage ? (item.received ?? item.sent) : item.id];
}

/** Selects an event, a message, or nothing. */
function select(item) {
  lit.selected = item;
  lit.cone = item === null || item.process === OUTSIDE ? null : item.isMessage ? coneOfMessage(item) : coneOfEvent(item.id);
  lit.inCone = lit.cone === null ? null : new Set([...lit.cone.past, ...lit.cone.future]);
  showDetails(item, lit.cone ?? { past: new Set(), future: new Set() }, theme, { clear: () => select(null), select: goTo });
  report("selected", item === null ? "" : item.id);
  report("cone", lit.inCone === null ? "" : [...lit.inCone].sort((a, b) => a - b).join(","));
  const place = item === null ? "#" : item.isMessage ? `#message=${item.id}` : `#event=${item.id}`;
  if (location.hash !== place) {
    history.replaceState(null, "", place);
  }
  drawSoon();
}

/** Selects an item and brings it into view. */
function goTo(item) {
  select(item);
  const y = view.y(unitOfItem(item));
  if (y < HEADER + 40 || y > view.height - 60) {
    view.bring(unitOfItem(item), 0.5);
  }
}

function goToViolation() {
  const event = run.events[run.violation?.event];
  if (event !== undefined) {
    view.zoom = Math.max(view.zoom, 1);
    view.bring(layout.y[event.id], 0.7);
    drawSoon();
  }
}

function search(query) {
  const matches = matcher(query);
  lit.matches = matches === null ? null : new Set([...layout.events, ...layout.messages].filter(matches));
  matchIndex = -1;
  byId("found").textContent = lit.matches === null ? "" : `${lit.matches.size}`;
  drawSoon();
}

function nextMatch(step) {
  const found = [...(lit.matches ?? [])].sort((a, b) => unitOfItem(a) - unitOfItem(b));
  if (found.length > 0) {
    matchIndex = (matchIndex + step + found.length) % found.length;
    byId("found").textContent = `${matchIndex + 1} of ${found.length}`;
    goTo(found[matchIndex]);
  }
}

/** The event before or after the selected one in its process. */
function neighbour(step) {
  const selected = lit.selected?.isMessage ? run.events[lit.selected.sent] : lit.selected;
  const own = layout.events.filter((event) => event.process === selected.process);
  return own[own.indexOf(selected) + step] ?? selected;
}

/** Across a message: to its receipt, or to its sending. */
function otherEnd(step) {
  const { selected } = lit;
  if (selected.isMessage) {
    return run.events[step > 0 ? (selected.received ?? selected.sent) : selected.sent];
  }
  const message = selected.messages[0];
  const end = step > 0 ? message?.received : message?.sent;
  return end === undefined ? selected : run.events[end];
}

function readHash() {
  const wishes = new URLSearchParams(location.hash.slice(1));
  const number = (name) => (wishes.has(name) ? Number(wishes.get(name)) : undefined);
  if (wishes.has("heartbeats")) {
    GROUPS.Heartbeats.forEach((type) => filter.hiddenTypes.delete(type));
    layOutAgain();
  }
  if (wishes.has("legend")) {
    toggleLegend();
  }
  if (wishes.has("fit")) {
    view.fit();
  }
  if (wishes.has("zoom")) {
    view.isFitted = false;
    view.zoom = number("zoom");
  }
  if (wishes.has("search")) {
    byId("search").value = wishes.get("search");
    search(wishes.get("search"));
  }
  const item = run.events[number("event")] ?? run.messages[number("message")];
  if (item !== undefined) {
    show(item);
    select(item);
    view.bring(unitOfItem(item), 0.5);
  }
}

/** Shows an item that the filters hide. */
function show(item) {
  const isShown = item.isMessage ? layout.messages.includes(item) : layout.shown.has(item.id);
  if (!isShown) {
    [item, ...(item.messages ?? [])].forEach((one) => filter.hiddenTypes.delete(one.type));
    layOutAgain();
  }
}

function toggleLegend() {
  const legend = byId("legend");
  legend.hidden = !legend.hidden;
  byId("legend-button").setAttribute("aria-expanded", `${!legend.hidden}`);
}

function toggleSpacing() {
  isEven = !isEven;
  byId("spacing").textContent = isEven ? "Even" : "True";
  layOutAgain();
}

function toggleHeartbeats() {
  byId("heartbeats").click();
}

function fitAll() {
  view.fit();
  drawSoon();
}

function zoomBy(factor) {
  view.zoomAt((HEADER + view.height) / 2, factor);
  drawSoon();
}

function start() {
  layout = layOut(isEven);
  showViolation();
  buildFilters(theme, layOutAgain);
  buildLegend(theme, window.devicePixelRatio || 1);
  resize();
  view.fit();
  if (view.zoom < 0.7) {
    view.isFitted = false; // too small to read: show the beginning instead
    view.zoom = 1;
  }
  goToViolation();
  refreshFilters();
  showSummary(layout);
  listenToPointer();
  listenToKeys();
  listenToButtons();
  new ResizeObserver(() => {
    resize();
    draw(); // at once: a canvas of a new size is empty
  }).observe(main);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme = readTheme();
    overview.picture = null;
    buildFilters(theme, layOutAgain);
    buildLegend(theme, window.devicePixelRatio || 1);
    drawSoon();
  });
  window.addEventListener("hashchange", () => {
    readHash();
    drawSoon();
  });
  readHash();
  draw();
  report("events", run.events.length);
  report("messages", run.messages.length);
  report("shown", layout.events.length);
  report("status", "drawn");
}

report("errors", "");
window.addEventListener("error", (e) => {
  report("errors", `${document.body.dataset.errors}${e.message} (line ${e.lineno}); `);
  byId("summary").textContent = `This page has a bug: ${e.message}`;
});
start();
