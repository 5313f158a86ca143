// Which part of the layout the window shows, and what is under the pointer.

const GUTTER_WITH_NOTES = 250; // pixels: times, and the texts of events from outside
const GUTTER = 90;
const LABELS = 118; // pixels beside the outermost lines
const OVERVIEW = 84; // pixels
const ZOOM_MIN = 0.005;
const ZOOM_MAX = 12;
const FIT_ZOOM_MAX = 1.6; // a small run is not enlarged further

class View {
  constructor() {
    this.zoom = 1; // pixels per unit of time
    this.spread = 1; // of the columns
    this.top = 0; // the unit below the header
    this.left = 0; // pixels that the columns are moved to the left
    this.width = 0;
    this.height = 0;
    this.isFitted = false;
  }

  /** Takes a layout and a size in pixels. */
  fitInto(layout, width, height) {
    this.layout = layout;
    this.width = width;
    this.height = height;
    const hasNotes = layout.events.some((event) => event.kind === "NOTE");
    this.gutter = hasNotes ? Math.min(GUTTER_WITH_NOTES, width * 0.24) : GUTTER;
    this.right = width - OVERVIEW;
    const room = this.right - this.gutter - 2 * LABELS;
    const gaps = Math.max(1, layout.lines.length - 1);
    this.columnGap = Math.min(420, Math.max(110, room / gaps)) * this.spread;
    const used = layout.lines.length > 1 ? this.columnGap * gaps : 0;
    this.firstX = this.gutter + LABELS + Math.max(0, (room - used) / 2);
    if (this.isFitted) {
      this.fit();
    } else {
      this.keepInside();
    }
  }

  x(column) {
    return this.firstX + column * this.columnGap - this.left;
  }

  y(unit) {
    return HEADER + (unit - this.top) * this.zoom;
  }

  unitOf(y) {
    return (y - HEADER) / this.zoom + this.top;
  }

  /** Shows the whole run. It stays so when the window changes, until the user moves or zooms. */
  fit() {
    this.isFitted = true;
    this.zoom = Math.min(FIT_ZOOM_MAX, Math.max(ZOOM_MIN, (this.height - HEADER - 24) / (this.layout.height + 16)));
    this.top = 0;
    this.left = 0;
    this.keepInside();
  }

  zoomAt(y, factor) {
    this.isFitted = false;
    const unit = this.unitOf(y);
    this.zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, this.zoom * factor));
    this.top = unit - (y - HEADER) / this.zoom;
    this.keepInside();
  }

  spreadAt(x, factor) {
    const before = this.columnGap;
    const place = (x + this.left - this.firstX) / before;
    this.spread = Math.min(6, Math.max(0.3, this.spread * factor));
    this.fitInto(this.layout, this.width, this.height);
    this.left = this.firstX + place * this.columnGap - x;
    this.keepInside();
  }

  pan(dx, dy) {
    this.isFitted = false;
    this.left += dx;
    this.top += dy / this.zoom;
    this.keepInside();
  }

  /** Scrolls so that a unit is at a fraction of the height, 0..1. */
  bring(unit, part) {
    this.isFitted = false;
    this.top = unit - ((this.height - HEADER) * part) / this.zoom;
    this.keepInside();
  }

  keepInside() {
    const seen = (this.height - HEADER) / this.zoom;
    this.top = Math.max(0, Math.min(this.top, this.layout.height + 70 / this.zoom - seen));
    const lines = this.layout.lines.length;
    const overflow = this.firstX + (lines - 1) * this.columnGap + LABELS - this.right;
    this.left = Math.max(-80, Math.min(this.left, Math.max(80, overflow)));
    if (overflow <= 0) {
      this.left = 0;
    }
  }

  /** An arrow in pixels. It ends a little before the marks. */
  arrow(message) {
    const from = this.x(this.layout.column.get(message.from));
    const to = this.x(this.layout.column.get(message.to));
    const { fromY, toY, part } = message.path;
    const y1 = this.y(fromY);
    const y2 = this.y(toY);
    const x2 = from + part * (to - from);
    const angle = Math.atan2(y2 - y1, x2 - from);
    return { x1: from, y1, x2, y2, angle };
  }

  /** The event or the message at a point, an event first; null if there is nothing. */
  itemAt(x, y) {
    if (x < this.gutter || y < HEADER) {
      return null;
    }
    return this.nearest(this.layout.events, 9, (event) => this.distanceToEvent(event, x, y)) ??
      this.nearest(this.layout.messages, 6, (message) => this.distanceToArrow(message, x, y));
  }

  nearest(items, distanceMax, distanceTo) {
    let best = null;
    let bestDistance = distanceMax;
    for (const item of items) {
      const distance = distanceTo(item);
      if (distance < bestDistance) {
        best = item;
        bestDistance = distance;
      }
    }
    return best;
  }

  distanceToEvent(event, x, y) {
    if (event.process === OUTSIDE) {
      return Infinity;
    }
    const dot = isDot(event) ? 1 : 0; // of marks that are close together, a dot is the last choice
    return Math.hypot(this.x(this.layout.column.get(event.process)) - x, this.y(this.layout.y[event.id]) - y) + dot;
  }

  distanceToArrow(message, x, y) {
    const { x1, y1, x2, y2 } = this.arrow(message);
    const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
    const part = Math.max(0, Math.min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / Math.max(1, length)));
    return Math.hypot(x1 + part * (x2 - x1) - x, y1 + part * (y2 - y1) - y);
  }
}

