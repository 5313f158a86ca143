// Labels: each one is drawn if there is room for it. The important ones reserve their places first.

const CELL = 4; // pixels
const LABEL_HEIGHT = 13; // of a text of 11 pixels, with descenders and a pixel of space
const PILL_HEIGHT = 17;
const PLACES = [0.5, 0.38, 0.62, 0.27, 0.73, 0.18, 0.82]; // along an arrow, the best one first

class Room {
  constructor(width, height) {
    this.columns = Math.ceil(width / CELL);
    this.rows = Math.ceil(height / CELL);
    this.taken = new Uint8Array(this.columns * this.rows); // 1: a label or a mark is there
    this.crossed = new Uint8Array(this.columns * this.rows); // 1: a line goes through it
    this.labels = []; // boxes of labels, turned by their angles: no two of them overlap
  }

  /**
   * Reserves a box around (x, y) for a label, turned by an angle. Returns false, and reserves nothing, if it overlaps
   * another label or a mark, or if it must be clear of lines and is not. The grid is coarse, so marks and lines can
   * touch its edge.
   */
  reserve(x, y, width, height, angle, mustBeClear = false) {
    const box = { x, y, width, height, angle };
    const cells = this.cellsOf(x, y, width, mustBeClear ? 8 : 10, angle);
    if (cells.some((cell) => this.taken[cell] === 1 || (mustBeClear && this.crossed[cell] === 1))) {
      return false;
    }
    if (this.labels.some((other) => overlap(box, other))) {
      return false;
    }
    this.labels.push(box);
    return true;
  }

  /** A line goes there. */
  cross(x1, y1, x2, y2) {
    const steps = Math.ceil(Math.hypot(x2 - x1, y2 - y1) / (CELL - 1));
    for (let step = 0; step <= steps; step++) {
      const column = Math.floor((x1 + (step / steps) * (x2 - x1)) / CELL);
      const row = Math.floor((y1 + (step / steps) * (y2 - y1)) / CELL);
      if (column >= 0 && column < this.columns && row >= 0 && row < this.rows) {
        this.crossed[row * this.columns + column] = 1;
      }
    }
  }

  isCrossed(x, y, width, height) {
    return this.cellsOf(x, y, width, height, 0).some((cell) => this.crossed[cell] === 1);
  }

