// Text where there is room for it: each label claims its place on a grid, the important ones first.

const CELL = 4; // pixels

class Room {
  constructor(width, height) {
    this.columns = Math.ceil(width / CELL);
    this.rows = Math.ceil(height / CELL);
    this.taken = new Uint8Array(this.columns * this.rows);
  }

  /** Claims a box around (x, y), turned by an angle. Returns false, and claims nothing, if any of it is taken. */
  claim(x, y, width, height, angle) {
    const cells = this.cellsOf(x, y, width, height, angle);
    if (cells.some((cell) => this.taken[cell] === 1)) {
      return false;
    }
    for (const cell of cells) {
      this.taken[cell] = 1;
    }
    return true;
  }

  /** Claims it in any case. */
  block(x, y, width, height) {
    for (const cell of this.cellsOf(x, y, width, height, 0)) {
      this.taken[cell] = 1;
    }
  }

  cellsOf(x, y, width, height, angle) {
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const cells = [];
    for (let along = -width / 2; along <= width / 2; along += CELL - 1) {
      for (let across = -height / 2; across <= height / 2; across += CELL - 1) {
        const column = Math.floor((x + along * cos - across * sin) / CELL);
        const row = Math.floor((y + along * sin + across * cos) / CELL);
        if (column >= 0 && column < this.columns && row >= 0 && row < this.rows) {
          cells.push(row * this.columns + column);
        }
      }
    }
    return cells;
  }
}

/** What the mark of an event says: { text, rank, zoom }; shown first if the rank is low, and from that zoom on. */
function labelOfEvent(event) {
  const ballot = event.ballot === undefined ? "" : ` ${event.ballot}`;
  const slot = slotText(event);
  switch (event.kind) {
    case "CHOSEN":
      return { text: `slot ${slot} chosen`, rank: 1, zoom: 0, isBold: true };
    case "CRASHED":
      return { text: "crash", rank: 0, zoom: 0, isBold: true };
    case "STOPPED":
      return { text: `stops: ${shortened(event.text, 34)}`, rank: 0, zoom: 0, isBold: true };
    case "ROLE":
      return { text: `${event.text}${ballot}`, rank: 2, zoom: 0.12, isPill: true };
    case "STARTED":
      return { text: event.text, rank: 3, zoom: 0.12 };
    case "PAUSED":
      return { text: "paused", rank: 3, zoom: 0.12 };
    case "RESUMED":
      return { text: "goes on", rank: 3, zoom: 0.12 };
    case "PROMISED":
      return { text: `promise${ballot}${slot === "" ? "" : ` · ${slot}`}`, rank: 5, zoom: 0.4 };
    case "ACCEPTED":
      return { text: `accept${ballot} · ${slot}`, rank: 5, zoom: 0.4 };
    case "CLIENT":
      return { text: `${event.text}${slot === "" ? "" : ` · ${slot}`}`, rank: 6, zoom: 0.4 };
    case "APPLIED":
      return { text: `applied ${slot}`, rank: 7, zoom: 0.5 };
    case "LEARNED":
      return { text: `knows ${slot}`, rank: 8, zoom: 0.5 };
    case "SYNCED":
      return { text: "sync", rank: 9, zoom: 0.5 };
    default:
      return null; // the arrow has a label of its own
  }
}

function labelOfMessage(message) {
  const ballot = message.ballot === undefined ? "" : ` ${message.ballot}`;
  const slot = slotText(message);
  return `${message.type}${ballot}${slot === "" ? "" : ` · ${slot}`}`;
}

function shortened(text, lengthMax) {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}

/** Nanoseconds as people read them: milliseconds with microseconds, or seconds with milliseconds for long runs. */
const isLong = (run.events[run.events.length - 1]?.timeNs ?? 0) >= 100e9;
const TIME_UNIT = isLong ? "s" : "ms";

function timeText(timeNs) {
  return isLong ? (timeNs / 1e9).toFixed(3) : (timeNs / 1e6).toFixed(3);
}

function durationText(ns) {
  if (ns < 1e6) {
    return `${(ns / 1e3).toFixed(1)} µs`;
  }
  return ns < 1e9 ? `${(ns / 1e6).toFixed(2)} ms` : `${(ns / 1e9).toFixed(2)} s`;
}
