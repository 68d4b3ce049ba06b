// The Scenario page: sliders ask for real draws, one request at a time, the newest position wins.
import { followView, refresh } from "./cursor.js";
import { say } from "./pages.js";

const first = JSON.parse(document.getElementById("state").textContent);
const priors = JSON.parse(document.getElementById("priors").textContent);
const FEW = 64;            // futures that a slider waits for
const MORE = [256, 1024];  // futures that follow when it rests
const REST = 100;          // milliseconds without a move that are a rest
const HOVER = 120;         // milliseconds over a slider that look like a wish
const API = "/api/v1/scenario";
const result = document.getElementById("result");
const status = document.getElementById("status");
const fault = document.getElementById("fault");
const gone = document.getElementById("gone");
const sliders = document.getElementById("sliders");
const STEPS = Number(sliders.dataset.steps);
const size = matchMedia("(max-width: 700px)").matches ? "narrow" : "wide";

let changes = new Map(Object.entries(first.changes));
const labels = new Map(Object.entries(first.names));
let inFlight = null;   // what is being asked for
let wanted = null;     // what is asked for next: only the newest
let resting = 0;       // timer until more draws are asked for
let dragged = null;    // the slider that a pointer holds
let direction = 1;     // where the last key press went
let dim = 0;           // timer until the page says that it is behind
let latest = null;     // the last answer
const views = new Map();
export const measured = { asked: 0, painted: 0, most: 0, open: 0, milliseconds: [] };
window.twocurves = measured;

const field = (name) => document.getElementById(`n-${name}`);
const row = (name) => sliders.querySelector(`.slider[data-name="${CSS.escape(name)}"]`);

function valueAt(name, position) {
  const { low, high, log } = priors[name];
  const part = position / STEPS;
  return log ? Math.exp(Math.log(low) + part * (Math.log(high) - Math.log(low))) : low + part * (high - low);
}

function placeOf(name, value) {
  const { low, high, log } = priors[name];
  const part = log
    ? (Math.log(Math.max(value, 1e-300)) - Math.log(low)) / (Math.log(high) - Math.log(low))
    : (value - low) / (high - low);
  return Math.round(STEPS * Math.min(1, Math.max(0, part)));
}

const written = (value) => String(Number(value.toPrecision(3)));

function percentile(name, value) {
  let at = 0;
  for (const limit of priors[name].quantiles) if (value > limit) at += 1;
  return Math.min(99, Math.max(1, at));
}

function ordinal(number) {
  const last = number % 100;
  if (last > 10 && last < 14) return `${number}th`;
  return `${number}${["th", "st", "nd", "rd"][number % 10] ?? "th"}`;
}

function middleOf(name, text) {
  const prior = priors[name];
  if (text === undefined) return prior.usual;
  if (/x$/i.test(text)) return prior.usual * Number.parseFloat(text);
  if (text.includes("..")) {
    const [low, high] = text.split("..").map(Number);
    return prior.log && low > 0 ? Math.sqrt(low * high) : (low + high) / 2;
  }
  return Number(text);
}

/** Put a slider where its change has it. */
function showSlider(name) {
  const box = row(name);
  if (!box || !priors[name]) return;
  const text = changes.get(name);
  const value = middleOf(name, text);
  const range = box.querySelector(".range");
  range.value = placeOf(name, value);
  const at = ordinal(percentile(name, value));
  range.setAttribute("aria-valuetext", `${written(value)} ${priors[name].unit}, ${at} percentile`);
  if (document.activeElement !== field(name)) field(name).value = text ?? written(value);
  box.classList.toggle("changed", text !== undefined);
  box.querySelector(".where").textContent = `${priors[name].usual_text} · ${at} percentile`;
}

function query(more = {}) {
  const pairs = new URLSearchParams();
  if (first.start !== "central") pairs.set("from", first.start);
  for (const [name, text] of changes) pairs.set(name, text);
  if (first.compare !== "central") pairs.set("with", first.compare);
  if (first.by) pairs.set("by", first.by);
  for (const [name, text] of Object.entries(more)) if (text) pairs.set(name, text);
  return pairs.toString();
}

