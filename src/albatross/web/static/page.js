"use strict";
// The details of a box, the filter of the cards, keys, and whether the page is live. Everything else is done by htmx and by the server.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const stream = (text, live) => {
    const sign = document.getElementById("stream");
    if (sign.textContent !== text) sign.textContent = text;
    sign.classList.toggle("live", live);
  };
  const narrow = () => {
    const field = document.getElementById("filter");
    const words = field ? field.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
    for (const card of all("#cards > details")) {
      const text = (card.querySelector("summary")?.dataset.words ?? "").toLowerCase();
      card.hidden = !words.every((word) => text.includes(word));
    }
  };
  document.addEventListener("htmx:sse:after:connection", () => stream("live", true));
  document.addEventListener("htmx:sse:error", () => stream("connection lost; trying again", false));
  document.addEventListener("htmx:sse:close", () => stream("not live", false));
  document.addEventListener("htmx:after:swap", narrow);
  document.addEventListener("input", (event) => event.target.id === "filter" && narrow());
  document.addEventListener("click", (event) => {
    const box = event.target.closest("a.box");
    const jump = event.target.closest('a[href^="#x"]');
    if (jump) document.querySelector(jump.getAttribute("href"))?.setAttribute("open", "");
    if (!box || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const old of all("a.box.chosen")) old.classList.remove("chosen");
    box.classList.add("chosen");
    htmx.ajax("GET", box.getAttribute("href"), { target: "#thing", swap: "innerHTML" })
      .then(() => document.getElementById("thing").scrollIntoView({ block: "nearest" }));
  });
  document.addEventListener("keydown", (event) => {
    const box = document.activeElement?.closest?.("a.box");
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (box && step) {
      const boxes = [...box.closest("svg.picture").querySelectorAll("a.box")];
      boxes[(boxes.indexOf(box) + step + boxes.length) % boxes.length].focus();
      event.preventDefault();
    } else if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      document.getElementById("filter")?.focus();
      event.preventDefault();
    }
  });
})();
