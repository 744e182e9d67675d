// The log of decisions replayed: `documents` is the governed state after each event. Nothing is believed twice: an effect
// counts only with words that were recorded before, over this revision, under keys that the replayed documents hold.
import { isObject } from "./json.js";
import { pae, parseEnvelope } from "./dsse.js";
import { checkPublic, verify } from "./ed25519.js";
import { field, peopleOf, policyOf, proposedBeside, ruleFor, sameJson, sameText } from "./governed_text.js";
import { fromBase64, fromHex } from "./octets.js";
import { Refusal } from "./refusal.js";
import { parsed } from "../sign/statement.js";
import { PAYLOAD_TYPES } from "../sign/tables.js";

export const EFFECT = {
  executed: "change:effect:executed",
  reverted: "change:effect:reverted",
  contained: "change:effect:contained",
  provisional: "change:effect:applied_provisionally",
  lapsed: "change:effect:lapsed",
  founded: "change:effect:founded",
};
export const EFFECTS = new Set(Object.values(EFFECT));
export const RECOVERED = new Set(["role.grant", "key.enrol", "key.rotate"]);
export const KEY_GIVEN_UP = "identity:person_key:revoked";
export const SUBMITTED = "change:proposal:submitted";
const WORDS = {
  "change:word:approved": "approve",
  "change:word:emergency_ratified": "approve",
  "change:word:rejected": "reject",
  "change:word:vetoed": "veto",
  "change:word:approval_revoked": "revoke-approval",
  "change:word:signed_in_advance": "execute",
  "change:word:emergency_declared": "emergency",
  "change:word:founding_signed": "found",
  "change:word:key_handed_over": "rotate-key",
  [SUBMITTED]: "submit",
};
const EXECUTIONS = {
  [EFFECT.executed]: ["execute"],
  [EFFECT.reverted]: ["revert"],
  [EFFECT.contained]: ["freeze", "revoke-key"],
  [EFFECT.provisional]: ["ack-emergency"],
  [EFFECT.founded]: ["found"],
};

function movesFreely(subject) {
  if (subject.startsWith("evidenceos:")) {
    return true;
  }
  return subject.startsWith("stream:") && (subject.endsWith("/reliance") || subject.endsWith("/keys") || subject.includes("/holds/"));
}

function plain(person) {
  return person.startsWith("person:") ? person.slice("person:".length) : person;
}

export class Record {
  constructor() {
    [this.documents, this.states, this.steps, this.said, this.statements] = [new Map(), new Map(), new Map(), new Map(), new Map()];
    [this.provisional, this.found, this.recovery, this.effects, this.words] = [new Map(), [], null, 0, 0];
  }

  say(code, index, words) {
    this.found.push({ code, index, words });
  }

  async take(index, kind, payload) {
    if (payload === null) {
      if (kind.startsWith("change:")) {
        this.say("replay_payload_missing", index, kind);
      }
      return;
    }
    if (kind === KEY_GIVEN_UP && !Object.hasOwn(payload, "decision")) {
      this.giveUp(payload);
    }
    if (!kind.startsWith("change:")) {
      return;
    }
    this.step(index, payload);
    if (Object.hasOwn(WORDS, kind) && (kind !== SUBMITTED || Object.hasOwn(payload, "envelope"))) {
      await this.word(index, WORDS[kind], payload);
    }
    if (EFFECTS.has(kind)) {
      await this.effect(index, kind, payload);
    }
  }

  step(index, payload) {
    const [change, before] = [String(field(payload, "change")), field(payload, "from")];
    const known = this.states.get(change);
    const steps = this.steps.get(change) ?? new Set();
    if (known !== undefined && known !== before) {
      this.say("replay_step_broken", index, `${change}: from ${before}, was ${known}`);
    }
    if (known !== undefined && Object.hasOwn(payload, "after") && !steps.has(payload.after)) {
      this.say("replay_step_broken", index, `${change}: behind event ${payload.after}, which was not heard`);
    }
    this.steps.set(change, steps.add(index));
    this.states.set(change, String(field(payload, "to")));
  }