/** Show the changes wherever the page names them. */
function showState() {
  document.getElementById("changes").hidden = changes.size === 0 && first.tab !== "changed";
  document.getElementById("no-changes").hidden = changes.size > 0;
  for (const count of document.querySelectorAll('[data-count="changed"]')) count.textContent = changes.size;
  const list = document.getElementById("changed-list");
  list.replaceChildren(...[...changes].map(([name, text]) => {
    const item = document.createElement("li");
    const words = document.createElement("span");
    const bold = document.createElement("b");
    bold.textContent = labels.get(name) ?? name;
    words.append(bold, ` ${priors[name]?.usual_text ?? ""} → ${text}`);
    const reset = document.createElement("button");
    reset.type = "button";
    reset.className = "link";
    reset.dataset.reset = name;
    reset.textContent = "Reset";
    reset.setAttribute("aria-label", `Reset ${bold.textContent}`);
    item.append(words, " ", reset);
    return item;
  }));
  const plain = new URLSearchParams(query());
  for (const key of ["with", "by"]) plain.delete(key);
  document.getElementById("save").href = `/download/scenario.toml?${plain}`;
  document.getElementById("job-query").value = plain.toString();
  for (const link of document.querySelectorAll("a[data-download]")) link.search = `?${plain}`;
  for (const link of document.querySelectorAll("a[data-tab]")) link.search = `?${query({ tab: link.dataset.tab })}`;
  const count = changes.size;
  const named = document.getElementById("named");
  named.textContent = count ? `${first.title} with ${count} change${count > 1 ? "s" : ""}` : first.title;
  const undo = history.state?.at ?? 0;
  document.getElementById("undo").disabled = undo === 0;
  document.getElementById("redo").disabled = undo >= (history.state?.of ?? 0) && undo >= deepest;
}

let deepest = 0;

/** Make a change one step of the history: back and undo are the same. */
function commit() {
  const at = (history.state?.at ?? 0) + 1;
  deepest = at;
  const text = query();
  if (text === location.search.slice(1)) return;
  history.pushState({ at, changes: [...changes] }, "", text ? `?${text}` : location.pathname);
  showState();
}

addEventListener("popstate", (event) => {
  const before = new Set(changes.keys());
  changes = new Map(event.state?.changes ?? Object.entries(first.changes));
  for (const name of new Set([...before, ...changes.keys()])) showSlider(name);
  fault.hidden = true;
  showState();
  ask(FEW);
});

function change(name, text) {
  if (text === undefined) changes.delete(name);
  else changes.set(name, text);
  showSlider(name);
  ask(FEW, name);
}

/** Ask for draws of the present state; while one request is under way the newest waits. */
function ask(draws, slider = "") {
  clearTimeout(resting);
  wanted = { draws, query: query(), slider, drag: slider !== "" && slider === dragged };
  if (draws === FEW && inFlight?.draws > FEW) inFlight.control.abort();
  if (!inFlight) next();
}

/** Say how a request is asked: under a pointer draws may be interpolated, after a key press the next are told. */
function address(mine) {
  const pairs = new URLSearchParams(mine.query);
  pairs.set("draws", mine.draws);
  pairs.set("size", size);
  if (mine.drag) pairs.set("moving", mine.slider);
  return `${API}?${pairs}`;
}

async function next() {
  if (!wanted) return;
  const mine = { ...wanted, control: new AbortController(), begun: performance.now() };
  wanted = null;
  inFlight = mine;
  measured.asked += 1;
  measured.open += 1;
  measured.most = Math.max(measured.most, measured.open);
  clearTimeout(dim);
  if (mine.draws === FEW) {
    dim = setTimeout(() => { result.classList.add("stale"); status.textContent = "Updating"; }, 150);
  }
  try {
    const answer = await fetch(address(mine), { signal: mine.control.signal });
    measured.open -= 1;
    if (answer.status === 503) { again(mine); return; }
    const body = await answer.json();
    back();
    if (!answer.ok) showFault(body.error.message);
    else await paint(body, mine);
  } catch (problem) {
    measured.open -= 1;
    if (problem.name === "AbortError") { /* a newer position is on its way */ }
    else if (problem instanceof TypeError) { away(); return; }
    else throw problem;
  } finally {
    clearTimeout(dim);
    if (inFlight === mine) inFlight = null;
  }
  if (wanted) next();
  else if (!mine.control.signal.aborted && !mine.drag) follow(mine);
}

/** When a position is shown: simulate its neighbours, then more futures of it. */
function follow(mine) {
  if (mine.draws === FEW && mine.slider) aheadOfKeys(mine.slider);
  const more = MORE.find((draws) => draws > mine.draws);
  if (more) resting = setTimeout(() => ask(more, mine.slider), mine.draws === FEW ? REST : 2 * REST);
}

function again(mine) {
  status.textContent = "The engine is busy; asking again";
  wanted ??= mine;
  setTimeout(() => { if (!inFlight) next(); }, 1000);
}

function away() {
  gone.hidden = false;
  for (const range of sliders.querySelectorAll("input")) range.disabled = true;
  result.classList.remove("stale");
  status.textContent = "Shown: the last answer before the server stopped";
  const poll = setInterval(async () => {
    try {
      if ((await fetch("/api/v1/health")).ok) { clearInterval(poll); back(); ask(FEW); }
    } catch { /* still away */ }
  }, 2000);
}

function back() {
  if (gone.hidden) return;
  gone.hidden = true;
  for (const range of sliders.querySelectorAll("input")) range.disabled = false;
}

