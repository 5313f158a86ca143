// The place of everything, in units. A unit is a pixel at zoom 1. Time runs downwards.

const EVENT_GAP = 17; // between two events of a process that have labels
const DOT_GAP = 9; // between two events that have none
const ARROW_DROP = 12; // the receiving end is at least so far below the sending end
const PAUSE_GAP_MAX = 52; // the longest gap for a time in which nothing happens, with even spacing

/**
 * Places all events. A hidden event gets a place too, but no room of its own.
 *
 * Even spacing keeps the order and shortens long times: a step of time takes the logarithm of its length. Spacing that
 * is true to time takes as much room in total.
 */
function layOut(isEven) {
  const events = run.events.filter(isEventShown);
  const shown = new Set(events.map((event) => event.id));
  const messages = run.messages.filter(
    (message) => isMessageShown(message) && shown.has(message.sent) &&
      (message.received === undefined || shown.has(message.received)),
  );
  const lines = run.lifelines.filter((line) => !filter.hiddenProcesses.has(line.process));
  const y = evenly(shown, medianStepNs(events));
  const layout = { events, shown, messages, lines, y, column: new Map() };
  lines.forEach((line, column) => layout.column.set(line.process, column));
  if (!isEven) {
    trueToTime(y);
  }
  layout.height = Math.max(60, ...lastOf(events).map((event) => y[event.id]));
  layout.yOfTime = (timeNs) => yOfTime(events, y, timeNs);
  layout.spans = new Map(lines.map((line) => [line.process, spansOf(line.process, layout)]));
  layout.cuts = cutsOf(layout);
  for (const message of run.messages) {
    message.path = pathOf(message, layout);
  }
  return layout;
}

function lastOf(list) {
  return list.length === 0 ? [] : [list[list.length - 1]];
}

function medianStepNs(events) {
  const steps = [];
  for (let i = 1; i < events.length; i++) {
    const step = events[i].timeNs - events[i - 1].timeNs;
    if (step > 0) {
      steps.push(step);
    }
  }
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? 1;
}

function evenly(shown, medianNs) {
  const y = new Float64Array(run.events.length);
  const last = new Map(); // by process, of the last shown event
  let at = 24;
  let before = null;
  for (const event of run.events) {
    if (shown.has(event.id)) {
      const stepNs = before === null ? 0 : event.timeNs - before.timeNs;
      at += Math.min(PAUSE_GAP_MAX, 4 * Math.log2(1 + stepNs / medianNs));
      const above = last.get(event.process);
      bundle(event, above);
      if (above !== undefined) {
        at = Math.max(at, y[above.id] + gapBetween(above, event));
      }
      if (event.kind === "RECEIVE") {
        at = Math.max(at, y[event.messages[0].sent] + ARROW_DROP);
      }
      last.set(event.process, event);
      before = event;
    }
    y[event.id] = at;
  }
  return y;
}

function trueToTime(y) {
  const events = run.events;
  if (events.length === 0) {
    return;
  }
  const firstNs = events[0].timeNs;
  const spanNs = Math.max(1, events[events.length - 1].timeNs - firstNs);
  const height = Math.max(400, y[events.length - 1]);
  for (const event of events) {
    y[event.id] = 24 + ((event.timeNs - firstNs) / spanNs) * height;
  }
}

/** Answers to clients at one moment, one after another, get one label. */
function bundle(event, above) {
  const verb = (e) => e.text.replace(/\S+$/, "");
  const isSame = above?.kind === "CLIENT" && event.kind === "CLIENT" && above.timeNs === event.timeNs &&
    above.slot === event.slot && verb(above) === verb(event);
  event.isBundled = isSame;
  event.bundleStart = isSame ? above.bundleStart : event;
  event.bundleStart.bundleEnd = isSame ? event : undefined;
}

function gapBetween(above, event) {
  if (event.isBundled) {
    return 3;
  }
  return isDot(above) && isDot(event) ? DOT_GAP : EVENT_GAP;
}

