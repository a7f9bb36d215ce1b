// Symbols of the chart as images of one colour that the map tints: AIS targets after IMO SN.1/Circ.243, events as in the queue.
const SIDE = 32;

function drawn(path, { fill = false, box = 16, width = 1.6 } = {}) {
  const canvas = new OffscreenCanvas(SIDE, SIDE), pen = canvas.getContext("2d");
  pen.translate(SIDE / 2, SIDE / 2);
  pen.scale(SIDE / box, SIDE / box);
  pen.lineWidth = width;
  pen.lineJoin = "round";
  const shape = new Path2D(path);
  if (fill) pen.fill(shape);
  pen.stroke(shape);
  return pen.getImageData(0, 0, SIDE, SIDE);
}

export function images(eventPaths) {
  const found = {
    sailing: drawn("M0-6.5 3.6 5.5-3.6 5.5Z"),
    still: drawn("M-4 0 0-4 4 0 0 4Z"),
    unknown: drawn("M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0Z"),
    partner: drawn("M-5-5H5V5H-5Z"),
    unit: drawn("M0-6V6M-6 0H6M-4-4H4V4H-4Z"),
    "contact-with_track": drawn("M-3-3 3 3M3-3-3 3"),
    "contact-without_track": drawn("M0-7 7 0 0 7-7 0ZM-3.5-3.5 3.5 3.5M3.5-3.5-3.5 3.5", { width: 2 }),
    "contact-not_judged": drawn("M-2.5-3.5A2.5 2.5 0 1 1 0-.5V1.5M0 4V4.6"),
    meeting: drawn("M-5-5 5 5M5-5-5 5M0-7A7 7 0 1 1 0 7 7 7 0 1 1 0-7"),
  };
  for (const [kind, path] of Object.entries(eventPaths)) found[`event-${kind}`] = drawn(path);
  return found;
}
