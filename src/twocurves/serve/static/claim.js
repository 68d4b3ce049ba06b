// A claim asked with another threshold or date: a dragged slider or line asks the stored draws, one request at a time.
import { say } from "./pages.js";
import { part } from "./study.js";

const form = document.getElementById("ask-form");
const box = document.getElementById("asked");
const status = document.getElementById("ask-status");
const gone = document.getElementById("gone");
const threshold = document.getElementById("ask-threshold");
const date = document.getElementById("ask-date");
const slide = document.getElementById("drag-threshold");
const months = document.getElementById("drag-date");
const claim = form.dataset.claim;
const REST = 220;
let inFlight = false;
let wanted = null;      // the newest position, while another is being answered
let resting = 0;        // timer until the address and the drawings follow
let here = location.search;
let whole = null;       // the request for the drawings
let dragging = null;    // the drawing over which the line is dragged
let lead = null;        // the line that follows the pointer
export const measured = { asked: 0, painted: 0, most: 0, open: 0, milliseconds: [] };
window.twocurves = measured;

const monthText = (index) => {
  const year = 1970 + Math.floor(index / 12);
  return `${year}-${String(index - (year - 1970) * 12 + 1).padStart(2, "0")}`;
};
const monthIndex = (text) => {
  const found = /^(\d{4})-(\d{1,2})$/.exec(text.trim());
  return found ? (Number(found[1]) - 1970) * 12 + Number(found[2]) - 1 : Number.NaN;
};
const written = (value) => String(Number(value.toPrecision(3)));

/** The question as asked; only what differs from the ledger stands in it. */
function query() {
  const pairs = new URLSearchParams({ question: form.elements.question.value });
  if (threshold && threshold.value.trim() !== "" && Number(threshold.value) !== Number(form.dataset.threshold)) pairs.set("threshold", threshold.value.trim());
  if (date.value.trim() !== "" && date.value.trim() !== form.dataset.date) pairs.set("date", date.value.trim());
  return pairs;
}

/** Ask for the number; while one is under way only the newest position waits. */
async function ask() {
  const pairs = query();
  if (inFlight) { wanted = pairs; return; }
  inFlight = true;
  measured.asked += 1;
  measured.open += 1;
  measured.most = Math.max(measured.most, measured.open);
  const begun = performance.now();
  try {
    const answer = await fetch(`/api/v1/claims/${claim}?${pairs}`);
    const told = await answer.json();
    gone.hidden = true;
    if (!answer.ok) status.textContent = told.error.message;
    else if (told.varied) show(told.varied);
    measured.painted += 1;
    measured.milliseconds.push(performance.now() - begun);
  } catch {
    gone.hidden = false;
  } finally {
    measured.open -= 1;
    inFlight = false;
  }
  if (wanted) { wanted = null; ask(); }
}

/** Show the number and the dots; the drawings follow at rest. */
function show(told) {
  const answer = box.querySelector(".answer");
  if (told.message || told.probability === null || !answer) {
    status.textContent = told.message || "No run answers it.";
    return;
  }
  const bold = document.createElement("b");
  bold.textContent = told.in_twenty;
  answer.replaceChildren(bold, ` · ${told.percent}`);
  const dots = box.querySelector(".asked-answer .dots");
  dots?.setAttribute("aria-label", told.in_twenty);
  dots?.querySelectorAll("circle").forEach((dot, place) => { dot.setAttribute("class", place < told.dots ? "dot-full" : "dot-none"); });
  slide?.setAttribute("aria-valuetext", `${told.threshold_said}, ${told.in_twenty}`);
  months?.setAttribute("aria-valuetext", `${told.date}, ${told.in_twenty}`);
  status.textContent = [told.threshold_said, told.date].filter(Boolean).join(", ");
  say(`${told.in_twenty}, ${told.percent}`);
}

/** Once nothing has moved for a moment: the address and the drawings. */
function rest() {
  clearTimeout(resting);
  box.classList.add("stale");
  resting = setTimeout(async () => {
    if (dragging) { rest(); return; }
    const pairs = query();
    const there = `/claims/${claim}${pairs.size > 1 || pairs.get("question") ? `?${pairs}` : ""}#ask`;
    if (there !== location.pathname + location.search + location.hash) { history.pushState(null, "", there); here = location.search; }
    whole?.abort();
    whole = new AbortController();
    try {
      const fresh = await part(`/claims/${claim}/asked?${pairs}`, whole.signal);
      const open = [...box.querySelectorAll("figure:has(details[open])")].map((one) => one.id);
      box.replaceChildren(...fresh);
      for (const id of open) box.querySelector(`#${id} details`)?.setAttribute("open", "");
      box.classList.remove("stale");
      lead = null;
      gone.hidden = true;
    } catch (fault) {
      if (fault.name === "AbortError") return;
      if (fault instanceof TypeError) gone.hidden = false;
      else status.textContent = fault.message;
    }
  }, REST);
}

