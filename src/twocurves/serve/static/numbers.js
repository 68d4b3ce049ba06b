// Numbers as charts/number_text.py writes them, for values that are read in the browser.
const WORDS = [[1e12, "tn"], [1e9, "bn"], [1e6, "m"], [1e3, "k"]];
const UNITS = { share: "%", times: "×" };

/** Write a number of a style with so many significant figures; zeros at the end only when fixed. */
export function say(value, style = "number", digits = 3, fixed = false) {
  const sign = value < 0 && Number(value.toPrecision(digits)) !== 0 ? "−" : "";
  const size = Math.abs(value);
  if (style === "usd") {
    const cents = size > 0 && size < 0.995;
    return sign + (cents ? `${short(size * 100, digits, fixed)}¢` : `$${short(size, digits, fixed)}`);
  }
  if (style === "share") return `${sign}${short(size * 100, digits, fixed)}%`;
  if (style === "times") return `${sign}${short(size, digits, fixed)}×`;
  if (style === "minutes") return sign + duration(size, digits);
  if (style === "year" && digits > 4) return sign + String(Number(size.toPrecision(digits)));
  if (style === "year") {
    const tenths = size.toFixed(1);
    return sign + (fixed || digits < 3 ? tenths : tenths.replace(/\.0$/, ""));
  }
  const template = style === "number" ? "{}" : style;
  return sign + template.replace("{}", () => short(size, digits, fixed));
}

/** Write an estimate with as many figures as its interval allows. */
export function sayEstimate(value, low, high, style) {
  if (low == null || high == null) return say(value, style);
  return say(value, style, figures(value, low, high, style), true);
}

/** Write an interval, the unit once where it follows the number. */
export function sayRange(low, high, style) {
  let first = say(low, style, figures(low, low, high, style), true);
  const last = say(high, style, figures(high, low, high, style), true);
  let unit = UNITS[style] ?? (style.includes("{}") ? style.split("{}")[1] : "");
  const word = (text) => text.split(" ")[1];
  if (style === "minutes" && word(first) === word(last)) unit = ` ${word(last)}`;
  if (unit && first.endsWith(unit)) first = first.slice(0, -unit.length);
  return `${first} to ${last}`;
}

function figures(value, low, high, style) {
  const width = high - low;
  if (width <= 0 || style === "year") return 3;
  if (style === "minutes" || (low > 0 && high / low > 4)) return 2;
  if (value === 0) return 1;
  const place = Math.floor(Math.log10(width / 10));
  return Math.min(6, Math.max(1, Math.floor(Math.log10(Math.abs(value))) - place + 1));
}

function short(size, digits, fixed) {
  const rounded = Number(size.toPrecision(digits));
  if (rounded === 0) return "0";
  if (rounded >= 1e15 || rounded < 1e-4) {
    const [mantissa, exponent] = rounded.toExponential(digits - 1).split("e");
    return `${plain(Number(mantissa), digits, fixed)}e${Number(exponent)}`.replace("-", "−");
  }
  if (rounded >= 1e4) {
    const [factor, word] = WORDS.find(([least]) => rounded >= least);
    return plain(rounded / factor, digits, fixed) + word;
  }
  return plain(rounded, digits, fixed);
}

function plain(size, digits, fixed) {
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const text = size.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return fixed || !text.includes(".") ? text : text.replace(/0+$/, "").replace(/\.$/, "");
}

function duration(minutes, digits) {
  if (minutes === 0) return "0";
  if (minutes < 1) return `${short(minutes * 60, digits, false)} s`;
  if (minutes < 60) return `${short(minutes, digits, false)} min`;
  return `${short(minutes / 60, digits, false)} h`;
}