  /** A mark is there, so no label can be. */
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

/** Whether two turned boxes overlap: no line along a side of either one separates them. */
function overlap(one, other) {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  if (Math.hypot(dx, dy) > (one.width + one.height + other.width + other.height) / 2) {
    return false;
  }
  const axes = [one.angle, one.angle + Math.PI / 2, other.angle, other.angle + Math.PI / 2];
  return axes.every(
    (axis) => Math.abs(dx * Math.cos(axis) + dy * Math.sin(axis)) < halfAlong(one, axis) + halfAlong(other, axis),
  );
}

/** Half of the length of a box as seen along an axis. */
function halfAlong(box, axis) {
  const turn = axis - box.angle;
  return (box.width * Math.abs(Math.cos(turn)) + box.height * Math.abs(Math.sin(turn))) / 2;
}

/** The label of an event: { text, rank, zoom }. Lower ranks come first. It is shown from that zoom on. */
function labelOfEvent(event) {
  const ballot = event.ballot === undefined ? "" : ` ${event.ballot}`;
  const slot = slotText(event);
  switch (event.kind) {
    case "CHOSEN":
      return { text: `slot ${slot} chosen`, rank: 1, zoom: 0, isBold: true };
    case "CRASHED":
      return { text: "crash", rank: 0, zoom: 0, isBold: true };
    case "STOPPED":
      return { text: `stops: ${shortened(event.text.replace(/^[\w.$]+: /, ""), 34)}`, rank: 0, zoom: 0, isBold: true };
    case "ROLE":
      return { text: roleText(event), rank: 2, zoom: 0.12, isPill: !isFollower(event) };
    case "STARTED":
      return { text: event.text, rank: 3, zoom: 0.12 };
    case "PAUSED":
      return { text: "paused", rank: 3, zoom: 0.12 };
    case "RESUMED":
      return { text: "goes on", rank: 3, zoom: 0.12 };
    case "PROMISED":
      return { text: `promises${ballot}${slot === "" ? "" : ` · ${slot}`}`, rank: 5, zoom: 0.4 };
    case "ACCEPTED":
      return { text: `accepts${ballot} · ${slot}`, rank: 5, zoom: 0.4 };
    case "CLIENT":
      return event.isBundled ? null : { text: clientText(event, slot), rank: 6, zoom: 0.4 };
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

function isFollower(event) {
  return (event.fields?.role ?? "").toLowerCase() === "follower";
}

/** The ballot. It contains its owner, so the leader is named only if it is another process. */
function roleText(event) {
  const { ballot } = event;
  if (!isFollower(event)) {
    return ballot === undefined ? event.text : `${(event.fields?.role ?? "").toLowerCase()} ${ballot}`;
  }
  const leader = event.fields.leader ?? "0";
  if (leader === "0") {
    return "follows no leader";
  }
  return ballot?.endsWith(`.${leader}`) ? `follows ${ballot}` : `follows ${leader}`;
}

/** For a bundle of like events: the first and the last command. */
function clientText(event, slot) {
  const last = event.bundleEnd === undefined ? "" : `…${event.bundleEnd.text.split(" ").pop()}`;
  return `${event.text}${last}${slot === "" ? "" : ` · ${slot}`}`;
}

function labelOfMessage(message) {
  const ballot = message.ballot === undefined ? "" : ` ${message.ballot}`;
  const slot = slotText(message);
  return `${message.type}${ballot}${slot === "" ? "" : ` · ${slot}`}`;
}

function shortened(text, lengthMax) {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}

/** Nanoseconds as text: milliseconds with microseconds, or seconds with milliseconds for long runs. */
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

/** The labels of one picture. */
class Labels {
  constructor(picture) {
    this.picture = picture;
    const { c, view, lit, theme, layout, room } = picture;
    Object.assign(this, { c, view, lit, theme, layout, room });
  }

  draw(events, messages) {
    this.labelViolation();
    this.labelCuts();
    const candidates = [];
    for (const event of events) {
      const label = labelOfEvent(event);
      if (label !== null && this.lit.isLit(event) && this.view.zoom >= label.zoom) {
        candidates.push({ event, label, rank: this.lit.isFirst(event) ? -1 : label.rank });
      }
    }
    for (const message of messages) {
      if (this.lit.isLit(message) && (this.view.zoom >= 0.3 || this.lit.isFirst(message))) {
        const rank = this.lit.isFirst(message) ? -1 : message.isHeartbeat ? 10 : 4;
        candidates.push({ message, rank });
      }
    }
    candidates.sort((a, b) => a.rank - b.rank);
    for (const { event, message, label } of candidates) {
      if (event !== undefined) {
        this.labelEvent(event, label);
      } else {
        this.labelMessage(message);
      }
    }
  }

  labelViolation() {
    const event = run.events[run.violation?.event];
    if (event !== undefined) {
      const y = this.view.y(this.layout.y[event.id]) - 9;
      this.label("broken rule", this.view.right - 8, y, { align: "right", colour: this.theme.alarm, weight: 600 });
    }
  }

  /** At the top of each stripe: the processes on that side that the sender cannot reach. */
  labelCuts() {
    for (const period of this.layout.cuts) {
      const y = this.view.y(period.from) + 10;
      if ((period.until - period.from) * this.view.zoom < 34 || y < HEADER) {
        continue;
      }
      for (const line of this.layout.lines) {
        const column = this.layout.column.get(line.process);
        const unreached = period.links.filter(([sender]) => sender === line.process).map(([, receiver]) => receiver);
        for (const side of [-1, 1]) {
          const there = unreached.filter((receiver) => Math.sign(this.layout.column.get(receiver) - column) === side);
          if (there.length > 0) {
            const x = this.view.x(column) + side * (16 + 5 * this.layout.lines.length - 5);
            const colour = this.theme.alarm;
            this.label(`cut off from ${there.sort().join(", ")}`, x, y, { align: side < 0 ? "right" : "left", colour });
          }
        }
      }
    }
  }

  labelEvent(event, label) {
    const column = this.layout.column.get(event.process);
    const isLong = label.text.length > 22; // would not fit beside the first line
    const isLeft = column === 0 && this.layout.lines.length > 1 && !isLong;
    const y = this.view.y(this.layout.y[event.id]);
    const gap = event.kind === "CLIENT" && isLeft ? 15 : 12;
    this.label(label.text, this.picture.x(event.process) + (isLeft ? -gap : gap), y, {
      align: isLeft ? "right" : "left",
      colour: colourOf(event, this.theme),
      weight: label.isBold ? 600 : label.isPill ? 500 : 400,
      isPill: label.isPill,
    });
  }

  labelMessage(message) {
    const { c, theme, view } = this;
    const { x1, y1, x2, y2, angle } = view.arrow(message);
    const length = Math.hypot(x2 - x1, y2 - y1);
    const text = labelOfMessage(message);
    c.font = `11px ${theme.sans}`;
    const width = c.measureText(text).width;
    if (length < width + 14) {
      return;
    }
    const turn = x2 < x1 ? angle + Math.PI : angle;
    for (const mustBeClear of [true, false]) {
      for (const part of PLACES) {
        if (Math.min(part, 1 - part) * length < width / 2 + 6) {
          continue;
        }
        const x = x1 + part * (x2 - x1) + 8 * Math.sin(turn);
        const y = y1 + part * (y2 - y1) - 8 * Math.cos(turn);
        if (this.room.reserve(x, y, width + 4, LABEL_HEIGHT, turn, mustBeClear)) {
          c.save();
          c.translate(x, y);
          c.rotate(turn);
          if (!mustBeClear) {
            this.clear(0, 0, width);
          }
          this.ink(text, 0, 0, "center", colourOf(message, theme));
          c.restore();
          return;
        }
      }
    }
  }

  /** Writes a label if there is room for it. */
  label(text, x, y, { align, colour, weight = 400, isPill = false }) {
    const { c, theme } = this;
    c.font = `${weight} 11px ${theme.sans}`;
    const width = c.measureText(text).width;
    const middle = align === "right" ? x - width / 2 : x + width / 2;
    if (!this.room.reserve(middle, y, width + (isPill ? 12 : 4), isPill ? PILL_HEIGHT : LABEL_HEIGHT, 0)) {
      return;
    }
    if (isPill) {
      c.fillStyle = theme.paper;
      c.strokeStyle = colour;
      c.lineWidth = 1;
      c.setLineDash([]);
      c.beginPath();
      c.roundRect(middle - width / 2 - 5, y - 8, width + 10, 16, 8);
      c.fill();
      c.stroke();
    }
    if (!isPill && this.room.isCrossed(middle, y, width, 8)) {
      this.clear(middle, y, width);
    }
    this.ink(text, x, y, align, colour);
  }

  /** Clears the ground behind a text, so that no line goes through it. */
  clear(x, y, width) {
    const { c, theme } = this;
    c.fillStyle = theme.paper;
    c.globalAlpha = 0.85;
    c.fillRect(x - width / 2 - 1, y - 6, width + 2, 12);
    c.globalAlpha = 1;
  }

  ink(text, x, y, align, colour) {
    const { c, theme } = this;
    c.textAlign = align;
    c.textBaseline = "middle";
    c.setLineDash([]);
    c.lineJoin = "round";
    c.strokeStyle = theme.paper;
    c.lineWidth = 3;
    c.strokeText(text, x, y);
    c.fillStyle = colour;
    c.fillText(text, x, y);
  }
}
