// The run as it was recorded, and what follows from it: causes and effects.

const run = JSON.parse(document.getElementById("run").textContent);

/** The messages of the protocol, by purpose. A type that is in no group is drawn as one of "Others", see STROKES. */
const GROUPS = {
  "Phase 1": ["prepare", "promise", "report"],
  "Phase 2": ["accept", "accepted", "reject"],
  Learning: ["chosen", "fetch", "learn"],
  Reads: ["askRead", "confirm", "confirmed", "readAt"],
  Snapshots: ["trimmed", "askSnapshot", "snapshot", "fetchSnapshot", "snapshotBytes"],
  Commands: ["forward"],
  Heartbeats: ["ping", "pong", "wallClock", "applied", "full"],
};

/** The name of each kind of event, in the order of menus. */
const KINDS = {
  SEND: "sent",
  RECEIVE: "received",
  PROMISED: "promise written",
  ACCEPTED: "accept written",
  SYNCED: "sync: durable",
  CHOSEN: "chosen",
  LEARNED: "knows chosen",
  APPLIED: "applied",
  ROLE: "role",
  STARTED: "start",
  CRASHED: "crash",
  PAUSED: "pause",
  RESUMED: "resume",
  STOPPED: "stopped for good",
  CLIENT: "client",
  NOTE: "done from outside",
};

/** The kinds that give the state of a process. The filter of slots does not hide them. */
const LIFE = new Set(["ROLE", "STARTED", "CRASHED", "PAUSED", "RESUMED", "STOPPED", "NOTE"]);

const OUTSIDE = 0;

run.events.forEach((event, id) => {
  event.id = id;
  event.messages = []; // that begin or end here
});
run.messages.forEach((message, id) => {
  message.id = id;
  message.isMessage = true;
  message.isHeartbeat = GROUPS.Heartbeats.includes(message.type);
  message.timeNs = run.events[message.sent].timeNs;
  run.events[message.sent].messages.push(message);
  if (message.received !== undefined) {
    run.events[message.received].messages.push(message);
  }
});

/** Direct causes and effects of each event, by id: the order of its process, and messages. */
const causes = run.events.map(() => []);
const effects = run.events.map(() => []);
{
  const latest = new Map(); // by process
  const join = (cause, effect) => {
    effects[cause].push(effect);
    causes[effect].push(cause);
  };
  for (const event of run.events) {
    if (event.process !== OUTSIDE) {
      if (latest.has(event.process)) {
        join(latest.get(event.process), event.id);
      }
      latest.set(event.process, event.id);
    }
  }
  for (const message of run.messages) {
    if (message.received !== undefined) {
      join(message.sent, message.received);
    }
  }
}

/** All events that can be reached, with the first one. */
function reached(from, edges) {
  const seen = new Set([from]);
  const open = [from];
  while (open.length > 0) {
    for (const next of edges[open.pop()]) {
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
    }
  }
  return seen;
}

/** The light cone of an event: what could have caused it, and what it could have caused. Both contain the event. */
function coneOfEvent(id) {
  return { past: reached(id, causes), future: reached(id, effects) };
}

/** The light cone of a message: the past of its sending, and the future of its receipt. */
function coneOfMessage(message) {
  return {
    past: reached(message.sent, causes),
    future: message.received === undefined ? new Set([message.sent]) : reached(message.received, effects),
  };
}

/** The slots of an event or a message, both ends inclusive; null if it has none. */
function slotsOf(item) {
  const from = item.slot ?? item.throughSlot;
  return from === undefined ? null : [from, Math.max(from, item.throughSlot ?? from)];
}

function slotText(item) {
  const slots = slotsOf(item);
  if (slots === null) {
    return "";
  }
  if (item.slot === undefined) {
    return `≤ ${slots[1]}`;
  }
  return slots[0] === slots[1] ? `${slots[0]}` : `${slots[0]}–${slots[1]}`;
}

function nameOf(process) {
  return run.lifelines.find((line) => line.process === process)?.name ?? `process ${process}`;
}

/** What is shown. */
const filter = {
  hiddenTypes: new Set(GROUPS.Heartbeats),
  hiddenKinds: new Set(),
  hiddenBallots: new Set(),
  hiddenProcesses: new Set(),
  slots: null, // [from, through], both inclusive
};

function hasFilteredSlots(item) {
  const slots = slotsOf(item);
  return filter.slots === null || (slots !== null && slots[0] <= filter.slots[1] && slots[1] >= filter.slots[0]);
}

function isMessageShown(message) {
  return (
    !filter.hiddenTypes.has(message.type) &&
    (message.isHeartbeat || !filter.hiddenBallots.has(message.ballot)) &&
    !filter.hiddenProcesses.has(message.from) &&
    !filter.hiddenProcesses.has(message.to) &&
    hasFilteredSlots(message)
  );
}

function isEventShown(event) {
  if (filter.hiddenProcesses.has(event.process) || filter.hiddenKinds.has(event.kind)) {
    return false;
  }
  if (event.kind === "SEND" || event.kind === "RECEIVE") {
    return event.messages.some(isMessageShown);
  }
  return !filter.hiddenBallots.has(event.ballot) && (LIFE.has(event.kind) || hasFilteredSlots(event));
}

/**
 * Whether an item matches a search: every word must match. A word is slot:4, ballot:2.1, type:accept, kind:chosen, p:3
 * (process), is:lost, or a part of the item's text.
 */
function matcher(query) {
  const tests = query.toLowerCase().split(/\s+/).filter((word) => word !== "").map(wordTest);
  return tests.length === 0 ? null : (item) => tests.every((test) => test(item));
}

function wordTest(word) {
  const [, key, value] = /^(slot|ballot|type|kind|p|process|is):(.+)$/.exec(word) ?? [];
  switch (key) {
    case "slot":
      return (item) => {
        const slots = slotsOf(item);
        return slots !== null && slots[0] <= Number(value) && Number(value) <= slots[1];
      };
    case "ballot":
      return (item) => item.ballot === value;
    case "type":
      return (item) => item.isMessage === true && isType(item.type.toLowerCase(), value);
    case "kind":
      return (item) => item.kind?.toLowerCase().startsWith(value) ?? false;
    case "p":
    case "process":
      return (item) => [item.process, item.from, item.to].includes(Number(value));
    case "is":
      return (item) => value === "lost" && item.lostNs !== undefined;
    default:
      return (item) => haystack(item).includes(word);
  }
}

/** A word that is the name of a type matches that type. Any other word matches the types that begin with it. */
function isType(type, word) {
  const isWhole = [...groupOfType.keys()].some((known) => known.toLowerCase() === word);
  return isWhole ? type === word : type.startsWith(word);
}

function haystack(item) {
  item.haystack ??= [
    item.type,
    KINDS[item.kind],
    item.text,
    item.ballot,
    item.lostWhy,
    ...Object.values(item.fields ?? {}),
  ]
    .join(" ")
    .toLowerCase();
  return item.haystack;
}
