// The page on which a reader verifies a file: nothing is sent anywhere. Every choice is a file, a text, or a time.
import { verifyInWorker } from "./door.js";
import { duration, element, mark, progressWords, reportNodes } from "./face.js";

const page = document.querySelector("[data-verify]");
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const form = part("form");
const WORTH_TELLING_MS = 1000;
let running = null;

// Bytes of files whose text stands in an area unchanged: what is verified is the file, not the area's form of it.
const originals = new Map();

async function takeText(file, area) {
  if (file) {
    const octets = new Uint8Array(await file.arrayBuffer());
    area.value = new TextDecoder().decode(octets);
    originals.set(area, octets);
    refuse(area.dataset.part, "");
  }
}

// What was chosen, or pasted: a last line that was pasted without its newline gets one.
function octetsOf(area) {
  const text = area.value;
  return originals.get(area) ?? new TextEncoder().encode(text.endsWith("\n") ? text : `${text}\n`);
}

// Gives a file to its input as if it had been chosen there.
function choose(input, file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// Where a dropped file belongs, by its name: the policy, trust.json, or the evidence.
function inputFor(file) {
  if (/\.policy$/i.test(file.name)) {
    return part("policy-file");
  }
  return /^trust.*\.json$/i.test(file.name) ? part("trust-file") : part("evidence");
}

function dropped(event) {
  event.preventDefault();
  part("drop").classList.remove("is-over");
  for (const file of event.dataTransfer.files) {
    choose(inputFor(file), file);
  }
}

function secondsOf(text) {
  if (!text.trim()) {
    return Math.floor(Date.now() / 1000);
  }
  if (/^\d{1,15}$/.test(text.trim())) {
    return Number(text.trim());
  }
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text.trim());
  const moment = zoned ? Date.parse(text.trim()) : NaN;
  return Number.isNaN(moment) ? null : Math.floor(moment / 1000);
}

function refuse(name, words) {
  const told = part(`${name}-error`);
  if (!told) {
    return null;
  }
  const input = part(name);
  told.hidden = !words;
  told.querySelector("span").textContent = words;
  input.toggleAttribute("aria-invalid", false);
  if (words) {
    input.setAttribute("aria-invalid", "true");
  }
  return words ? input : null;
}

// What the reader gave; null, with words beside the field, where something is lacking.
function given() {
  const [file] = part("evidence").files;
  const policy = part("policy").value;
  const now = secondsOf(part("now").value);
  const wrong = [
    refuse("evidence", file ? "" : "Choose the file that is to be verified."),
    refuse("policy", policy.trim() ? "" : "A policy that you hold yourself is needed. It is on the trust sheet of the log."),
    refuse("now", now === null ? "Write a time with its zone, as 2026-11-21T09:16:58Z, or leave it empty." : ""),
  ].find(Boolean);
  wrong?.focus();
  const trust = part("trust").value.trim() ? octetsOf(part("trust")) : null;
  const [leaf] = part("leaf").files;
  return wrong ? null : { file, policy: octetsOf(part("policy")), trust, now, leaf };
}

class Bar {
  constructor() {
    [this.began, this.step, this.since] = [performance.now(), null, 0];
    part("steps").replaceChildren();
    part("job").hidden = false;
    part("result").replaceChildren();
    part("job").scrollIntoView({ block: "center" });
  }

  told({ step, words, progress }) {
    if (step) {
      this.begin(words);
    } else if (progress) {
      this.progress(progress);
    }
  }

  begin(words) {
    this.end();
    this.since = performance.now();
    this.step = element("li", {}, element("span", { text: words }));
    part("steps").append(this.step);
    part("headline").textContent = `${words} ...`;
    part("bar").removeAttribute("value");
    ["whole", "rate", "left"].forEach((name) => { part(name).textContent = ""; });
  }

  // What a step found is told at the end, of all of them together; until then only how long it took.
  end() {
    const took = performance.now() - this.since;
    if (took >= WORTH_TELLING_MS) {
      this.step?.append(element("span", { className: "nowrap num", text: duration(took) }));
    }
  }

  progress({ done, total, unit }) {
    const bar = part("bar");
    if (total) {
      [bar.max, bar.value] = [total, Math.min(done, total)];
    }
    const words = progressWords({ done, total, unit }, performance.now() - this.since);
    Object.entries(words).forEach(([name, text]) => { part(name).textContent = text; });
    part("clock").textContent = duration(performance.now() - this.began);
  }

  took() {
    return duration(performance.now() - this.began);
  }
}

// The report as a file; the one before is given up.
let offered = null;

function reportLink(report) {
  URL.revokeObjectURL(offered);
  offered = URL.createObjectURL(new Blob([`${JSON.stringify(report, null, 1)}\n`], { type: "application/json" }));
  return element("a", { className: "button", text: "Download the report", href: offered, download: "report.json" });
}

function finished(bar, report) {
  bar.end();
  part("job").hidden = true;
  part("result").replaceChildren(...reportNodes(report, bar.took(), reportLink(report)));
  part("result").querySelector("[data-outcome]").focus();
}

function failed(problem) {
  part("job").hidden = true;
  const body = element("div", { className: "notice-body" }, element("h2", { text: "Nothing was verified", tabindex: "-1", "data-outcome": "fault" }));
  body.append(element("p", { text: `This browser could not run the verifier: ${problem.message}.` }));
  body.append(element("p", { className: "hint", text: "Next: use a current browser, or the verifier for Python." }));
  part("result").replaceChildren(element("div", { className: "notice is-fail" }, mark("fail"), body));
  part("result").querySelector("[data-outcome]").focus();
}

async function verify(event) {
  event.preventDefault();
  const request = given();
  if (!request) {
    return;
  }
  running?.stop();
  const bar = new Bar();
  const mine = verifyInWorker({ id: 1, ...request }, (message) => bar.told(message));
  running = mine;
  try {
    const { report } = await mine.done;
    finished(bar, report);
  } catch (problem) {
    failed(problem);
  }
}

function stop() {
  running?.stop();
  part("job").hidden = true;
  part("result").replaceChildren(element("p", { className: "hint", text: "Stopped. Nothing was verified." }));
  part("submit").focus();
}

function chosen() {
  const [file] = part("evidence").files;
  part("chosen").textContent = file ? file.name : "No file chosen";
  refuse("evidence", "");
}

if (page) {
  form.addEventListener("submit", verify);
  part("stop").addEventListener("click", stop);
  part("evidence").addEventListener("change", chosen);
  part("policy-file").addEventListener("change", ({ target }) => takeText(target.files[0], part("policy")));
  part("trust-file").addEventListener("change", ({ target }) => takeText(target.files[0], part("trust")));
  ["policy", "trust"].forEach((name) => part(name).addEventListener("input", ({ target }) => originals.delete(target)));
  page.addEventListener("dragover", (event) => {
    event.preventDefault();
    part("drop").classList.add("is-over");
  });
  page.addEventListener("dragleave", () => part("drop").classList.remove("is-over"));
  page.addEventListener("drop", dropped);
  // For whoever wants to verify many files from a script of their own.
  globalThis.countersignVerify = verifyInWorker;
}
