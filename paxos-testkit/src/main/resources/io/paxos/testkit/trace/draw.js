// Draws everything on the canvas. Reads the view and what is highlighted, and changes neither.

const HEADER = 46; // pixels above the first event: the names of the processes
const MILESTONES = new Set(["CHOSEN", "CRASHED", "STOPPED"]); // their marks stay large when zoomed out

/** One picture: `view` has layout, size and place; `lit` has what is highlighted, or is null. */
class Picture {
  constructor(c, view, lit, theme) {
    Object.assign(this, { c, view, lit, theme, layout: view.layout });
    this.room = new Room(view.width, view.height);
    this.size = Math.min(1, Math.max(0.45, 0.4 + 0.75 * view.zoom));
    this.top = view.unitOf(HEADER) - 40 / view.zoom; // what is visible, in units, and a little more
    this.bottom = view.unitOf(view.height) + 40 / view.zoom;
  }

  draw() {
    const { c, view, theme } = this;
    c.fillStyle = theme.paper;
    c.fillRect(0, 0, view.width, view.height);
    this.drawCuts();
    this.drawCones();
    this.drawNotes();
    this.layout.lines.forEach((line) => this.drawLife(line.process));
    const messages = this.layout.messages.filter((m) => m.path.toY >= this.top && m.path.fromY <= this.bottom);
    const events = this.layout.events.filter(
      (e) => e.process !== OUTSIDE && this.layout.y[e.id] >= this.top && this.layout.y[e.id] <= this.bottom,
    );
    this.drawViolation();
    for (const isLit of [false, true]) {
      messages.filter((m) => this.lit.isLit(m) === isLit).forEach((m) => this.drawMessage(m, isLit));
      events.filter((e) => this.lit.isLit(e) === isLit).forEach((e) => this.drawEvent(e, isLit));
    }
    new Labels(this).draw(events, messages);
    this.drawGutter();
    this.drawHeader();
  }

  drawCuts() {
    const { c, view, theme, layout } = this;
    for (const period of layout.cuts) {
      const from = Math.max(HEADER, view.y(period.from));
      const until = Math.min(view.height, view.y(period.until));
      if (until <= from) {
        continue;
      }
      for (let column = 0; column + 1 < layout.lines.length; column++) {
        const share = shareOfCutLinks(period, column, layout);
        if (share > 0) {
          c.globalAlpha = (theme.isDark ? 0.12 : 0.1) * share;
          c.fillStyle = theme.alarm;
          c.fillRect(view.x(column), from, view.x(column + 1) - view.x(column), until - from);
        }
      }
      c.globalAlpha = 1;
      period.links.forEach(([sender, receiver]) => this.drawCutLink(sender, receiver, from, until));
    }
  }

  /** A stripe along the sender's line, on the side of the receiver that it cannot reach. */
  drawCutLink(sender, receiver, from, until) {
    const { c, view, theme, layout } = this;
    const distance = layout.column.get(receiver) - layout.column.get(sender);
    const side = Math.sign(distance);
    const x = view.x(layout.column.get(sender)) + side * (10 + 5 * (Math.abs(distance) - 1));
    c.strokeStyle = theme.alarm;
    c.globalAlpha = 0.55;
    c.lineWidth = 2;
    c.setLineDash([2, 3]);
    c.beginPath();
    c.moveTo(x, from);
    c.lineTo(x, until);
    c.stroke();
    c.setLineDash([]);
    c.globalAlpha = 1;
  }

  /** The light cone as two areas: for each process, up to where it is in the past, and from where on in the future. */
  drawCones() {
    const { c, lit, theme, layout } = this;
    if (lit.cone === null) {
      return;
    }
    const edge = (ids, isPast) => {
      const ends = new Map(); // by process
      for (const id of ids) {
        const event = run.events[id];
        const y = layout.y[id];
        const now = ends.get(event.process);
        if (layout.column.has(event.process) && (now === undefined || (isPast ? y > now : y < now))) {
          ends.set(event.process, y);
        }
      }
      return ends;
    };
    const fill = (ends, isPast, colour) => {
      const points = layout.lines.filter((line) => ends.has(line.process)).map((line) => [line.process, ends.get(line.process)]);
      const limit = isPast ? this.view.y(0) : this.view.y(layout.height + 40);
      c.fillStyle = colour;
      c.globalAlpha = theme.isDark ? 0.13 : 0.09;
      c.beginPath();
      const width = 16;
      points.forEach(([process, y]) => c.lineTo(this.x(process), this.view.y(y)));
      [...points].reverse().forEach(([process]) => c.lineTo(this.x(process), limit));
      c.fill();
      c.globalAlpha = theme.isDark ? 0.3 : 0.22;
      points.forEach(([process, y]) => {
        const [from, until] = isPast ? [limit, this.view.y(y)] : [this.view.y(y), limit];
        c.fillRect(this.x(process) - width / 2, from, width, until - from);
      });
      c.globalAlpha = 1;
    };
    fill(edge(lit.cone.past, true), true, theme.past);
    fill(edge(lit.cone.future, false), false, theme.future);
  }

