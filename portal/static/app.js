// What the pages need beyond htmx. Every page also works without this file.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const on = (name, listener) => document.addEventListener(name, listener);

  // ---- Requests: htmx sends the token that a form would carry --------------------------------------------------------

  on("htmx:configRequest", ({ detail }) => {
    if (detail.verb !== "get") {
      detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
    }
    if (isPoller(detail.elt)) {
      detail.timeout ||= POLL_TIMEOUT; // data-hx-request says how long work that may be slow is waited for
    }
  });

  // ---- Focus: moved only for what has just arrived, and only once --------------------------------------------------------

  const seenSummaries = new WeakSet();
  const seenPanels = new Set();

  const panelKey = (panel) => panel.dataset.focusOnce || panel.id;

  function focusErrorSummary() {
    const summary = byId("error-summary");
    if (summary && !seenSummaries.has(summary)) {
      seenSummaries.add(summary);
      summary.focus();
    }
  }

  const isAnswering = () => document.activeElement?.matches("input, select, textarea") ?? false;

  function focusNewPanel() {
    for (const panel of document.querySelectorAll("[data-focus-once]")) {
      if (!seenPanels.has(panelKey(panel))) {
        seenPanels.add(panelKey(panel));
        if (isAnswering()) {
          say(panel.querySelector("h2").textContent); // who is typing hears of it and goes on typing
        } else {
          panel.focus();
        }
      }
    }
  }

  function rememberPanels() {
    document.querySelectorAll("[data-focus-once]").forEach((panel) => seenPanels.add(panelKey(panel)));
  }

  on("click", (event) => {
    const link = event.target.closest('#error-summary a[href^="#"]');
    const field = link && byId(decodeURIComponent(link.hash.slice(1)));
    if (field) {
      event.preventDefault();
      (field.closest(".field") ?? field).scrollIntoView({ block: "nearest" });
      (field.matches("fieldset") ? field.querySelector("input") : field).focus();
    }
  });

  // ---- Swaps out of band: what has not changed stays, and what was opened stays open ---------------------------------------

  on("htmx:oobBeforeSwap", ({ detail }) => {
    const { target, fragment } = detail;
    if (target.innerHTML === fragment.firstElementChild?.innerHTML) {
      detail.shouldSwap = false; // a selection that reaches into it is kept too
      return;
    }
    for (const { id } of target.querySelectorAll("details[open][id]")) {
      fragment.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    }
  });

  // ---- Menus: closed by Escape, and when the focus or a click goes elsewhere -----------------------------------------------

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(except)) {
        menu.open = false;
      }
    }
  }

  on("click", ({ target }) => closeMenus(target));
  on("focusin", ({ target }) => closeMenus(target));
  on("keydown", ({ key, target }) => {
    const menu = key === "Escape" && target.closest?.("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // ---- Tabs: the open one is in sight, also in a row that goes on beyond the screen -----------------------------------------

  const seenTabs = new WeakSet();

  function showOpenTabs() {
    for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
      const row = tab.parentElement;
      if (!seenTabs.has(row)) {
        seenTabs.add(row);
        const before = tab.getBoundingClientRect().left - row.getBoundingClientRect().left;
        row.scrollLeft += before - (row.clientWidth - tab.offsetWidth) / 2;
      }
    }
  }

  // ---- Suggestions: one click fills the field ----------------------------------------------------------------------------

  on("click", (event) => {
    const button = event.target.closest("[data-fill-target]");
    const field = button && byId(button.dataset.fillTarget);
    if (field) {
      field.value = button.dataset.fillValue;
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  // ---- Printing: the button is there only where it does something ----------------------------------------------------------

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // ---- Announcements: a screen reader hears a text when it changes, not at each poll -------------------------------------

  const announced = new Map();

  function say(text) {
    const live = byId("live");
    if (live) {
      live.textContent = text;
    }
  }

  function changedAnnouncements() {
    const changed = [];
    for (const element of document.querySelectorAll("[data-announce]")) {
      const text = element.dataset.announce;
      if (text && announced.get(element.id) !== text) {
        changed.push(text);
      }
      announced.set(element.id, text);
    }
    return changed;
  }

  function announceChanges() {
    const changed = changedAnnouncements();
    if (changed.length) {
      say(changed.join(" "));
    }
  }

  // ---- Connection lost: pollers wait 2, 4, 8, ... 30 seconds, and the page says so ---------------------------------------

  const POLL_TIMEOUT = 3500; // with the second between polls, a lost connection shows within five
  const FIRST_WAIT = 2;
  const LONGEST_WAIT = 30;

  let wait = 0; // seconds of the present pause; 0 while the connection is good
  let retryAt = 0;
  let countdown = 0;

  const isPoller = (element) => /(^|,)\s*every\s/.test(element?.getAttribute("data-hx-trigger") ?? "");
  const pausing = () => Date.now() < retryAt;

  function show(text) {
    const banner = byId("connection");
    banner.querySelector("[data-text]").textContent = text;
    banner.hidden = false;
  }

  function showCountdown() {
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
    const texts = byId("connection").dataset;
    show((seconds === 1 ? texts.retryOne : texts.retryMany).replace("{seconds}", seconds));
  }

  function pausePolling() {
    if (pausing()) {
      return; // another poller has already started this pause
    }
    const first = wait === 0;
    wait = first ? FIRST_WAIT : Math.min(wait * 2, LONGEST_WAIT);
    retryAt = Date.now() + wait * 1000;
    clearInterval(countdown);
    countdown = setInterval(showCountdown, 1000);
    showCountdown();
    if (first) {
      say(byId("connection").querySelector("[data-text]").textContent);
    }
  }

  function connectionLost({ detail }) {
    if (isPoller(detail.elt)) {
      pausePolling();
    } else if (wait === 0) {
      show(byId("connection").dataset.lost);
      say(byId("connection").dataset.lost);
    }
  }

  function connectionBack() {
    const banner = byId("connection");
    if (!banner.hidden) {
      clearInterval(countdown);
      wait = retryAt = 0;
      banner.hidden = true;
      say(banner.dataset.back);
    }
  }

  on("htmx:beforeRequest", (event) => {
    if (pausing() && isPoller(event.detail.elt)) {
      event.preventDefault();
    }
  });

  on("htmx:sendError", connectionLost);
  on("htmx:timeout", connectionLost);

  on("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500 && isPoller(event.detail.elt)) {
      pausePolling();
    }
  });

  on("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.xhr.status < 500) {
      connectionBack();
    }
  });

  // ---- When a page opens, and after each swap ----------------------------------------------------------------------------

  rememberPanels();
  changedAnnouncements();
  focusErrorSummary();
  showOpenTabs();

  on("htmx:afterSettle", () => {
    showOpenTabs();
    focusErrorSummary();
    focusNewPanel();
    announceChanges();
  });
})();
