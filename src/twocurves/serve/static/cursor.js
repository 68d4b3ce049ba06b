// The linked cursor: a month pointed at in one chart, or reached by arrow keys, is shown in all of the page.
//
//   follow(drawn, cursor)                    a drawing from the server; cursor: {from, to, readings: [{name,
//                                            number, rows: [[month, middle, low, high], ...]}]}
//   followView(drawn, specification, view)   a live Vega view; the specification says what is read in it
//   refresh()                                after new data were drawn: reads the present month anew
//   present                                  what is shown: {month, charts: [{id, x, text}]}, for tests
//
// drawn is the element .drawn of a figure. Charts that come with a block of cursor data follow by themselves.
import { say, sayEstimate, sayRange } from "./numbers.js";
import { say as announce } from "./pages.js";

const charts = new Map();
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const named = (day) => `${MONTHS[new Date(day).getUTCMonth()]} ${new Date(day).getUTCFullYear()}`;
export const present = { month: null, charts: [] };
let at = null;      // the month shown, in milliseconds since 1970
let source = null;  // the chart it was chosen in
let frame = 0;

export function follow(drawn, cursor) {
  attach(drawn, { from: cursor.from, to: cursor.to, readings: cursor.readings.map((one) => ({ ...one, read: () => one.rows })) });
}

export function followView(drawn, specification, view) {
  const cursor = specification.usermeta?.cursor;
  if (!cursor) return;
  const readings = cursor.readings.map((one) => ({
    ...one,
    read: () => one.rows ?? view.data(one.dataset).map((row) => [Number(row.month), row.p50, row.p10, row.p90]),
  }));
  attach(drawn, { from: cursor.from, to: cursor.to, readings });
}

export function refresh() {
  if (at !== null) paint();
}

function attach(drawn, made) {
  const before = charts.get(drawn);
  charts.set(drawn, { ...made, drawn, line: before?.line ?? lineIn(drawn), words: before?.words ?? wordsUnder(drawn) });
  if (before) return;
  drawn.dataset.cursor = "yes";
  drawn.addEventListener("pointermove", (event) => pointed(drawn, event));
  drawn.addEventListener("pointerdown", (event) => pointed(drawn, event));
  drawn.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch" && document.activeElement !== drawn) show(null, null);
  });
  drawn.addEventListener("keydown", (event) => { if (event.target === drawn) pressed(drawn, event); });
  drawn.addEventListener("focusout", (event) => { if (!charts.has(event.relatedTarget)) show(null, null); });
}

function lineIn(drawn) {
  const line = document.createElement("span");
  line.className = "cursor-line";
  line.hidden = true;
  drawn.append(line);
  return line;
}

function wordsUnder(drawn) {
  const words = document.createElement("p");
  words.className = "cursor-read";
  words.setAttribute("aria-hidden", "true");
  drawn.after(words);
  return words;
}

/** Where a chart's months lie on the screen: plots under one another share their axis. */
function placesOf(chart) {
  const svg = [...chart.drawn.querySelectorAll("svg.marks")].find((one) => one.getClientRects().length);
  if (!svg) return [];
  const several = svg.querySelectorAll(".role-scope > g > path.background");
  const plots = several.length ? several : svg.querySelectorAll(".root > g > path.background");
  return [...plots].map((plot) => plot.getBoundingClientRect());
}

const monthsOf = (chart) => [...new Set(chart.readings.flatMap((one) => one.read().map((row) => row[0])))].sort((a, b) => a - b);
const nearest = (months, day) => months.reduce((best, one) => (Math.abs(one - day) < Math.abs(best - day) ? one : best));

function pointed(drawn, event) {
  const chart = charts.get(drawn);
  const place = placesOf(chart).find((one) => event.clientX >= one.left - 4 && event.clientX <= one.right + 4);
  if (!place) { if (event.pointerType !== "touch") show(null, null); return; }
  const part = Math.min(1, Math.max(0, (event.clientX - place.left) / place.width));
  show(nearest(monthsOf(chart), chart.from + part * (chart.to - chart.from)), drawn);
}

function pressed(drawn, event) {
  if (event.key === "Escape") { show(null, null); return; }
  const months = monthsOf(charts.get(drawn));
  const here = at === null ? -1 : months.indexOf(nearest(months, at));
  const year = months.findIndex((one) => one >= months[0] + 365 * 864e5);
  const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: year, PageUp: -year, Home: -Infinity, End: Infinity }[event.key];
  if (!step) return;
  event.preventDefault();
  show(months[Math.min(months.length - 1, Math.max(0, here + step))], drawn);
}