  drawLife(process) {
    const { c, view, theme } = this;
    const x = this.x(process);
    for (const span of this.layout.spans.get(process)) {
      const from = Math.max(HEADER, view.y(span.from));
      const until = Math.min(view.height, view.y(span.until));
      if (until <= from || span.life === "none") {
        continue;
      }
      c.lineCap = "butt";
      c.strokeStyle = theme.soft;
      c.lineWidth = 1.2;
      c.globalAlpha = 1;
      c.setLineDash([]);
      const shift = [0];
      if (span.life === "down") {
        c.globalAlpha = 0.35;
        c.lineWidth = 1;
        c.setLineDash([1, 7]);
      } else if (span.life === "stopped") {
        c.setLineDash([2, 4]);
      } else if (span.life === "paused") {
        c.setLineDash([5, 3]);
        shift.splice(0, 1, -2.5, 2.5);
      }
      if (span.life !== "down" && span.role !== "follower") {
        c.strokeStyle = theme.ballot(span.ballot);
        c.lineWidth = span.life === "paused" ? 2 : span.role === "leader" ? 4.5 : 2.5;
        if (span.role === "candidate" && span.life === "up") {
          c.setLineDash([5, 3]);
        }
      }
      for (const dx of shift) {
        c.beginPath();
        c.moveTo(x + dx, from);
        c.lineTo(x + dx, until);
        c.stroke();
      }
    }
    c.globalAlpha = 1;
    c.setLineDash([]);
  }

  drawMessage(message, isLit) {
    const { c, theme, view } = this;
    const { x1, y1, x2, y2, angle } = view.arrow(message);
    const stroke = STROKES[groupOfType.get(message.type) ?? "Others"];
    const colour = colourOf(message, theme);
    const isHovered = this.lit.hovered === message || this.lit.selected === message;
    c.globalAlpha = isLit ? (isHovered ? 1 : 0.85) : 0.1;
    c.strokeStyle = colour;
    c.lineWidth = stroke.width * (isHovered ? 2 : Math.max(0.6, this.size));
    c.lineCap = "butt";
    c.setLineDash(view.zoom < 0.2 ? [] : stroke.dash);
    c.beginPath();
    c.moveTo(x1, y1);
    c.lineTo(x2, y2);
    c.stroke();
    drawEnd(c, message.path.end, x2, y2, angle, this.size, colour, theme);
    c.globalAlpha = 1;
    if (isLit) {
      this.room.cross(x1, y1, x2, y2);
    }
  }

  drawEvent(event, isLit) {
    const { c, theme, view, lit } = this;
    const x = this.x(event.process);
    const y = view.y(this.layout.y[event.id]);
    c.globalAlpha = isLit ? 1 : 0.15;
    if (event === lit.selected || event === lit.hovered) {
      c.fillStyle = theme.ink;
      c.globalAlpha = event === lit.selected ? 0.25 : 0.13;
      c.beginPath();
      c.arc(x, y, 11, 0, 2 * Math.PI);
      c.fill();
      c.globalAlpha = 1;
    }
    const size = MILESTONES.has(event.kind) ? Math.max(0.75, this.size) : this.size;
    drawMark(c, event.kind, x, y, size, colourOf(event.messages[0] ?? event, theme), theme);
    c.globalAlpha = 1;
    const reach = event.kind === "SEND" || event.kind === "RECEIVE" ? 6 : 13;
    this.room.block(x, y, reach * this.size, (isDot(event) ? 3 : reach) * this.size);
  }

