// One view of a scan: its picture to zoom and pan in, the boxes over it, and a box being drawn by mouse or keys.

import { called } from "./classes.js";
import { develop } from "./develop.js";
import { make, shape } from "./parts.js";
import { own, t } from "./words.js";

const ZOOM = 1.4;
const STEP = 0.02;
const LETTERS = { detector: "D", vlm: "V" }; // the legend beside the pictures says what they mean
const { OpenSeadragon } = globalThis;

// The library looks for this mark before it adds a style element of its own, which our policy would refuse.
const styled = document.createElementNS("urn:lanewatch", "style");
styled.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(styled);

export class Pane {
  constructor(view) {
    this.view = view;
    this.found = [];
    this.drawn = null;
    this.stage = make("div", { className: "stage" });
    this.overlay = shape("svg", { class: "overlay", "aria-hidden": "true", translate: "no" });
    this.node = make("div", { className: "pane", tabIndex: 0 }, this.stage, make("p", { className: "caption" }, `${own(view.name)} · ${view.width} × ${view.height}`));
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", t("View {name}: arrow keys move the picture", { name: own(view.name) }));
    this.stage.append(make("p", { className: "wait" }, t("Asking the box …")));
    this.node.addEventListener("keydown", (press) => this.#key(press));
    this.#pointers();
  }

  /** Put the picture up; null when there is none. */
  put(bitmap, tools) {
    this.failed = !bitmap;
    if (!bitmap) {
      this.stage.replaceChildren(make("p", { className: "wait" }, t("This view cannot be shown.")));
      return;
    }
    const { width, height } = bitmap;
    this.width = width;
    this.height = height;
    const canvas = make("canvas", { width, height });
    this.canvas = canvas.getContext("2d", { willReadFrequently: true });
    this.canvas.drawImage(bitmap, 0, 0);
    this.original = this.canvas.getImageData(0, 0, width, height);
    this.shown = this.canvas.createImageData(width, height);
    this.paint(tools);
    this.stage.replaceChildren();
    const source = new OpenSeadragon.TileSource({ width, height, tileWidth: width, tileHeight: height, tileOverlap: 0, minLevel: 0, maxLevel: 0 });
    source.getTileUrl = () => this.view.address;
    source.downloadTileStart = (job) => job.finish(this.canvas, null, "context2d");
    source.downloadTileAbort = () => {};
    this.viewer = new OpenSeadragon.Viewer({
      element: this.stage, tileSources: [source], drawer: "canvas", showNavigationControl: false, immediateRender: true, blendTime: 0, animationTime: 0.15,
      maxZoomPixelRatio: 12, minZoomImageRatio: 0.8, visibilityRatio: 0.6, preserveImageSizeOnResize: false, autoResize: true, keyboardNavEnabled: false,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true }, gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true },
    });
    this.viewer.innerTracker.keyDownHandler = null; // our keys, not the library's
    this.viewer.innerTracker.keyHandler = null;
    this.viewer.canvas.tabIndex = -1;
    this.viewer.canvas.append(this.overlay);
    this.viewer.addHandler("tile-drawing", ({ context }) => { context.imageSmoothingQuality = "high"; });
    for (const moment of ["open", "update-viewport", "resize"]) this.viewer.addHandler(moment, () => this.#place());
  }

  /** Paint the picture anew with other tools: the pixels change in place, nothing is asked for. */
  paint(tools) {
    if (!this.original) return;
    develop(this.original.data, this.shown.data, this.width, this.height, tools);
    this.canvas.putImageData(this.shown, 0, 0);
    this.node.classList.toggle("unmarked", !tools.boxes);
    this.viewer?.forceRedraw();
  }

  /** Show what was found here, each thing with the number it has beside the picture. */
  mark(found) {
    this.found = found;
    this.#build();
  }

  zoom(step) {
    this.viewer?.viewport?.zoomBy(step > 0 ? ZOOM : 1 / ZOOM).applyConstraints();
  }

  whole() {
    this.viewer?.viewport?.goHome();
  }

  /** Begin to draw a box; `done(box)` is called when it is complete, with shares of the picture. */
  draw(done) {
    this.done = done;
    this.drawn = null;
    this.node.classList.toggle("drawing", Boolean(done));
    this.viewer?.setMouseNavEnabled(!done);
    this.#build();
  }

  /** Offer a box to begin with, or take it away. */
  offer(wanted) {
    this.drawn = wanted ? this.drawn ?? [0.4, 0.4, 0.6, 0.6] : null;
    this.#build();
  }

  destroy() {
    this.viewer?.destroy();
    this.viewer = null;
  }

