// The report of a verification: three outcomes, all that was found, and only what really ran. `verified` needs every
// required step and no problem; unknown is folded into neither verdict.
import { counted } from "./octets.js";
import { Refusal } from "./refusal.js";
import { CODES, NONE, REQUIRED, STEPS } from "./tables.js";

const MAX_SHOWN = 20;
const FORM = "leaf_schema";

export class Findings {
  constructor(kind) {
    this.kind = kind;
    this.subject = {};
    this.problems = [];
    this.notes = [];
    this.steps = new Map();
    this.compared = new Map();
    this.unlisted = 0;
    this.claims = new Set();
    this.counts = new Map();
  }

  problem(code, path, message) {
    this.add(this.problems, code, path, message);
  }

  note(code, path, message) {
    this.add(this.notes, code, path, message);
  }

  // A refusal under its own code, or `code`, with its place inside `path`.
  refused(error, path, code = "") {
    const place = error.path ? `${path} ${error.path}` : path;
    this.problem(code || error.code, place, error.why ? `${error.what}: ${error.why}` : error.what);
  }

  get count() {
    return this.problems.length + this.unlisted;
  }

  // Records that a step ran to its end; it failed if there are more problems than `since`.
  ran(step, { compared = null, since = null, passed = true } = {}) {
    if (!Object.hasOwn(STEPS, step)) {
      throw new TypeError(step);
    }
    if (compared !== null) {
      this.compared.set(step, compared);
    }
    this.steps.set(step, passed && (since === null || since === this.count) && (this.steps.get(step) ?? true));
  }

  passed(step) {
    return this.steps.get(step) ?? false;
  }

  notClaimed(sentence) {
    this.claims.add(sentence);
  }

  has(...codes) {
    return codes.some((code) => this.counts.get(code));
  }

  add(rows, given, path, message) {
    const code = Object.hasOwn(CODES, given) ? given : FORM;
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count <= MAX_SHOWN) {
      rows.push({ code, path: path.slice(0, 200), message: message.slice(0, 600), next: CODES[code][1] });
    } else if (rows === this.problems) {
      this.unlisted += 1;
    }
  }

  report() {
    for (const step of REQUIRED[this.kind]) {
      if (!this.steps.has(step) || (!this.steps.get(step) && !this.count)) {
        this.problem("not_evaluated", step, `This could not be checked: ${STEPS[step]}`);
      }
    }
    const steps = Object.keys(STEPS);
    const outcome = this.outcome();
    return {
      outcome,
      ok: outcome === "verified",
      kind: this.kind,
      subject: this.subject,
      checked: steps.filter((step) => this.told(step)),
      failed: steps.filter((step) => this.steps.get(step) === false),
      counts: Object.fromEntries(steps.filter((step) => this.compared.has(step)).map((step) => [step, this.compared.get(step)])),
      problems: this.closed(this.problems),
      notes: this.closed(this.notes),
      not_claimed: [...this.claims],
    };
  }

  told(step) {
    const empty = this.compared.get(step) === 0 && Object.hasOwn(NONE, step);
    return this.steps.has(step) && !(empty && this.steps.get(step));
  }

  outcome() {
    const effects = new Set(this.problems.map(({ code }) => CODES[code][0]));
    if (effects.has("input")) {
      return "unusable";
    }
    return effects.has("rejected") ? "rejected" : effects.size ? "incomplete" : "verified";
  }

  closed(rows) {
    const codes = [...new Set(rows.map(({ code }) => code))];
    const more = codes.filter((code) => this.counts.get(code) > MAX_SHOWN).map((code) => ({
      code,
      path: "",
      message: `${counted(this.counts.get(code) - MAX_SHOWN)} more of this code`,
      next: CODES[code][1],
    }));
    return [...rows, ...more];
  }
}

// Runs one step: its refusals and its faults are recorded at `step`. A fault of ours leaves the outcome incomplete.
export async function guarded(findings, step, run) {
  try {
    await run();
  } catch (problem) {
    if (problem instanceof Refusal) {
      findings.refused(problem, step);
    } else if (problem instanceof Unreadable) {
      throw problem;
    } else {
      findings.problem("not_evaluated", step, ownFault(problem));
    }
  }
}

// The file itself cannot be read: nobody's evidence is at fault.
export class Unreadable extends Error {}

function ownFault(problem) {
  const place = /([a-z0-9_]+\.js:\d+)/.exec(problem?.stack ?? "")?.[1];
  return (
    `The verifier failed here by its own fault (${problem?.name ?? "Error"}${place ? ` in ${place}` : ""}), and nothing is said ` +
    "about what it was checking. Please report this, with the file if you may"
  );
}