  async word(index, verb, payload) {
    const said = await this.verified(index, payload, [verb]);
    if (said) {
      this.words += 1;
      const { assertion } = payload;
      const credential = isObject(assertion) && typeof assertion.credential === "string" ? assertion.credential : "";
      this.said.set(index, { ...said, credential });
    }
  }

  // Change, person, revision and verb of an envelope, once its signature verifies under a key of the record; else null.
  async verified(index, payload, verbs) {
    try {
      return await this.heard(index, payload, verbs);
    } catch (problem) {
      if (!(problem instanceof Refusal || problem instanceof TypeError)) {
        throw problem;
      }
      this.say("replay_signature_wrong", index, problem.what ?? problem.message);
      return null;
    }
  }

  async heard(index, payload, verbs) {
    const octets = fromBase64(String(field(payload, "envelope")));
    const envelope = parseEnvelope(octets ?? new Uint8Array(0));
    const verb = verbs.find((one) => PAYLOAD_TYPES[one] === envelope.type);
    const statement = parsed(envelope.payload);
    const { person, key } = statement.fields.signer;
    const known = this.publicOf(person, key, statement);
    checkPublic(known);
    const message = pae(envelope.type, envelope.payload);
    const tries = verb === statement.fields.verb ? envelope.signatures.map(({ sig }) => verify(known, message, sig)) : [];
    if (!(await Promise.all(tries)).includes(true)) {
      throw new Refusal("dsse_signature_wrong", "Too few known keys signed");
    }
    this.statements.set(index, statement);
    const { id, revision } = statement.fields.change;
    return { change: id, person, revision, verb };
  }

  publicOf(person, kid, statement) {
    return fromHex(String(this.keyOf(person, kid, statement).public));
  }

  // The decision key as the replayed documents know it; for the founding, as the signed genesis itself lists it.
  keyOf(person, kid, { fields }) {
    const name = plain(person);
    const listed = fields.verb === "found" ? field(fields.change.body, "people").find((one) => one.person === name) : null;
    const keys = fields.verb === "found" ? (listed?.keys ?? []) : (this.documents.get(`person:${name}/keys`)?.keys ?? []);
    const found = keys.find((one) => one.kid === kid && one.use === "decision");
    if (!found) {
      throw new Refusal("key_unknown", "The record knows no such key");
    }
    return found;
  }

  async effect(index, kind, payload) {
    this.effects += 1;
    const subject = String(field(payload, "subject"));
    if (kind === EFFECT.lapsed) {
      this.checkLapse(index, payload);
    } else {
      await this.checkSigned(index, kind, payload);
    }
    if (kind === EFFECT.founded) {
      this.foundBy(payload);
      return;
    }
    const known = this.documents.get(subject);
    if (known !== undefined && !movesFreely(subject) && !sameJson(known, field(payload, "base"))) {
      this.say("replay_base_mismatch", index, `${subject} is not what the event before left`);
    }
    this.documents.set(subject, field(payload, "result"));
  }

  foundBy(payload) {
    const result = field(payload, "result");
    this.recovery = field(field(payload, "body"), "recovery");
    this.documents.set("policy", field(result, "policy"));
    for (const one of field(result, "people")) {
      this.documents.set(`person:${one.person}/roles`, { groups: field(one, "groups"), roles: field(one, "roles") });
      this.documents.set(`person:${one.person}/keys`, { keys: field(one, "keys") });
      this.documents.set(`person:${one.person}/unit`, { unit: one.unit ?? null });
    }
  }