function showFault(message) {
  result.classList.remove("stale");
  fault.hidden = false;
  fault.textContent = `${message} `;
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "link";
  undo.textContent = "Undo";
  undo.addEventListener("click", () => history.back());
  fault.append(undo);
  status.textContent = "Shown: the last answer that could be computed";
}

async function paint(body, mine) {
  latest = body;
  await Promise.all(Object.entries(body.figures).map(([name, feed]) => draw(name, feed)));
  refresh();
  const set = (id, text) => { document.getElementById(id).textContent = text; };
  set("title", body.title);
  set("number-title", body.number.title);
  set("number-value", body.number.value);
  set("number-unit", body.number.unit);
  set("number-range", body.number.range);
  set("number-was", body.number.was);
  const [, thin, thick] = document.querySelectorAll("#number-interval line");
  thin.setAttribute("x1", body.number.low); thin.setAttribute("x2", body.number.high);
  thick.setAttribute("x1", body.number.inner_low); thick.setAttribute("x2", body.number.inner_high);
  document.querySelector("#number-interval .interval-dot").style.left = `${body.number.middle}%`;
  for (const [name, text] of Object.entries(body.captions)) {
    const caption = document.querySelector(`[data-caption="${name}"]`);
    if (caption) caption.textContent = text;
  }
  paintClaims(body.claims);
  set("claims-draws", body.draws.asked);
  const ms = Math.round(performance.now() - mine.begun);
  measured.painted += 1;
  measured.milliseconds.push(ms);
  const failed = body.draws.failed ? ` · ${body.draws.failed} failed` : "";
  const how = body.between ? "between positions simulated ahead; exact when the slider rests" : "same futures in both, so every difference comes from your changes";
  status.textContent = `Updated in ${ms.toLocaleString("en")} ms · ${body.draws.asked.toLocaleString("en")} runs${failed} · ${how}`;
  result.classList.remove("stale");
  if (body.dropped.length) showFault(body.dropped.map((one) => one.reason).join(" "));
  else if (!wanted) fault.hidden = true;
  if (mine.draws === FEW && !mine.drag) say(`${body.title}. ${body.number.title} ${body.number.value} ${body.number.unit}`);
}

function paintClaims(claims) {
  const table = document.getElementById("claims-body");
  for (const one of claims) {
    const line = table.querySelector(`[data-claim="${one.id}"]`);
    if (!line) continue;
    const [ring, dot] = line.querySelectorAll("circle");
    const bar = line.querySelector(".thick");
    ring.setAttribute("cx", 160 * one.before); dot.setAttribute("cx", 160 * one.after);
    bar.setAttribute("x1", 160 * one.before); bar.setAttribute("x2", 160 * one.after);
    const [was, is] = line.querySelector(".shares").children;
    was.textContent = one.before_said; is.textContent = one.after_said;
    line.querySelector(".delta").textContent = one.said;
    table.append(line);
  }
}

async function draw(name, feed) {
  const view = views.get(name);
  if (!view) return;
  for (const [dataset, rows] of Object.entries(feed.datasets)) view.data(dataset, rows);
  for (const [signal, value] of Object.entries(feed.params)) view.signal(signal, value);
  await view.runAsync();
  document.querySelector(`[data-drawn="${name}"]`).setAttribute("aria-label", feed.description);
}

/** Put live drawings in place of the ones that came with the page, when Vega is there. */
async function enliven() {
  if (!window.vegaEmbed) return;
  const answer = await fetch(`${API}/figures?size=${size}${first.compare === "central" ? "" : `&with=${first.compare}`}`);
  if (!answer.ok) return;
  const specifications = await answer.json();
  for (const [name, specification] of Object.entries(specifications)) {
    const drawn = document.querySelector(`[data-drawn="${name}"]`);
    const place = document.createElement("div");
    place.className = "live";
    place.setAttribute("aria-hidden", "true");
    place.style.display = "none";
    drawn.append(place);
    const made = await window.vegaEmbed(place, specification, {
      renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: false, mode: "vega-lite", logLevel: 1,
    });
    views.set(name, made.view);
    followView(drawn, specification, made.view);
  }
  if (!latest) {
    const live = await fetch(address({ query: query(), draws: FEW }));
    if (live.ok) latest = await live.json();
  }
  if (latest) for (const [name, feed] of Object.entries(latest.figures)) await draw(name, feed);
  for (const place of document.querySelectorAll(".drawn > .live")) {
    place.style.display = "";
    for (const old of place.parentElement.querySelectorAll(".wide, .narrow")) old.remove();
  }
  document.body.dataset.live = "yes";
}

