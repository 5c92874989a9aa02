// Keeps a page up to date without moving it: fetches it again, and replaces the parts that differ.
(() => {
  "use strict";
  const EVERY = 5000;
  const note = document.getElementById("updated");

  const open = (part) => new Set([...part.querySelectorAll("details[open][id]")].map((details) => details.id));

  const replace = (old, fresh) => {
    if (old.innerHTML === fresh.innerHTML) return;
    // A reader who selects text keeps it until the selection ends.
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && old.contains(selection.anchorNode)) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    // Words that someone types, and a question that someone is asked, stay.
    if (focused && focused.closest("form")) return;
    const path = focused && (focused.id || focused.getAttribute("href"));
    const opened = open(old);
    const scrolled = [...old.querySelectorAll(".scroll, pre")].map((box) => [box.scrollLeft, box.scrollTop]);
    old.replaceChildren(...document.importNode(fresh, true).childNodes);
    for (const id of opened) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    [...old.querySelectorAll(".scroll, pre")].forEach((box, n) => {
      if (scrolled[n]) [box.scrollLeft, box.scrollTop] = scrolled[n];
    });
    if (path) {
      const same = [...old.querySelectorAll("a, summary, button, [tabindex]")];
      const again = same.find((element) => element.id === path || element.getAttribute("href") === path);
      if (again) again.focus({ preventScroll: true });
    }
  };

  const update = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: { "X-Polysink-Update": "1" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const other = fresh.getElementById(part.id);
        if (!other) continue;
        if (part.className !== other.className) part.className = other.className;
        replace(part, other);
      }
      document.title = fresh.title;
      if (note) note.textContent = "";
    } catch {
      if (note) note.textContent = "This page cannot be updated: polysink does not answer.";
    }
  };

  if (document.querySelector("[data-live]")) {
    setInterval(update, EVERY);
    document.addEventListener("visibilitychange", update);
  }
})();