/** The overview beside the diagram: leaders over time, where much happens, and what is in view. */
class Overview {
  constructor(canvas) {
    this.canvas = canvas;
    this.picture = null; // of the run, without the frame; null if it must be drawn again
  }

  draw(view, theme, ratio) {
    const { canvas } = this;
    const layout = view.layout;
    const height = view.height;
    const scale = (height - 16) / Math.max(layout.height, 1);
    this.scale = scale;
    canvas.width = OVERVIEW * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${OVERVIEW}px`;
    canvas.style.height = `${height}px`;
    const c = canvas.getContext("2d");
    if (this.picture === null || this.picture.height !== canvas.height) {
      this.picture = document.createElement("canvas");
      this.picture.width = canvas.width;
      this.picture.height = canvas.height;
      const p = this.picture.getContext("2d");
      p.scale(ratio, ratio);
      this.drawRun(p, layout, theme, scale, height);
    }
    c.drawImage(this.picture, 0, 0);
    c.scale(ratio, ratio);
    const from = 8 + view.top * scale;
    const seen = Math.min(height - from, ((height - HEADER) / view.zoom) * scale);
    const until = from + Math.max(4, seen);
    if (seen < height - 20) {
      c.fillStyle = theme.ink;
      c.globalAlpha = 0.07;
      c.fillRect(0, 0, OVERVIEW, from);
      c.fillRect(0, until, OVERVIEW, height - until);
      c.globalAlpha = 0.4;
      c.strokeStyle = theme.ink;
      c.strokeRect(0.5, from + 0.5, OVERVIEW - 1, until - from - 1);
    }
  }

  drawRun(c, layout, theme, scale, height) {
    const gap = (OVERVIEW - 28) / Math.max(1, layout.lines.length - 1);
    const x = (process) => 14 + layout.column.get(process) * gap;
    const y = (unit) => 8 + unit * scale;
    c.fillStyle = theme.paper;
    c.fillRect(0, 0, OVERVIEW, height);
    c.fillStyle = theme.alarm;
    for (const period of layout.cuts) {
      c.globalAlpha = 0.12;
      c.fillRect(6, y(period.from), OVERVIEW - 12, y(period.until) - y(period.from));
    }
    c.lineWidth = 0.5;
    for (const message of layout.messages) {
      c.globalAlpha = Math.max(0.06, Math.min(0.5, 60 / layout.messages.length));
      c.strokeStyle = colourOf(message, theme);
      c.beginPath();
      c.moveTo(x(message.from), y(message.path.fromY));
      c.lineTo(x(message.from) + message.path.part * (x(message.to) - x(message.from)), y(message.path.toY));
      c.stroke();
    }
    c.globalAlpha = 1;
    for (const line of layout.lines) {
      for (const span of layout.spans.get(line.process)) {
        if (span.life === "up" || span.life === "paused") {
          const leads = span.role === "leader";
          c.fillStyle = leads ? theme.ballot(span.ballot) : theme.soft;
          const width = leads ? 3 : 1;
          c.fillRect(x(line.process) - width / 2, y(span.from), width, y(span.until) - y(span.from));
        }
      }
    }
    for (const event of layout.events) {
      if (event.kind === "CRASHED" || event.kind === "STOPPED") {
        drawMark(c, event.kind, x(event.process), y(layout.y[event.id]), 0.5, theme.alarm, theme);
      }
    }
    const violation = run.events[run.violation?.event];
    if (violation !== undefined) {
      c.fillStyle = theme.alarm;
      c.fillRect(0, y(layout.y[violation.id]) - 1, OVERVIEW, 2);
    }
  }

  /** The unit at a height in pixels. */
  unitOf(y) {
    return (y - 8) / this.scale;
  }
}