/** Have positions of a slider simulated before anybody asks for them, the likeliest first. */
let expected = "";
function lookAhead(name, places) {
  if (!priors[name] || document.hidden) return;
  const inside = [...new Set(places)].filter((place) => place >= 0 && place <= STEPS);
  const values = inside.map((place) => Number(written(valueAt(name, place))));
  const text = `${query()}|${name}|${values}`;
  if (text === expected) return;
  expected = text;
  fetch(`${API}/ahead?${query()}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ moving: name, values }),
  }).catch(() => {});
}

/** The next key presses: on in the same direction, then back. */
function aheadOfKeys(name) {
  const range = row(name)?.querySelector(".range");
  if (!range) return;
  const at = Number(range.value);
  lookAhead(name, [1, 2, 3, -1, 4, 5, -2, 6, 7, 8].map((step) => at + direction * step));
}

/** A drag: the ends first, then ever finer. */
function aheadOfDrag(name) {
  lookAhead(name, [0, 1, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875].map((part) => Math.round(STEPS * part)));
}

sliders.addEventListener("input", (event) => {
  if (!event.target.matches(".range")) return;
  const name = event.target.closest(".slider").dataset.name;
  change(name, written(valueAt(name, Number(event.target.value))));
});

sliders.addEventListener("change", (event) => {
  const name = event.target.closest(".slider")?.dataset.name;
  if (!name) return;
  if (event.target.matches(".value")) {
    const text = event.target.value.trim().replace(",", ".").replace(/\s*to\s*/, "..");
    change(name, text === "" || text === written(priors[name].usual) ? undefined : text);
  }
  commit();
});

sliders.addEventListener("keydown", (event) => {
  if (!event.target.matches(".range")) return;
  const step = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 }[event.key];
  if (step) direction = step;
  if (event.key === "r") reset(event.target.closest(".slider").dataset.name);
  if (event.key === "Enter") { event.preventDefault(); field(event.target.closest(".slider").dataset.name).select(); }
});

sliders.addEventListener("focusin", (event) => {
  if (event.target.matches(".range:focus-visible")) aheadOfKeys(event.target.closest(".slider").dataset.name);
});

let hovered = 0;
sliders.addEventListener("pointerover", (event) => {
  clearTimeout(hovered);
  if (!event.target.matches(".range") || dragged) return;
  const name = event.target.closest(".slider").dataset.name;
  hovered = setTimeout(() => aheadOfDrag(name), HOVER);
});

sliders.addEventListener("pointerdown", (event) => {
  if (!event.target.matches(".range")) return;
  dragged = event.target.closest(".slider").dataset.name;
  aheadOfDrag(dragged);
});

/** The pointer lets go: what is shown must now be simulated itself. */
function letGo() {
  const name = dragged;
  dragged = null;
  if (name && changes.has(name)) ask(FEW, name);
}
addEventListener("pointerup", letGo);
addEventListener("pointercancel", letGo);

sliders.addEventListener("dblclick", (event) => {
  if (event.target.matches(".range")) reset(event.target.closest(".slider").dataset.name);
});

function reset(name) {
  if (!changes.has(name)) return;
  change(name, undefined);
  commit();
  say(`${labels.get(name) ?? name} reset`);
}

document.addEventListener("click", (event) => {
  const name = event.target.closest("[data-reset]")?.dataset.reset ?? (event.target.matches(".reset") ? event.target.closest(".slider").dataset.name : null);
  if (name) { event.preventDefault(); reset(name); }
});

document.getElementById("reset-all").addEventListener("click", (event) => {
  event.preventDefault();
  const names = [...changes.keys()];
  changes.clear();
  names.forEach(showSlider);
  commit();
  ask(FEW);
});

document.getElementById("undo").addEventListener("click", () => history.back());
document.getElementById("redo").addEventListener("click", () => history.forward());
document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("input:not([type=range]), textarea")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    if (event.shiftKey) history.forward();
    else if ((history.state?.at ?? 0) > 0) history.back();
  }
});

const form = document.getElementById("assumptions");
function leave() {
  const find = document.getElementById("find").value.trim();
  const pairs = new URLSearchParams(query({ find, tab: first.tab === "beliefs" ? "" : first.tab }));
  const by = document.getElementById("by").value;
  const other = document.getElementById("with").value;
  if (by !== first.usual_by) pairs.set("by", by); else pairs.delete("by");
  if (other !== "central") pairs.set("with", other); else pairs.delete("with");
  location.assign(`/scenario?${pairs}`);
}
form.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
for (const id of ["by", "with"]) document.getElementById(id).addEventListener("change", leave);

if (!history.state) history.replaceState({ at: 0, changes: [...changes] }, "");
deepest = history.state.at ?? 0;
showState();
const begin = () => enliven().catch((problem) => { document.body.dataset.live = `no: ${problem.message}`; });
if (window.vegaEmbed) begin();
else addEventListener("load", begin, { once: true });
