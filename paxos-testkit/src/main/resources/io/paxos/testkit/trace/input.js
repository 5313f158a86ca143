// What the pointer, the keys and the buttons do.

function showTip(item, x, y) {
  const tip = byId("tip");
  tip.hidden = item === null;
  if (item !== null) {
    tip.replaceChildren(...describe(item, theme));
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${x + 16 + width < view.right ? x + 16 : Math.max(4, x - 16 - width)}px`;
    tip.style.top = `${Math.max(4, Math.min(y + 14, view.height - height - 6))}px`;
  }
}

/** The pointer over the diagram: hovering, dragging, clicking, and the wheel. */
function listenToPointer() {
  let drag = null; // { x, y, isMoved }
  const place = (e) => [e.offsetX, e.offsetY];
  canvas.addEventListener("pointerdown", (e) => {
    const [x, y] = place(e);
    drag = { x, y, isMoved: false };
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointermove", (e) => {
    const [x, y] = place(e);
    if (drag !== null && (drag.isMoved || Math.hypot(x - drag.x, y - drag.y) > 4)) {
      view.pan(drag.x - x, drag.y - y);
      drag = { x, y, isMoved: true };
      canvas.classList.add("dragging");
      showTip(null);
    } else if (drag === null) {
      const item = view.itemAt(x, y);
      canvas.classList.toggle("pointing", item !== null);
      lit.hovered = item;
      showTip(item, x, y);
    }
    drawSoon();
  });
  canvas.addEventListener("pointerup", (e) => {
    if (drag !== null && !drag.isMoved) {
      select(view.itemAt(...place(e)));
      showTip(null);
    }
    drag = null;
    canvas.classList.remove("dragging");
  });
  canvas.addEventListener("pointerleave", () => {
    lit.hovered = null;
    showTip(null);
    drawSoon();
  });
  canvas.addEventListener("dblclick", (e) => {
    view.zoomAt(e.offsetY, e.shiftKey ? 0.5 : 2);
    drawSoon();
  });
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    const pixels = e.deltaMode === 1 ? 18 : 1;
    if (e.ctrlKey || e.metaKey) {
      const factor = Math.exp((-e.deltaY * pixels) / 300);
      if (e.shiftKey) {
        view.spreadAt(e.offsetX, factor);
      } else {
        view.zoomAt(e.offsetY, factor);
      }
    } else {
      view.pan((e.shiftKey ? e.deltaY : e.deltaX) * pixels, (e.shiftKey ? 0 : e.deltaY) * pixels);
    }
    drawSoon();
  }, { passive: false });
  const jump = (e) => {
    if (e.buttons === 1) {
      view.bring(overview.unitOf(e.offsetY), 0.5);
      drawSoon();
    }
  };
  overview.canvas.addEventListener("pointerdown", (e) => {
    overview.canvas.setPointerCapture(e.pointerId);
    jump(e);
  });
  overview.canvas.addEventListener("pointermove", jump);
}

function listenToKeys() {
  const arrows = {
    ArrowUp: () => (lit.selected === null ? view.pan(0, -60) : goTo(neighbour(-1))),
    ArrowDown: () => (lit.selected === null ? view.pan(0, 60) : goTo(neighbour(1))),
    ArrowLeft: () => (lit.selected === null ? view.pan(-60, 0) : goTo(otherEnd(-1))),
    ArrowRight: () => (lit.selected === null ? view.pan(60, 0) : goTo(otherEnd(1))),
  };
  const keys = {
    ...arrows,
    PageUp: () => view.pan(0, -view.height * 0.8),
    PageDown: () => view.pan(0, view.height * 0.8),
    Home: () => view.bring(0, 0),
    End: () => view.bring(layout.height, 0.9),
    "+": () => zoomBy(1.35),
    "=": () => zoomBy(1.35),
    "-": () => zoomBy(1 / 1.35),
    ">": () => view.spreadAt(view.width / 2, 1.2),
    "<": () => view.spreadAt(view.width / 2, 1 / 1.2),
    0: fitAll,
    t: toggleSpacing,
    h: toggleHeartbeats,
    v: goToViolation,
    n: () => nextMatch(1),
    N: () => nextMatch(-1),
    "?": toggleLegend,
    "/": () => byId("search").focus(),
    Escape: () => select(null),
  };
  window.addEventListener("keydown", (e) => {
    const isTyping = e.target instanceof HTMLInputElement && e.target.type !== "checkbox";
    if (isTyping || e.ctrlKey || e.metaKey || e.altKey || keys[e.key] === undefined) {
      return;
    }
    e.preventDefault();
    keys[e.key]();
    drawSoon();
  });
  byId("search").addEventListener("input", (e) => search(e.target.value));
  byId("search").addEventListener("keydown", (e) => {
    if (e.key === "Enter") {
      nextMatch(e.shiftKey ? -1 : 1);
    } else if (e.key === "Escape") {
      e.target.value = "";
      search("");
      canvas.focus();
    }
  });
}

function listenToButtons() {
  byId("zoom-in").addEventListener("click", () => zoomBy(1.35));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.35));
  byId("fit").addEventListener("click", fitAll);
  byId("spacing").addEventListener("click", toggleSpacing);
  byId("legend-button").addEventListener("click", toggleLegend);
  byId("show-violation").addEventListener("click", goToViolation);
  document.addEventListener("pointerdown", (e) => {
    if (!e.target.closest("#filters")) {
      document.querySelectorAll("#filters details[open]").forEach((details) => (details.open = false));
    }
  });
}
