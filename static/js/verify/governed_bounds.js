// What bounds a decision beside its quorum, by the record alone: freezes, caps, and whose own powers it changes.
import { Known } from "./governed_people.js";
import { field, overCaps } from "./governed_text.js";

export const SLACK_S = 2;
const INVALID = "decision_invalid";
const IN_A_TENANT = new Set(["role.grant", "role.revoke"]);
const PERSONAL = new Set(["role.grant", "role.revoke", "person.unit", "key.enrol", "key.rotate", "key.revoke"]);

// Kind and body of what is done: of an emergency those of the change inside.
function innerOf(payload) {
  const [kind, body] = [String(field(payload, "type")), field(payload, "body")];
  return kind === "emergency.apply" ? [String(field(body, "type")), field(body, "body")] : [kind, body];
}

export class Bounds extends Known {
  constructor() {
    super();
    [this.applied, this.spent, this.froze] = [new Map(), new Map(), new Map()];
  }

  // Whose own powers it changes, also inside an emergency; of a thaw, who froze.
  concerned(payload) {
    const [kind, body] = innerOf(payload);
    if (kind === "thaw") {
      return new Set(this.froze.has(payload.subject) ? [this.froze.get(payload.subject)] : []);
    }
    return new Set(PERSONAL.has(kind) ? [`person:${field(body, "person")}`] : []);
  }

  // Nothing is carried out or undone under a freeze, but the thaw.
  frozen(index, payload) {
    for (const scope of ["platform", `tenant:${this.tenantOf(payload) ?? "None"}`]) {
      if (this.documents.get(`freeze:${scope}`)?.frozen && payload.type !== "thaw") {
        this.object(INVALID, index, `It was carried out while a freeze stood over ${scope}`);
      }
    }
  }

  // The tenant of a change; of one that is the platform's, the tenant in which its body gives or takes.
  tenantOf(payload) {
    const [[kind, body], own] = [innerOf(payload), field(payload, "tenant")];
    if (own !== null || !IN_A_TENANT.has(kind) || field(body, "tenant") === null) {
      return own;
    }
    return field(body, "group") === null || this.homes.get(String(body.group)) === body.tenant ? body.tenant : null;
  }

  // What small steps add up to; the step of `takesBack` is not held against its way back.
  caps(index, rule, payload, takesBack = "") {
    const spent = [...this.spent].filter(([change]) => change !== takesBack).map(([, one]) => one);
    for (const name of overCaps(rule, payload, spent, this.times.get(index) + SLACK_S)) {
      this.object(INVALID, index, `The steps add up to too much: ${name}`);
    }
  }
}
