// Uses the page as a person would, after it is drawn; what does not hold is reported as an error of the page.

const rect = canvas.getBoundingClientRect();
canvas.setPointerCapture = () => {}; // there is no real pointer to capture

function hold(what, holds) {
  if (!holds) {
    throw new Error(`does not hold: ${what}`);
  }
}

function pointer(type, x, y) {
  canvas.dispatchEvent(new PointerEvent(type, { clientX: rect.left + x, clientY: rect.top + y, bubbles: true }));
}

function click(x, y) {
  pointer("pointerdown", x, y);
  pointer("pointerup", x, y);
}

function press(key) {
  window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

function wheel(options) {
  canvas.dispatchEvent(new WheelEvent("wheel", { clientX: rect.left + 400, clientY: rect.top + 300, cancelable: true, ...options }));
}

const isInView = (y) => y > HEADER + 5 && y < view.height - 5;
const place = (event) => [view.x(layout.column.get(event.process)), view.y(layout.y[event.id])];

// Pointing: the event whose mark it is; and in the middle of an arrow, away from marks, that arrow or one that crosses there.
const seen = layout.events.filter((e) => e.process !== OUTSIDE && isInView(place(e)[1]));
hold("there is something to point at", seen.length > 20);
for (const event of seen) {
  const found = view.itemAt(...place(event));
  const isThere = found !== null && !found.isMessage && Math.hypot(place(found)[0] - place(event)[0], place(found)[1] - place(event)[1]) < 4;
  hold(`pointing at event ${event.id} finds it, or one that lies upon it`, isThere);
}
for (const message of layout.messages) {
  const { x1, y1, x2, y2 } = view.arrow(message);
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  if (isInView(y) && seen.every((e) => Math.hypot(place(e)[0] - x, place(e)[1] - y) > 12)) {
    const found = view.itemAt(x, y);
    hold(`pointing at message ${message.id} finds an arrow there`, found?.isMessage && view.distanceToArrow(found, x, y) < 1);
  }
}

const target = seen[seen.length >> 1];
pointer("pointermove", ...place(target));
hold("hovering tells of the event", !byId("tip").hidden && byId("tip").textContent.includes(`event${target.id}, `));
click(...place(target));
hold("a click selects", document.body.dataset.selected === `${lit.selected.id}` && !lit.selected.isMessage);
hold("a click lights the cone", lit.inCone.has(lit.selected.id) && !byId("details").hidden);
press("Escape");
hold("Escape clears", lit.selected === null && document.body.dataset.cone === "" && byId("details").hidden);

const top0 = view.top;
wheel({ deltaY: 120 });
hold("the wheel moves down", view.top > top0);
const zoom = view.zoom;
const under = view.unitOf(300);
wheel({ deltaY: -120, ctrlKey: true });
hold("the wheel with Ctrl zooms in", view.zoom > zoom);
hold("what is under the pointer stays there", Math.abs(view.unitOf(300) - under) < 0.01);
const top1 = view.top;
pointer("pointerdown", 400, 300);
pointer("pointermove", 400, 260);
pointer("pointermove", 400, 200);
pointer("pointerup", 400, 200);
hold("dragging up moves down, and selects nothing", view.top > top1 && lit.selected === null);

press("0");
hold("0 shows all of it", view.top === 0 && view.y(layout.height) <= view.height);
const shown = layout.events.length;
press("h");
hold("H shows heartbeats", layout.events.length > shown && layout.events.length === run.events.length);
press("h");
hold("H hides them again", layout.events.length === shown);
press("t");
hold("T is true to time", byId("spacing").textContent === "True");
press("t");
press("?");
hold("? shows the legend", !byId("legend").hidden);
press("?");

const slots = document.querySelector("#filters .slots input");
slots.value = "2";
slots.dispatchEvent(new Event("input"));
hold("a slot hides the other slots", layout.messages.length > 0 && layout.messages.every((m) => slotsOf(m)[0] <= 2 && slotsOf(m)[1] >= 2));
slots.value = "";
slots.dispatchEvent(new Event("input"));
const box = [...document.querySelectorAll("#filters label")].find((label) => label.textContent.startsWith("prepare")).querySelector("input");
box.click();
hold("a type can be hidden", layout.messages.every((m) => m.type !== "prepare"));
box.click();
byId("search").value = "type:accept ballot:1.1";
byId("search").dispatchEvent(new Event("input"));
hold("a search finds", lit.matches.size > 0 && [...lit.matches].every((m) => m.type === "accept" && m.ballot === "1.1"));
byId("search").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
hold("Enter goes to the first match", lit.matches.has(lit.selected));
document.body.dataset.used = "yes";
