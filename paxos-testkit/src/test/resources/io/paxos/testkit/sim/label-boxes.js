// Draws the page at several sizes, and reports labels whose texts overlap as errors of the page.

const boxes = []; // of the labels of one picture: { text, corners }
const ink = Labels.prototype.ink;
Labels.prototype.ink = function (text, x, y, align, colour) {
  ink.call(this, text, x, y, align, colour);
  const size = this.c.measureText(text);
  const t = this.c.getTransform();
  const [left, right] = [x - size.actualBoundingBoxLeft, x + size.actualBoundingBoxRight];
  const [top, bottom] = [y - size.actualBoundingBoxAscent, y + size.actualBoundingBoxDescent];
  const corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
  boxes.push({ text, corners: corners.map(([cx, cy]) => [t.a * cx + t.c * cy + t.e, t.b * cx + t.d * cy + t.f]) });
};

/** Whether a line can be drawn between two boxes, along a side of the first one. */
function isApart(one, other) {
  return one.corners.some(([x1, y1], i) => {
    const [x2, y2] = one.corners[(i + 1) % 4];
    const along = ([x, y]) => (y2 - y1) * x - (x2 - x1) * y;
    const [own, others] = [one.corners.map(along), other.corners.map(along)];
    return Math.max(...own) <= Math.min(...others) || Math.max(...others) <= Math.min(...own);
  });
}

function press(key) {
  window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

let labels = 0;
const overlaps = [];
for (const key of ["", "h", "+", "+", "-", "-", "-", "-"]) {
  press(key);
  boxes.length = 0;
  draw();
  labels += boxes.length;
  boxes.forEach((one, i) => {
    boxes.slice(i + 1).filter((other) => !isApart(one, other) && !isApart(other, one)).forEach((other) => {
      overlaps.push(`${one.text} / ${other.text} at zoom ${view.zoom.toFixed(2)}`);
    });
  });
}
document.body.dataset.labels = labels;
document.body.dataset.overlaps = overlaps.length === 0 ? "none" : `${overlaps.length}: ${overlaps.slice(0, 5).join("; ")}`;
