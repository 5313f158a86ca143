// Colours, marks and the ends of arrows, for the diagram and its legend.

const LIGHT_BALLOTS = ["#2f5d9e", "#b5482a", "#2c7a57", "#7b4ea3", "#8a6a0c", "#1c7485", "#a83a72", "#5a6f22", "#84543a", "#4c5f80"];
const DARK_BALLOTS = ["#82b1ea", "#ee906f", "#76c8a1", "#c09ae6", "#d9b45c", "#6cc4d6", "#e78cbb", "#aec46b", "#d2a385", "#a6b6d2"];

/** How the arrows of a group are dashed, and how thick they are. */
const STROKES = {
  "Phase 1": { dash: [7, 4], width: 1.4 },
  "Phase 2": { dash: [], width: 1.4 },
  Learning: { dash: [2, 3], width: 1.2 },
  Reads: { dash: [9, 3, 2, 3], width: 1 },
  Snapshots: { dash: [12, 3], width: 1 },
  Commands: { dash: [4, 4], width: 1 },
  Heartbeats: { dash: [], width: 0.6 },
  Others: { dash: [], width: 1 },
};

const groupOfType = new Map(Object.entries(GROUPS).flatMap(([group, types]) => types.map((type) => [type, group])));
const rankOfBallot = new Map(run.ballots.map((ballot, rank) => [ballot, rank]));

/** Colours and fonts of the current scheme, from the style sheet. */
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const css = (name) => style.getPropertyValue(`--${name}`).trim();
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const palette = isDark ? DARK_BALLOTS : LIGHT_BALLOTS;
  return {
    paper: css("paper"),
    ink: css("ink"),
    soft: css("soft"),
    faint: css("faint"),
    rule: css("rule"),
    alarm: css("alarm"),
    past: css("past"),
    future: css("future"),
    sans: css("sans"),
    serif: css("serif"),
    isDark,
    ballot: (text) => (rankOfBallot.has(text) ? palette[rankOfBallot.get(text) % palette.length] : css("soft")),
  };
}

function colourOf(item, theme) {
  if (item.isHeartbeat) {
    return theme.faint;
  }
  switch (item.kind) {
    case "CRASHED":
    case "STOPPED":
      return theme.alarm;
    case "SYNCED":
    case "APPLIED":
    case "LEARNED":
    case "CLIENT":
    case "STARTED":
    case "PAUSED":
    case "RESUMED":
      return theme.soft;
    default:
      return theme.ballot(item.ballot);
  }
}

/** The mark of an event. Also drawn in the legend. */
function drawMark(c, kind, x, y, size, colour, theme) {
  c.fillStyle = colour;
  c.strokeStyle = colour;
  c.lineWidth = 1.6 * size;
  c.lineCap = "round";
  c.setLineDash([]);
  const circle = (radius) => {
    c.beginPath();
    c.arc(x, y, radius * size, 0, 2 * Math.PI);
  };
  const line = (...points) => {
    c.beginPath();
    points.forEach(([dx, dy], i) => (i % 2 === 0 ? c.moveTo(x + dx * size, y + dy * size) : c.lineTo(x + dx * size, y + dy * size)));
    c.stroke();
  };
  const shape = (points) => {
    c.beginPath();
    points.forEach(([dx, dy]) => c.lineTo(x + dx * size, y + dy * size));
    c.closePath();
  };
  switch (kind) {
    case "PROMISED":
      circle(4);
      c.fillStyle = theme.paper;
      c.fill();
      c.stroke();
      break;
    case "ACCEPTED":
      circle(4.4);
      c.fill();
      break;
    case "SYNCED":
      c.lineWidth = 2.6 * size;
      line([-6, 0], [6, 0]);
      break;
    case "CHOSEN":
      shape(star(8.5, 3.7));
      c.fill();
      c.strokeStyle = theme.paper;
      c.lineWidth = 1.2;
      c.stroke();
      break;
    case "LEARNED":
    case "APPLIED":
      shape([[-3.3, -3.3], [3.3, -3.3], [3.3, 3.3], [-3.3, 3.3]]);
      c.fillStyle = kind === "APPLIED" ? colour : theme.paper;
      c.fill();
      c.lineWidth = 1.3 * size;
      c.stroke();
      break;
    case "ROLE":
      c.lineWidth = 2 * size;
      line([-7, 0], [7, 0]);
      break;
    case "STARTED":
      c.lineWidth = 2 * size;
      line([-6, 0], [6, 0], [0, 0], [0, 5]);
      break;
    case "CRASHED":
      c.lineWidth = 2.8 * size;
      line([-6, -6], [6, 6], [-6, 6], [6, -6]);
      break;
    case "PAUSED":
      c.lineWidth = 2.4 * size;
      line([-3, -4], [-3, 4], [3, -4], [3, 4]);
      break;
    case "RESUMED":
      shape([[-3.5, -4.5], [5, 0], [-3.5, 4.5]]);
      c.fill();
      break;
    case "STOPPED":
      shape([[-5, -5], [5, -5], [5, 5], [-5, 5]]);
      c.fill();
      break;
    case "CLIENT":
      line([-9, -3.5], [-5, 0], [-5, 0], [-9, 3.5]);
      break;
    default:
      circle(2);
      c.fill();
  }
}

function star(outer, inner) {
  return Array.from({ length: 10 }, (_, i) => {
    const angle = (i * Math.PI) / 5 - Math.PI / 2;
    const radius = i % 2 === 0 ? outer : inner;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** The end of an arrow at (x, y), which comes from that angle. Also drawn in the legend. */
function drawEnd(c, end, x, y, angle, size, colour, theme) {
  c.save();
  c.translate(x, y);
  c.rotate(angle);
  c.setLineDash([]);
  c.fillStyle = colour;
  c.strokeStyle = colour;
  c.lineWidth = 1.6;
  c.beginPath();
  if (end === "head") {
    c.moveTo(-1, 0);
    c.lineTo(-9 * size, 3.4 * size);
    c.lineTo(-9 * size, -3.4 * size);
    c.fill();
  } else if (end === "bar") {
    c.moveTo(-4, -5 * size);
    c.lineTo(-4, 5 * size);
    c.stroke();
  } else if (end === "cross") {
    c.strokeStyle = theme.alarm;
    c.rotate(-angle);
    c.moveTo(-4 * size, -4 * size);
    c.lineTo(4 * size, 4 * size);
    c.moveTo(-4 * size, 4 * size);
    c.lineTo(4 * size, -4 * size);
    c.stroke();
  } else {
    c.arc(3 * size, 0, 3 * size, 0, 2 * Math.PI);
    c.stroke();
  }
  c.restore();
}
