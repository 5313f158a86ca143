// Draws a run with one message whose type is in no group. Then hides that type in the menu of messages.
{
  let strokes = 0; // how often an arrow was drawn as one of the others
  const others = STROKES.Others;
  Object.defineProperty(STROKES, "Others", { get: () => (strokes++, others) });

  const countStrokes = () => {
    strokes = 0;
    draw();
    return strokes;
  };

  const { type } = run.messages[0];
  const menus = [...document.querySelectorAll("#filters details")];
  const messages = menus.find((details) => details.querySelector("summary").textContent.startsWith("Messages"));
  const boxes = [...messages.querySelectorAll("input")];

  document.body.dataset.choices = boxes.map((box) => box.nextSibling.textContent).join(",");
  document.body.dataset.found = run.messages.filter(matcher(type)).length;
  document.body.dataset.drawn = countStrokes();
  boxes[0].click();
  document.body.dataset.drawnWhenHidden = countStrokes();
}
