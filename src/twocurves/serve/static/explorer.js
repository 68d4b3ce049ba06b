// A series on a page: choices swap the figure in place, and a dot tells its source.
import { say } from "./pages.js";

const LATE = 150;
let asked = 0;

/** Put the part of another page's address in place of the one shown. */
async function swap(address, key) {
  const turn = ++asked;
  const shown = document.querySelector("[data-swap]");
  const late = setTimeout(() => { shown.classList.add("late"); say("Updating"); }, LATE);
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-swap]");
    if (turn !== asked) return;
    if (!answer.ok || !next) { location.assign(address); return; }
    const open = shown.querySelector("details.numbers")?.open;
    shown.replaceWith(next);
    if (open) next.querySelector("details.numbers").open = true;
    if (key) [...next.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus({ preventScroll: true });
    say(next.querySelector(".figure-title")?.textContent ?? "");
  } catch {
    document.getElementById("gone").hidden = false;
  } finally {
    clearTimeout(late);
    shown.classList.remove("late");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-swap] a.swap");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const address = new URL(link.href);
    address.hash = "";
    history.pushState({}, "", address);
    swap(address, link.dataset.key);
    return;
  }
  const dot = event.target.closest?.(".goto");
  if (dot) tell(dot.dataset.goto);
});

addEventListener("popstate", () => { if (document.querySelector("[data-swap]")) swap(new URL(location.href)); });

/** Say who published a dot, below the figure. */
function tell(id) {
  const row = document.getElementById(id);
  const card = document.getElementById("dot-card");
  if (!row || !card) return;
  const cells = [...row.children];
  card.replaceChildren();
  const lead = document.createElement("b");
  lead.textContent = [cells[1], cells[0], cells[2]].map((cell) => cell.textContent.trim()).filter(Boolean).join(", ");
  card.append(lead, " ", ...[...cells[5].cloneNode(true).childNodes]);
  const more = document.createElement("a");
  more.href = `#${id}`;
  more.textContent = "Row";
  more.addEventListener("click", () => { row.closest("details").open = true; });
  card.append(" ", more);
  card.hidden = false;
  say(card.textContent);
}

const wanted = location.hash.startsWith("#row-") && document.getElementById(location.hash.slice(1));
if (wanted) wanted.closest("details").open = true;
