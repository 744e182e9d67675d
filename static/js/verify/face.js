// What the page shows of a verification: the outcome as one sentence, then steps, problems, notes and what is not claimed.
import { counted } from "./octets.js";
import { CODES } from "./tables.js";
import { headline, stepsOf } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
export const TONES = { verified: "pass", rejected: "fail", incomplete: "stale", unusable: "none" };
const MEANINGS = {
  verified: "Everything that this outcome needs was checked, and nothing was found against it.",
  rejected: "The evidence contradicts itself, its signatures or what you hold. Do not rely on it.",
  incomplete: "Nothing was found against it, but something that is needed is lacking: it is not verified.",
  unusable: "Nothing was verified. Correct what you gave, then verify again.",
};

export function element(tag, { className = "", text = "", ...rest } = {}, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  Object.entries(rest).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

export function mark(shape) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", `mark is-${shape} tone`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  use.setAttribute("href", `#m-${shape}`);
  svg.append(use);
  return svg;
}

function verdict(report, link) {
  const tone = TONES[report.outcome];
  return element(
    "div",
    { className: `notice verify-outcome is-${tone}` },
    mark(tone),
    element(
      "div",
      { className: "notice-body" },
      element("h2", { text: headline(report), tabindex: "-1", "data-outcome": report.outcome }),
      element("p", { text: MEANINGS[report.outcome] }),
      element("div", { className: "actions" }, link),
    ),
  );
}

function section(title, ...rows) {
  return element("section", { className: "section" }, element("div", { className: "section-head" }, element("h2", { text: title })), ...rows);
}

const STATE_WORDS = { pass: "ok", fail: "failed", none: "none" };

function step({ words, state }) {
  return element("li", { className: "verify-step" }, mark(state), element("span", { className: "sr-only", text: `${STATE_WORDS[state]}: ` }), element("span", { text: words }));
}

function finding({ code, path, message, next }, shape) {
  const head = element("p", { className: "verify-code" }, element("code", { text: code }));
  if (path) {
    head.append(element("span", { className: "quiet", text: ` at ${path}` }));
  }
  const body = element("div", { className: "notice-body" }, head, element("p", { text: message }));
  body.append(element("p", { className: "hint", text: `Next: ${next}` }));
  return element("li", { className: `notice is-${shape}` }, mark(shape), body);
}

function shapeOf(code) {
  return { rejected: "fail", incomplete: "stale" }[CODES[code][0]] ?? "none";
}

// The whole report as nodes, the outcome first.
export function reportNodes(report, took, link) {
  const steps = stepsOf(report);
  const nodes = [verdict(report, link)];
  if (report.problems.length) {
    nodes.push(section("What was found", element("ul", { className: "notices" }, ...report.problems.map((one) => finding(one, shapeOf(one.code))))));
  }
  if (steps.length) {
    nodes.push(section("What was checked", element("ul", { className: "verify-steps" }, ...steps.map(step))));
  }
  if (report.notes.length) {
    nodes.push(section("Good to know", element("ul", { className: "notices" }, ...report.notes.map((one) => finding(one, "none")))));
  }
  if (report.not_claimed.length) {
    nodes.push(section("Not claimed", element("ul", { className: "verify-claims" }, ...report.not_claimed.map((text) => element("li", { text })))));
  }
  nodes.push(element("p", { className: "hint verify-took", text: `Checked in this browser in ${took}. No byte left this machine.` }));
  return nodes;
}

export function duration(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) {
    return "under 1 s";
  }
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function amount(number, unit) {
  return unit === "bytes" ? `${counted((number / 2 ** 20).toFixed(1))} MiB` : `${counted(Math.round(number))} ${unit}`;
}

// How far, how fast, and what remains, in words; remaining is empty where nobody knows.
export function progressWords({ done, total, unit }, milliseconds) {
  const rate = milliseconds > 300 ? (done * 1000) / milliseconds : 0;
  const left = rate && total > done ? `about ${duration(((total - done) * 1000) / rate)} left` : "";
  const whole = total ? `${unit === "bytes" ? amount(done, unit) : counted(done)} of ${amount(total, unit)}` : amount(done, unit);
  return { whole, rate: rate ? `${amount(rate, unit)} a second` : "", left };
}
