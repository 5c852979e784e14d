// Questions as big buttons. They are radio buttons and checkboxes, so that keyboard and screen reader know them too.
import { button, h } from "./dom.js";
import { sheet } from "./dialogs.js";
import { phone } from "./lists.js";

let forms = 0;

/** The questions about `given`, which is changed in place; `told` hears of every change. */
export function fields(questions, given, { told = () => {} } = {}) {
  forms += 1;
  const prefix = `q${forms}`;
  const parts = questions.map((question) => ({ question, box: h("div", { class: "question-box" }) }));

  function draw({ question, box }) {
    box.replaceChildren(question.when && !question.when(given) ? "" : FIELD[question.type](question, given, `${prefix}-${question.name}`, changed));
  }

  function changed(name) {
    // What is asked only after some answers comes and goes; the one just answered stays as it is, focus and all.
    for (const part of parts) if (part.question.when && part.question.name !== name) draw(part);
    parts.find((part) => part.question.name === name).box.querySelector(".missing")?.remove();
    told(name);
  }

  parts.forEach(draw);
  return {
    boxes: parts.map((part) => part.box),
    /** Marks what is missing; true when nothing is. */
    complete() {
      const lacking = parts.filter(({ question }) => question.needed && (!question.when || question.when(given)) && isEmpty(given[question.name]));
      for (const { box } of parts) box.querySelector(".missing")?.remove();
      for (const { question, box } of lacking) box.querySelector("legend")?.append(h("span", { class: "missing", role: "alert" }, question.needed));
      const first = lacking[0]?.box;
      first?.querySelector("input, button")?.focus({ preventScroll: true });
      first?.scrollIntoView({ block: "start", behavior: "auto" });
      return !lacking.length;
    },
  };
}

const isEmpty = (value) => value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);

const legend = ({ title, hint }) => h("legend", {}, title, hint && h("span", { class: "hint" }, hint));

function option(type, id, name, words, checked, onchange) {
  return h("label", { class: "option" }, h("input", { type, id, name, checked, onchange }), h("span", {}, words));
}

const FIELD = {
  one(question, given, id, changed) {
    const of = question.of();
    if (!of.length) return h("p", { class: "quiet" }, `${question.title}: the list has not been loaded yet.`);
    const short = of.length <= 3 && of.every(([, words]) => words.length <= 9);
    return h("fieldset", {}, legend(question), h("div", { class: short ? "options options--three" : "options" }, of.map(([value, words]) => option(
      "radio", `${id}-${value}`, id, words, given[question.name] === value,
      () => { given[question.name] = value; changed(question.name); },
    ))));
  },

  many(question, given, id, changed) {
    const box = h("div", { class: "options" });
    const draw = () => {
      const chosen = given[question.name] ?? [];
      const offered = question.of();
      const more = chosen.filter((value) => !offered.some(([one]) => one === value)).map((value) => [value, nameOf(question, value)]);
      box.replaceChildren(...[...offered, ...more].map(([value, words]) => option(
        "checkbox", `${id}-${value}`, id, words, chosen.includes(value), (event) => choose(value, event.target.checked),
      )), question.more ? button("All offenses…", openAll, { class: "button button--option", id: `${id}-all` }) : "");
    };
    const choose = (value, on) => {
      let chosen = (given[question.name] ?? []).filter((one) => one !== value);
      // "Nothing unusual" and what was seen exclude each other.
      if (on) chosen = value === question.alone ? [value] : [...chosen.filter((one) => one !== question.alone), value];
      given[question.name] = chosen;
      for (const input of box.querySelectorAll("input")) input.checked = chosen.some((one) => input.id === `${id}-${one}`);
      changed(question.name);
    };
    const openAll = async () => {
      const code = await chooseOffense();
      if (!code) return;
      choose(code, true);
      draw();
      box.querySelector(`#${CSS.escape(`${id}-${code}`)}`)?.focus();
    };
    draw();
    return h("fieldset", {}, legend(question), box);
  },

  yes_no(question, given, id, changed) {
    return h("fieldset", {}, legend(question), h("div", { class: "options" }, [[true, "Yes"], [false, "No"]].map(([value, words]) => option(
      "radio", `${id}-${value}`, id, words, given[question.name] === value,
      () => { given[question.name] = value; changed(question.name); },
    ))));
  },

  count(question, given, id, changed) {
    const shown = h("output", { id, class: "count__number" }, String(given[question.name] ?? 0));
    const step = (by) => () => {
      given[question.name] = Math.min(999, Math.max(0, (given[question.name] ?? 0) + by));
      shown.textContent = given[question.name];
      changed(question.name);
    };
    return h("div", { class: "count", role: "group", "aria-label": question.title },
      h("span", { class: "count__title" }, question.title),
      h("button", { type: "button", onclick: step(-1), class: "button count__step", id: `${id}-less`, "aria-label": `${question.title}: one less` }, "−"),
      shown,
      h("button", { type: "button", onclick: step(1), class: "button count__step", id: `${id}-more`, "aria-label": `${question.title}: one more` }, "+"),
    );
  },

  number(question, given, id, changed) {
    const oninput = (event) => {
      const value = Number(event.target.value.replace(",", "."));
      given[question.name] = event.target.value && value > 0 ? Math.round(value * 100) / 100 : null;
      changed(question.name);
    };
    return h("div", { class: "line" }, h("label", { for: id }, question.title), h("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", maxlength: "11", value: given[question.name] ?? "", oninput }));
  },

  text(question, given, id, changed) {
    const oninput = (event) => { given[question.name] = event.target.value; changed(question.name); };
    return h("div", { class: "line" }, h("label", { for: id }, `${question.title}, if any`), h("input", { id, type: "text", autocomplete: "off", maxlength: String(question.most), value: given[question.name] ?? "", oninput }));
  },

  select(question, given, id, changed) {
    const onchange = (event) => { given[question.name] = Number(event.target.value); changed(question.name); };
    return h("div", { class: "line" }, h("label", { for: id }, question.title), h("select", { id, onchange },
      question.of().map(([value, words]) => h("option", { value: String(value), selected: given[question.name] === value }, words))));
  },
};

const nameOf = (question, value) => (question.more ? phone.state?.offenses.find((one) => one.code === value)?.name : null) ?? value;

const chooseOffense = () => sheet("All offenses", (close) => {
  const list = h("div", { class: "stack" });
  const draw = (text = "") => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fit = (phone.state?.offenses ?? []).filter(({ code, name }) => words.every((word) => `${code} ${name}`.toLowerCase().includes(word)));
    list.replaceChildren(...fit.map(({ code, name }) => button(name, () => close(code), { class: "button button--row" })));
    if (!fit.length) list.append(h("p", { class: "quiet" }, "No offense of that name."));
  };
  draw();
  return [h("label", { class: "find" }, "Find", h("input", { type: "search", autocomplete: "off", oninput: (event) => draw(event.target.value) })), list];
});

/** An optional note behind a button, so that nobody thinks they must type. */
export function note(given, told = () => {}) {
  forms += 1;
  const id = `note-${forms}`;
  return h("details", { class: "more", open: Boolean(given.note) }, h("summary", {}, "Add a note"),
    h("label", { for: id, class: "hint" }, "No names of drivers, residents or people arrested."),
    h("textarea", { id, rows: "3", maxlength: "500", value: given.note ?? "", oninput: (event) => { given.note = event.target.value; told(); } }));
}