/** Whether an event is only the end of an arrow. */
function isDot(event) {
  return event.kind === "SEND" || event.kind === "RECEIVE";
}

/** The place of a time: between the events before and after it. */
function yOfTime(events, y, timeNs) {
  let low = 0;
  let high = events.length; // the first event that is later
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle].timeNs <= timeNs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const before = events[low - 1];
  const after = events[low];
  if (before === undefined || after === undefined) {
    return before === undefined ? 0 : y[before.id];
  }
  const part = (timeNs - before.timeNs) / Math.max(1, after.timeNs - before.timeNs);
  return y[before.id] + part * (y[after.id] - y[before.id]);
}

/** The states of a process, each with its time: none before the first start, up, paused, stopped, or down. */
function spansOf(process, layout) {
  const events = run.events.filter((event) => event.process === process && LIFE.has(event.kind));
  const firstLife = events.find((event) => event.kind !== "ROLE");
  let now = { from: 0, life: firstLife?.kind === "STARTED" ? "none" : "up", role: "follower", ballot: undefined };
  const spans = [];
  const change = (event, news) => {
    const y = layout.y[event.id];
    spans.push({ ...now, until: y });
    now = { ...now, ...news, from: y };
  };
  for (const event of events) {
    switch (event.kind) {
      case "STARTED":
        change(event, { life: "up", role: "follower", ballot: undefined });
        break;
      case "CRASHED":
        change(event, { life: "down", role: "follower", ballot: undefined });
        break;
      case "PAUSED":
        change(event, { life: "paused" });
        break;
      case "RESUMED":
        change(event, { life: "up" });
        break;
      case "STOPPED":
        change(event, { life: "stopped", role: "follower" });
        break;
      default:
        change(event, { role: (event.fields?.role ?? "follower").toLowerCase(), ballot: event.ballot });
    }
  }
  spans.push({ ...now, until: layout.height + 40 });
  return spans.filter((span) => span.until > span.from);
}

/** The times in which the same links are cut: { from, until, links: [[sender, receiver], ...] }. */
function cutsOf(layout) {
  const shown = run.cuts.filter((cut) => layout.column.has(cut.from) && layout.column.has(cut.to));
  const endNs = lastOf(run.events).map((event) => event.timeNs)[0] ?? 0;
  const times = [...new Set(shown.flatMap((cut) => [cut.fromNs, cut.untilNs ?? endNs]))].sort((a, b) => a - b);
  const periods = [];
  for (let i = 0; i + 1 < times.length; i++) {
    const links = shown
      .filter((cut) => cut.fromNs <= times[i] && times[i] < (cut.untilNs ?? Infinity))
      .map((cut) => [cut.from, cut.to]);
    if (links.length > 0) {
      const isLast = times[i + 1] >= endNs;
      const until = isLast ? layout.height + 40 : layout.yOfTime(times[i + 1]);
      periods.push({ from: layout.yOfTime(times[i]), until, fromNs: times[i], untilNs: times[i + 1], links });
    }
  }
  return periods;
}

/**
 * Both ends of an arrow: y in units, x as a fraction of the distance to the receiver. The arrow of a lost message ends
 * between the two, and near the sender if it was lost when it was sent.
 */
function pathOf(message, layout) {
  const fromY = layout.y[message.sent];
  if (message.received !== undefined) {
    return { fromY, toY: layout.y[message.received], part: 1, end: message.type === "reject" ? "bar" : "head" };
  }
  if (message.lostNs === undefined) {
    return { fromY, toY: fromY + 26, part: 0.45, end: "open" };
  }
  if (message.lostNs <= run.events[message.sent].timeNs) {
    return { fromY, toY: fromY + 13, part: 0.3, end: "cross" };
  }
  return { fromY, toY: Math.max(fromY + ARROW_DROP, layout.yOfTime(message.lostNs)), part: 0.9, end: "cross" };
}
