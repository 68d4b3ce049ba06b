// What every page does with JavaScript: theme, copy link, keys, and reading figures by keyboard.
const said = document.getElementById("say");
let later = 0;

/** Say something to screen readers, the last of several quick ones only. */
export function say(text) {
  clearTimeout(later);
  later = setTimeout(() => { said.textContent = text; }, 250);
}

const theme = document.getElementById("theme");
theme?.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* it holds for this page */ }
  say(dark ? "Light" : "Dark");
});

document.getElementById("copy-link")?.addEventListener("click", async (event) => {
  const url = new URL(location.href);
  if (url.pathname === "/scenario") url.searchParams.set("v", document.body.dataset.mark);
  const button = event.currentTarget;
  try {
    await navigator.clipboard.writeText(url.href);
    button.textContent = "Copied";
  } catch {
    window.prompt("Copy this link", url.href);
  }
  setTimeout(() => { button.textContent = "Copy link"; }, 1600);
});

const keys = document.getElementById("keys");
document.addEventListener("keydown", (event) => {
  const writing = event.target.closest?.("input:not([type=range]), textarea, select");
  if (event.key === "?" && !writing) keys.showModal();
  if (event.key === "/" && !writing && document.getElementById("find")) {
    event.preventDefault();
    document.getElementById("find").focus();
  }
});

// A figure in focus is read row by row, from the same table that stands below it.
document.addEventListener("keydown", (event) => {
  const drawn = event.target.closest?.(".drawn");
  if (!drawn || event.target !== drawn || drawn.dataset.cursor) return;  // charts over time: cursor.js
  const rows = [...drawn.closest("figure").querySelectorAll("tbody tr")];
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6 }[event.key];
  if (!rows.length || !step) return;
  event.preventDefault();
  const from = Number(drawn.dataset.row ?? -1);
  const at = Math.min(rows.length - 1, Math.max(0, from + step));
  drawn.dataset.row = at;
  const heads = [...drawn.closest("figure").querySelectorAll("thead th")].map((head) => head.textContent);
  const cells = [...rows[at].children].map((cell, place) => (place ? `${heads[place]} ${cell.textContent}` : cell.textContent));
  show(drawn, cells, heads);
  say(cells.join(", "));
});

document.addEventListener("focusout", (event) => {
  if (event.target.classList?.contains("drawn")) event.target.querySelector(".read")?.remove();
});

function show(drawn, cells) {
  let box = drawn.querySelector(".read");
  if (!box) {
    box = document.createElement("p");
    box.className = "read";
    box.setAttribute("aria-hidden", "true");
    drawn.append(box);
  }
  box.textContent = cells.join(" · ");
}
