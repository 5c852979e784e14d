// Print: the drawing buffer is empty between frames, so a picture taken in one stands in for the map on paper.

export function watchPrint({ map }) {
  const picture = document.getElementById("map-picture");

  function take() {
    map.once("render", () => { picture.src = map.getCanvas().toDataURL("image/png"); picture.hidden = false; });
    map.redraw(); // draws at once, within this call
  }

  window.addEventListener("beforeprint", take);
  window.addEventListener("afterprint", () => { picture.hidden = true; picture.removeAttribute("src"); });
  // Browsers that print without the event (and tests) find a fresh picture too.
  window.matchMedia("print").addEventListener("change", (query) => { if (query.matches) take(); });
}
