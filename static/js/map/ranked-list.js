// The ranked list beside the map: pointing at a row marks the place on the map and the other way round.

export function watchList(results, { point, go, selection }) {
  const rowOf = (node) => node.closest?.(".ranked__row");
  const row = (id) => results.querySelector(`.ranked__row[data-place="${id}"]`);
  const lonLat = (at) => [Number(at.dataset.lon), Number(at.dataset.lat)];
  let marked = null;

  function mark(id) {
    marked?.classList.remove("is-marked");
    marked = id ? row(id) : null;
    marked?.classList.add("is-marked");
  }

  function pointAt(event) {
    const at = rowOf(event.target);
    if (at) point(Number(at.dataset.place));
  }

  results.addEventListener("pointerover", pointAt);
  results.addEventListener("focusin", pointAt);
  results.addEventListener("pointerleave", () => point(null));
  results.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) return showTab(tab);
    const at = rowOf(event.target);
    if (!at || event.target.closest("a, input, button")) return undefined;
    return go(Number(at.dataset.place), lonLat(at));
  });
  results.addEventListener("change", (event) => {
    if (!event.target.matches(".ranked__select")) return;
    const at = rowOf(event.target);
    selection.toggle({ id: Number(at.dataset.place), name: event.target.dataset.name, count: Number(at.dataset.count) });
  });
  results.addEventListener("keydown", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      const other = [...results.querySelectorAll('[role="tab"]')].find((each) => each !== tab);
      showTab(other);
      other.focus();
      return;
    }
    const at = rowOf(event.target);
    if (!at || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    // Up and down go from place to place, and the map goes along.
    const next = event.key === "ArrowDown" ? at.nextElementSibling : at.previousElementSibling;
    const link = next?.querySelector(".ranked__name, button");
    if (!link) return;
    event.preventDefault();
    link.focus();
    if (next.dataset.place) go(Number(next.dataset.place), lonLat(next));
  });

  function showTab(chosen) {
    for (const tab of results.querySelectorAll('[role="tab"]')) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
    }
  }

  return {
    mark,
    reveal(id) {
      mark(id);
      row(id)?.scrollIntoView({ block: "nearest" });
    },
    /** After new rows came in, or the selection changed elsewhere. */
    refresh() {
      const chosen = new Set(selection?.ids() ?? []);
      for (const box of results.querySelectorAll(".ranked__select")) box.checked = chosen.has(Number(box.value));
    },
  };
}