  async checkSigned(index, kind, payload) {
    const [change, revision] = [String(field(payload, "change")), field(payload, "revision")];
    const byHand = Object.hasOwn(payload, "execution");
    const said = byHand ? await this.verified(index, payload.execution, EXECUTIONS[kind]) : (this.said.get(payload.signed) ?? null);
    if (!said || said.change !== change || said.revision !== revision) {
      this.say("replay_unsigned", index, `${change}: nobody's word carries it out`);
    }
    const statement = this.statementOf(index, payload);
    if (statement) {
      this.oneText(index, payload, statement);
    }
    if (kind === EFFECT.executed) {
      await this.checkQuorum(index, change, payload);
    }
    if (kind === EFFECT.provisional) {
      this.provisional.set(change, field(payload, "base"));
    }
    if (kind === EFFECT.provisional || kind === EFFECT.founded) {
      this.checkTogether(index, kind, payload, said);
    }
  }

  // A founding and an emergency take the words of several people, the last of which carries it out.
  checkTogether(index, kind, payload, last) {
    const isFounding = kind === EFFECT.founded;
    const verb = isFounding ? "found" : "emergency";
    const same = [...this.said.values()].filter((one) => one.change === payload.change && one.revision === payload.revision && one.verb === verb);
    const people = new Set([...same, ...(last ? [last] : [])].map(({ person }) => person));
    if (people.size < (isFounding ? field(payload.body, "signers") : 2)) {
      this.say("replay_quorum_missing", index, `${payload.change}: ${people.size} people signed`);
    }
  }

  checkLapse(index, payload) {
    const before = this.provisional.get(String(field(payload, "change")));
    const result = field(payload, "result");
    if (before === undefined || !(sameJson(result, before) || sameJson(result, field(payload, "base")))) {
      this.say("replay_unsigned", index, `${payload.change}: a lapse that puts back something else`);
    }
  }

  // What the executor signed, at this event or in advance; null where no signature verified.
  statementOf(index, payload) {
    return this.statements.get(index) ?? this.statements.get(payload.signed) ?? null;
  }

  oneText(index, payload, { fields: { change, effect, policy, tenant } }) {
    const pairs = [
      ["change", change.id], ["revision", change.revision], ["type", change.type], ["body", change.body], ["base", effect.base],
      ["result", effect.result], ["policy", policy.digest], ["rule", policy.rule], ["tenant", tenant],
    ];
    for (const [name, signed] of pairs) {
      if (!sameJson(field(payload, name), signed)) {
        this.say("replay_other_text", index, `What was applied is not what was signed: ${name}`);
      }
    }
  }

  // Enough distinct people approved this very text, by the policy's own rule and their own envelopes.
  async checkQuorum(index, change, payload) {
    const statement = this.statementOf(index, payload);
    if (!statement) {
      return;
    }
    let rule;
    try {
      rule = this.ruled(payload, statement);
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      this.say("replay_rule_missing", index, `The policy in force has no rule for it: ${problem.what}`);
      return;
    }
    const least = RECOVERED.has(payload.type) && this.recovery ? Math.min(peopleOf(rule), this.recovery.count) : peopleOf(rule);
    const good = [...this.said].filter(([at, one]) => {
      const same = one.change === payload.change && one.revision === payload.revision && one.verb === "approve";
      return same && sameText(this.statements.get(at), statement);
    });
    if (new Set(good.map(([, { person }]) => person)).size < least) {
      this.say("replay_quorum_missing", index, `${change}: of ${least} approvals not all verify`);
    }
    if (!field(payload, "words").every((at) => this.said.has(at))) {
      this.say("replay_words_wrong", index, `${change}: it names words that nobody said`);
    }
  }

  // The rule that the policy in force here gives the signed kind and direction; refused where none.
  ruled(payload, { fields: { effect } }) {
    const inForce = policyOf(this.documents.get("policy"));
    const name = String(payload.type);
    const judges = name === "policy.change" ? proposedBeside(inForce, policyOf(field(payload, "result"))) : [inForce];
    return ruleFor(judges, name, effect.direction);
  }

  giveUp(payload) {
    const subject = `person:${field(payload, "person")}/keys`;
    const [held, gone] = [this.documents.get(subject), field(payload, "kid")];
    if (isObject(held)) {
      this.documents.set(subject, { keys: held.keys.filter(({ kid }) => kid !== gone) });
    }
  }
}
