// Keeps what is ticked in a list while people page, sort and search: in the tab's memory, as hidden inputs of the form
// that sends it. Without this file the boxes of the page at hand work as they are.
(() => {
  "use strict";

  const form = () => document.querySelector("form[data-selection]");
  const boxes = () => [...document.querySelectorAll("[data-choose]")];
  const every = (bar) => bar.querySelector("[data-choose-all]");

  // ---- The memory: the values that are ticked, and whether all that match these filters are -------------------------

  function read(bar) {
    try {
      const { ids = [], all = "" } = JSON.parse(sessionStorage.getItem(bar.dataset.selection)) ?? {};
      return { ids: new Set(ids), all };
    } catch {
      return { ids: new Set(), all: "" };
    }
  }

  function keep(bar, { ids, all }) {
    try {
      sessionStorage.setItem(bar.dataset.selection, JSON.stringify({ ids: [...ids], all }));
    } catch {
      // no memory, or none left: the page at hand still works
    }
  }

  // ---- The page shows what the memory holds --------------------------------------------------------------------------

  function words(bar, count, elsewhere) {
    const { one, many, away } = bar.dataset;
    const said = (count === 1 ? one : many).replace("{count}", count.toLocaleString());
    return elsewhere ? `${said}, ${away.replace("{count}", elsewhere.toLocaleString())}` : said;
  }

  function addHidden(bar, value) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: "hospital", value });
    input.dataset.elsewhere = "";
    bar.append(input);
  }

  function show() {
    const bar = form();
    if (!bar) {
      return;
    }
    const { ids, all } = read(bar);
    const isAll = every(bar) !== null && all === bar.getAttribute("action");
    const here = new Set();
    for (const box of boxes()) {
      here.add(box.value);
      box.checked = isAll || ids.has(box.value);
    }
    if (every(bar)) {
      every(bar).checked = isAll;
    }
    bar.querySelectorAll("[data-elsewhere]").forEach((input) => input.remove());
    const elsewhere = isAll ? [] : [...ids].filter((value) => !here.has(value));
    elsewhere.forEach((value) => addHidden(bar, value));
    const text = isAll ? words(bar, Number(every(bar).dataset.chooseAll), 0) : words(bar, ids.size, elsewhere.length);
    const count = bar.querySelector("[data-chosen]");
    if (count.textContent !== text) {
      count.textContent = text;
    }
    count.dataset.chosen = "told";
  }

  // ---- What people do ------------------------------------------------------------------------------------------------

  let last = null; // the box ticked before, where a range with the Shift key begins

  function choose(bar, box, isRange) {
    const all = boxes();
    const [from, to] = [all.indexOf(isRange && last ? last : box), all.indexOf(box)].sort((a, b) => a - b);
    const { ids, all: before } = read(bar);
    if (before) {
      all.forEach((one) => ids.add(one.value)); // of all that match only this page stays, less the one that was unticked
    }
    for (const one of from < 0 ? [box] : all.slice(from, to + 1)) {
      ids[box.checked ? "add" : "delete"](one.value);
    }
    last = box;
    keep(bar, { ids, all: "" });
    show();
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-choose]");
    if (box && form()) {
      choose(form(), box, event.shiftKey);
    }
  });

  document.addEventListener("change", ({ target }) => {
    const bar = form();
    if (bar && target.matches("[data-choose-all]")) {
      keep(bar, { ids: target.checked ? new Set() : read(bar).ids, all: target.checked ? bar.getAttribute("action") : "" });
      show();
    }
  });

  function forget(bar) {
    last = null;
    keep(bar, { ids: new Set(), all: "" });
  }

  document.addEventListener("reset", ({ target }) => {
    if (target === form()) {
      forget(target);
      setTimeout(show); // after the boxes were reset
    }
  });

  document.addEventListener("submit", ({ target }) => {
    if (target === form()) {
      forget(target); // what is on the page is still sent
    }
  });

  // ---- When a page opens, comes back, or a search has replaced the rows ------------------------------------------------

  show();
  addEventListener("pageshow", show);
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("htmx:historyRestore", show);
})();