  drawViolation() {
    const { c, view, theme } = this;
    const event = run.events[run.violation?.event];
    if (event === undefined) {
      return;
    }
    const y = view.y(this.layout.y[event.id]);
    c.strokeStyle = theme.alarm;
    c.lineWidth = 1.2;
    c.setLineDash([]);
    c.beginPath();
    c.moveTo(view.gutter, y);
    c.lineTo(view.right, y);
    c.stroke();
    this.room.cross(view.gutter, y, view.right, y);
    if (this.layout.column.has(event.process)) {
      c.lineWidth = 2;
      c.beginPath();
      c.arc(this.x(event.process), y, 12, 0, 2 * Math.PI);
      c.stroke();
    }
  }

  /** Events from outside, across all processes. */
  drawNotes() {
    const { c, view, theme, layout } = this;
    c.strokeStyle = theme.faint;
    c.globalAlpha = 0.5;
    c.lineWidth = 1;
    c.setLineDash([1, 4]);
    for (const event of layout.events) {
      if (event.kind === "NOTE" && view.zoom > 0.1) {
        const y = Math.round(view.y(layout.y[event.id])) + 0.5;
        c.beginPath();
        c.moveTo(view.gutter, y);
        c.lineTo(view.right, y);
        c.stroke();
      }
    }
    c.globalAlpha = 1;
  }

  /** The times, and the texts of events from outside. */
  drawGutter() {
    const { c, view, theme, layout } = this;
    c.fillStyle = theme.paper;
    c.fillRect(0, 0, view.gutter, view.height);
    c.textBaseline = "middle";
    let lastTime = -Infinity;
    let lastNote = -Infinity;
    for (const event of layout.events) {
      const y = view.y(layout.y[event.id]);
      if (y < HEADER || y > view.height) {
        continue;
      }
      if (y - lastTime >= 44) {
        lastTime = y;
        c.font = `10.5px ${theme.sans}`;
        c.fillStyle = theme.faint;
        c.textAlign = "right";
        c.fillText(timeText(event.timeNs), 74, y);
      }
      if (event.kind === "NOTE" && y - lastNote >= 13) {
        lastNote = y;
        c.font = `italic 12px ${theme.serif}`;
        c.fillStyle = this.lit.isLit(event) ? theme.ink : theme.faint;
        c.textAlign = "left";
        c.fillText(shortened(event.text.toLowerCase(), 32), 88, y);
      }
    }
  }

  drawHeader() {
    const { c, view, theme, layout } = this;
    c.fillStyle = theme.paper;
    c.fillRect(0, 0, view.width, HEADER);
    c.strokeStyle = theme.rule;
    c.lineWidth = 1;
    c.setLineDash([]);
    c.beginPath();
    c.moveTo(0, HEADER - 0.5);
    c.lineTo(view.width, HEADER - 0.5);
    c.stroke();
    c.textBaseline = "alphabetic";
    c.textAlign = "right";
    c.font = `10.5px ${theme.sans}`;
    c.fillStyle = theme.faint;
    c.fillText(TIME_UNIT, 74, 30);
    c.textAlign = "center";
    const top = view.unitOf(HEADER + 1) + 1;
    for (const line of layout.lines) {
      const spans = layout.spans.get(line.process);
      const span = spans.find((s) => s.from <= top && top < s.until) ?? spans[top < 0 ? 0 : spans.length - 1];
      c.font = `600 13px ${theme.sans}`;
      c.fillStyle = theme.ink;
      c.fillText(line.name, this.x(line.process), 20);
      c.font = `11px ${theme.sans}`;
      const isUp = span.life === "up" || span.life === "paused";
      c.fillStyle = isUp && span.ballot !== undefined && span.role !== "follower" ? theme.ballot(span.ballot) : theme.soft;
      c.fillText(stateText(span), this.x(line.process), 35);
    }
  }

  x(process) {
    return this.view.x(this.layout.column.get(process));
  }
}

function stateText(span) {
  switch (span.life) {
    case "none":
      return "";
    case "down":
      return "down";
    case "stopped":
      return "stopped";
    default: {
      const role = span.role === "follower" ? span.role : `${span.role} ${span.ballot ?? ""}`;
      return span.life === "paused" ? `${role}, paused` : role;
    }
  }
}

/** Of the links that cross the space right of a column, how many are cut: 0..1. */
function shareOfCutLinks(period, column, layout) {
  const left = column + 1;
  const right = layout.lines.length - left;
  const cut = period.links.filter(([sender, receiver]) => {
    const one = layout.column.get(sender);
    const other = layout.column.get(receiver);
    return Math.min(one, other) <= column && Math.max(one, other) > column;
  });
  return cut.length / (2 * left * right);
}
