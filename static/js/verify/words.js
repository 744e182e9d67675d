// A report in words: one line with the outcome first, then what each step compared.
import { counted } from "./octets.js";
import { NONE, STEPS, UNITS } from "./tables.js";

function number(subject, name) {
  return subject[name] === undefined ? "?" : counted(subject[name]);
}

function bundle(subject) {
  if (subject.events === undefined) {
    return "bundle";
  }
  const hidden = subject.hidden ? `, ${number(subject, "hidden")} leaves hidden` : "";
  const span = `leaves ${number(subject, "from")} to ${number(subject, "to")}${hidden}`;
  return `${number(subject, "events")} events of ${subject.origin ?? "an unknown log"}, ${span}, under a head of ${number(subject, "size")} leaves`;
}

function about({ kind, subject }) {
  const origin = subject.origin ?? "an unknown log";
  const told = {
    bundle: () => bundle(subject),
    checkpoint: () => `checkpoint of ${number(subject, "size")} leaves of ${origin}`,
    governance: () => "governance export",
    unusable: () => "nothing was verified",
    receipt: () => `receipt for leaf ${number(subject, "index")} of ${origin}`,
    proof: () => `leaf ${number(subject, "index")} of ${origin}`,
  };
  return told[kind]();
}

// One line: the outcome, and what it is about.
export function headline(report) {
  const codes = [...new Set(report.problems.map(({ code }) => code))].sort();
  return `${report.outcome}: ${about(report)}${codes.length ? ` (${codes.join(", ")})` : ""}`;
}

export function stepInWords(step, count) {
  if (count === undefined || !Object.hasOwn(UNITS, step)) {
    return STEPS[step];
  }
  return `${STEPS[step]}: ${counted(count)} ${UNITS[step][Number(count !== 1)]} compared`;
}

// Every step that was told: its words, and whether it passed, failed or had nothing to compare.
export function stepsOf(report) {
  const ran = report.checked.map((step) => ({
    words: stepInWords(step, report.counts[step]),
    state: report.failed.includes(step) ? "fail" : "pass",
  }));
  const none = Object.keys(report.counts).filter((step) => !report.checked.includes(step));
  return [...ran, ...none.map((step) => ({ words: NONE[step], state: "none" }))];
}
