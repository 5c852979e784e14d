// Elements without markup in strings: text stays text, whatever is in it.
import { PATHS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/** h("button", { class: "big", onclick: save, "aria-label": "Save" }, "Save"): an element; null children are left out. */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.dot);
  svg.append(path);
  return svg;
}

const SECOND_TAP_MS = 500;

/**
 * A button that works once at a time: a press while the last one is still being worked on is no second press. Nor is
 * the second half of a double tap that meets a button which was not there for the first.
 */
export function button(words, onclick, more = {}) {
  const made = performance.now();
  let busy = false;
  const press = async (event) => {
    if (busy || (event.detail > 1 && performance.now() - made < SECOND_TAP_MS)) return;
    busy = true;
    try { await onclick(event); } finally { busy = false; }
  };
  return h("button", { type: "button", class: "button", onclick: press, ...more }, words);
}