function moved() { ask(); rest(); }

slide?.addEventListener("input", () => { threshold.value = written(Number(slide.value)); follow(Number(slide.value)); moved(); });
months?.addEventListener("input", () => { date.value = monthText(Number(months.value)); moved(); });
threshold?.addEventListener("input", () => { if (threshold.value.trim() !== "" && Number.isFinite(Number(threshold.value))) { if (slide) slide.value = threshold.value; follow(Number(threshold.value)); moved(); } });
date.addEventListener("input", () => { const at = monthIndex(date.value); if (Number.isFinite(at)) { if (months) months.value = at; moved(); } });
// Native ranges step by a hundredth where any step is allowed; a key press moves the threshold as far.
slide?.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
  if (!step) return;
  event.preventDefault();
  const low = Number(slide.min), high = Number(slide.max);
  slide.value = Math.min(high, Math.max(low, Number(slide.value) + (step * (high - low)) / 100));
  slide.dispatchEvent(new Event("input", { bubbles: true }));
});
form.elements.question.addEventListener("change", () => { location.href = `/claims/${claim}?question=${encodeURIComponent(form.elements.question.value)}#ask`; });
form.addEventListener("submit", (event) => { event.preventDefault(); moved(); });
addEventListener("popstate", () => { if (location.search !== here) location.reload(); });

/** Where the plot begins in a drawing, and how wide it is, in its own pixels. */
function plotOf(drag) {
  const narrow = drag.querySelector(".narrow svg");
  const svg = narrow && getComputedStyle(narrow.parentElement).display !== "none" ? narrow : drag.querySelector(".wide svg");
  const place = /translate\(([\d.]+)/.exec(svg.querySelector("g[transform]")?.getAttribute("transform") ?? "");
  return { svg, left: place ? Number(place[1]) : 0, width: Number(svg === narrow ? drag.dataset.narrow : drag.dataset.wide) };
}

function valueAt(drag, x) {
  const { svg, left, width } = plotOf(drag);
  const box = svg.getBoundingClientRect();
  const share = Math.min(1, Math.max(0, ((x - box.left) * (svg.viewBox.baseVal.width / box.width) - left) / width));
  const low = Number(drag.dataset.low), high = Number(drag.dataset.high);
  return drag.dataset.scale === "log" ? Math.exp(Math.log(low) + share * Math.log(high / low)) : low + share * (high - low);
}

/** Draw the line where the threshold is, until the drawing itself has it. */
function follow(value) {
  const drag = box.querySelector(".drag-box");
  if (!drag) return;
  const { svg, left, width } = plotOf(drag);
  const low = Number(drag.dataset.low), high = Number(drag.dataset.high);
  const share = drag.dataset.scale === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  if (!Number.isFinite(share)) return;
  if (!lead || lead.ownerSVGElement !== svg) {
    lead = document.createElementNS("http://www.w3.org/2000/svg", "line");
    lead.setAttribute("class", "lead");
    svg.append(lead);
  }
  const x = left + width * Math.min(1, Math.max(0, share));
  const tall = svg.viewBox.baseVal.height;
  for (const [name, at] of Object.entries({ x1: x, x2: x, y1: 22, y2: tall - 34 })) lead.setAttribute(name, at);
}

box.addEventListener("pointerdown", (event) => {
  const drag = event.target.closest(".drag-box .drawn")?.closest(".drag-box");
  if (!drag || !slide || event.button !== 0) return;
  dragging = drag;
  drag.setPointerCapture(event.pointerId);
  event.preventDefault();
  to(event);
});
box.addEventListener("pointermove", (event) => { if (dragging) to(event); });
for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => { dragging = null; });

function to(event) {
  const value = valueAt(dragging, event.clientX);
  threshold.value = written(value);
  slide.value = value;
  follow(Number(threshold.value));
  moved();
}

document.body.dataset.asked = "yes";