function show(day, drawn) {
  if (day === at && drawn === source) return;
  at = day;
  source = drawn;
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(paint);
}

/** The values of a chart at the month shown; a value of an earlier month says so. */
function readingsAt(chart) {
  if (at === null || at < chart.from || at > chart.to) return [];
  const after = Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1, 1);
  return chart.readings.flatMap((one) => {
    const rows = one.read().filter((row) => row[1] != null);
    const row = rows.findLast(([day]) => day < after);
    if (!row) return [];
    const [day, value, low, high] = row;
    const floor = floorOf(one, rows);
    const when = named(day) === named(at) ? "" : named(day);
    const said = { name: one.name, spread: one.spread, when, range: "" };
    if (value <= floor) return [{ ...said, value: `${say(floor, one.number, 2)} or less` }];
    if (low != null && high != null) said.range = low <= floor ? `up to ${say(high, one.number, 2)}` : sayRange(low, high, one.number);
    return [{ ...said, value: sayEstimate(value, low, high, one.number) }];
  });
}

/** The lower edge of a log axis, where what is smaller or a loss was put; below every value where nothing was. */
function floorOf(one, rows) {
  const least = Math.min(...rows.map((row) => row[2] ?? row[1]));
  return one.scale === "log" && rows.filter((row) => row[2] === least).length > 1 ? least : -Infinity;
}

function paint() {
  const drawn = [...charts.values()].map((chart) => ({
    chart,
    found: readingsAt(chart),
    places: placesOf(chart),
    box: chart.drawn.getBoundingClientRect(),
    scrolled: chart.drawn.scrollLeft,
  }));
  present.month = at === null ? null : named(at);
  present.charts = [];
  for (const { chart, found, places, box, scrolled } of drawn) {
    chart.words.replaceChildren(...(found.length ? wordsOf(found) : []));
    chart.line.hidden = !found.length || !places.length;
    if (chart.line.hidden) continue;
    const part = (at - chart.from) / (chart.to - chart.from);
    const x = places[0].left - box.left + scrolled + part * places[0].width;
    const top = Math.min(...places.map((one) => one.top));
    const height = Math.max(...places.map((one) => one.bottom)) - top;
    Object.assign(chart.line.style, { left: `${x}px`, top: `${top - box.top}px`, height: `${height}px` });
    present.charts.push({ id: chart.drawn.dataset.drawn, x, text: chart.words.textContent });
  }
  if (at !== null) announce(spoken(drawn));
}

function wordsOf(found) {
  const month = document.createElement("b");
  month.textContent = named(at);
  return [month, ...found.map(({ name, value, range, when }) => {
    const part = document.createElement("span");
    part.textContent = ` ${name} ${value}${range ? ` (${range})` : ""}${when ? `, ${when}` : ""}`;
    if (name.startsWith("Closed")) part.className = "closed-word";
    if (name === "Open" || name.startsWith("Open models")) part.className = "open-word";
    return part;
  })];
}

/** The month and the values of all charts, the one in hand first and with its ranges. */
function spoken(drawn) {
  const own = drawn.filter(({ chart }) => chart.drawn === source);
  const others = drawn.filter(({ chart, found }) => chart.drawn !== source && found.length);
  const first = own.flatMap(({ found }) => found.map(({ name, value, range, spread, when }) => `${name} ${value}${range ? `, ${spread} ${range}` : ""}${when ? `, ${when}` : ""}`));
  const rest = others.map(({ chart, found }) => `${about(chart)}: ${found.map(({ name, value }) => `${name} ${value}`).join(", ")}`);
  return `${[named(at), ...first, ...rest].join(". ")}.`;
}

function about(chart) {
  const figure = chart.drawn.closest("figure");
  const words = (figure.querySelector("figcaption .quiet") ?? figure.querySelector("figcaption .figure-title"))?.textContent ?? "";
  return words.split(/[,(]/)[0].trim();
}

for (const block of document.querySelectorAll("script.cursor-data")) {
  follow(block.closest("figure").querySelector(".drawn"), JSON.parse(block.textContent));
}
addEventListener("resize", refresh);