  #build() {
    const items = this.found.map((item) => {
      const seen = item.seen_by.length > 1 ? "both" : item.seen_by[0];
      const who = item.seen_by.map((one) => LETTERS[one]).join("+");
      return { box: item.box, group: group(seen, `${item.number} ${called(item.item)} · ${who}`, `${item.number} · ${who}`) };
    });
    if (this.drawn) items.push({ box: this.drawn, group: group("drawn", t("your box")) });
    this.placed = items;
    this.overlay.replaceChildren(...items.map((item) => item.group.lines), ...items.map((item) => item.group.sign)); // no line crosses a word
    this.#place();
  }

  #place() {
    const item = this.viewer?.world?.getItemAt(0);
    if (!item) return;
    const taken = [];
    const room = this.stage.clientWidth;
    const width = (label, word) => (label.wide[word] ??= label.getComputedTextLength()) + 12;
    for (const { group: { label } } of this.placed ?? []) width(label, label.textContent); // all are measured before any is moved
    for (const { box: [left, top, right, bottom], group: { rects, label, back, words } } of this.placed ?? []) {
      const from = item.imageToViewerElementCoordinates(new OpenSeadragon.Point(left * this.width, top * this.height));
      const to = item.imageToViewerElementCoordinates(new OpenSeadragon.Point(right * this.width, bottom * this.height));
      for (const rect of rects) set(rect, { x: from.x, y: from.y, width: Math.max(2, to.x - from.x), height: Math.max(2, to.y - from.y) });
      let y = Math.max(2, from.y - 20);
      let x, wide;
      const crossed = () => taken.some((other) => Math.abs(other.y - y) < 20 && x < other.x + other.wide && other.x < x + wide);
      for (const one of words) { // where signs would lie over one another, the number must do: the list beside has its name
        if (label.textContent !== one) label.textContent = one;
        wide = width(label, one);
        x = Math.max(2, Math.min(from.x, room - wide - 2));
        if (!crossed()) break;
      }
      while (crossed()) y += 20;
      taken.push({ x, y, wide });
      set(back, { x, y, width: wide, height: 19 });
      set(label, { x: x + 6, y: y + 14 });
    }
  }

  #shareOf(press) {
    const edge = this.stage.getBoundingClientRect();
    const at = this.viewer.world.getItemAt(0).viewerElementToImageCoordinates(new OpenSeadragon.Point(press.clientX - edge.left, press.clientY - edge.top));
    return [clip(at.x / this.width), clip(at.y / this.height)];
  }

  #pointers() {
    let from = null;
    this.overlay.addEventListener("pointerdown", (press) => {
      if (!this.done) return;
      press.stopPropagation();
      press.preventDefault();
      this.node.focus();
      this.overlay.setPointerCapture(press.pointerId);
      from = this.#shareOf(press);
    });
    this.overlay.addEventListener("pointermove", (press) => {
      if (!from) return;
      const to = this.#shareOf(press);
      this.drawn = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])];
      this.#build();
    });
    this.overlay.addEventListener("pointerup", () => {
      const whole = from && this.drawn[2] - this.drawn[0] > 0.005 && this.drawn[3] - this.drawn[1] > 0.005;
      from = null;
      if (whole) this.done?.(this.drawn);
    });
  }

  #key(press) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[press.key];
    if (press.target !== this.node || press.altKey || press.ctrlKey || press.metaKey) return;
    if (way && this.drawn) {
      const [left, top, right, bottom] = this.drawn;
      const [x, y] = [way[0] * STEP, way[1] * STEP];
      if (press.shiftKey) this.drawn = [left, top, clip(Math.max(left + STEP, right + x)), clip(Math.max(top + STEP, bottom + y))];
      else if (left + x >= 0 && right + x <= 1 && top + y >= 0 && bottom + y <= 1) this.drawn = [left + x, top + y, right + x, bottom + y];
      this.#build();
    } else if (way) {
      this.viewer?.viewport?.panBy(this.viewer.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(way[0] * 60, way[1] * 60))).applyConstraints();
    } else if (press.key === "Enter" && this.drawn) this.done?.(this.drawn);
    else return;
    press.preventDefault();
    press.stopPropagation();
  }
}

const clip = (share) => Math.min(1, Math.max(0, share));

function set(node, values) {
  for (const [name, value] of Object.entries(values)) node.setAttribute(name, String(value));
}

/** What is drawn for one thing: its lines, and its sign with the first of `words` there is room for. */
function group(seen, ...words) {
  const rects = [shape("rect", { class: "under", rx: 3 }), shape("rect", { class: "over", rx: 3 })];
  const back = shape("rect", { class: "back", rx: 3 });
  const label = shape("text", {});
  [label.textContent] = words;
  label.wide = {};
  const lines = shape("g", { class: `seen-${seen}` });
  const sign = shape("g", { class: `seen-${seen}` });
  lines.append(...rects);
  sign.append(back, label);
  return { lines, sign, rects, label, back, words };
}
