// Every decision of the record judged again by a reader who has nothing but the record: words and effect are one text, the
// rule is that of the policy in force, the quorum is recomputed, who executed may, and locks are held against times.
import { Beside } from "./governed_beside.js";
import { SLACK_S } from "./governed_bounds.js";
import { canBeMet, quorum } from "./governed_quorum.js";
import { UNIT_TOLD } from "./governed_people.js";
import { EFFECT, EFFECTS, KEY_GIVEN_UP, RECOVERED } from "./governed_record.js";
import { HIGH, digestOf, field, policyDigest, policyOf, recoveryRule, ruleOf, sameJson, sameText, secondOf, tierOf } from "./governed_text.js";
import { byWitnesses } from "./governed_time.js";
import { isObject, parse } from "./json.js";
import { counted } from "./octets.js";
import { Refusal } from "./refusal.js";

const INVALID = "decision_invalid";
const UNPROVEN = "decision_unproven";
export const UNTIMED = "timelock_unproven";
const DRAFTED = "change:proposal:drafted";
const RATIFIED = "change:word:emergency_ratified";
const GROUP_CREATED = "identity:group:created";
const DEACTIVATED = "identity:person:deactivated";
const WRITTEN = new Set([DRAFTED, "change:proposal:edited", "change:proposal:rebased"]);
const LOST = new Set(["change:proposal:settled", "change:proposal:released", "change:proposal:held"]);
const TOUCHES = new Set([...EFFECTS, KEY_GIVEN_UP, DEACTIVATED, GROUP_CREATED]);
const DECIDE = ["approver", "executor"];
const STOP = [...DECIDE, "witness_operator", "platform_operator"];
const AT_ONCE = { freeze: "freeze", "key.revoke": "revoke-key" };

function signerOf({ fields }) {
  return fields.signer.person;
}

export class Judgement extends Beside {
  constructor(origin, around) {
    super();
    Object.assign(this, { origin, around, objections: [], notes: [], genesisDigest: "", blind: false, hidden: 0, hiddenAt: 0 });
    [this.writers, this.lost, this.carried, this.heardOf] = [new Map(), new Map(), new Map(), new Map()];
  }

  // The next event; whatever it holds, the one after it is heard too.
  async hear(said) {
    this.times.set(said.index, said.at);
    if (!said.type.startsWith("change:") && !said.type.startsWith("identity:")) {
      if (!said.type) {
        this.object(UNPROVEN, said.index, "The leaf is hidden: it may have changed who decides");
      }
      return;
    }
    try {
      await this.takeIn(said);
    } catch (problem) {
      if (!(problem instanceof Refusal || problem instanceof TypeError || problem instanceof RangeError)) {
        throw problem;
      }
      this.object(INVALID, said.index, `The event is not of the form of its type: ${problem.what ?? problem.message}`);
    }
    this.retell();
  }

  async takeIn(said) {
    const payload = said.payload === null ? null : parse(said.payload);
    this.unitsHidden ||= payload === null && UNIT_TOLD.has(said.type);
    if (payload === null && this.around.partial) {
      this.others(said);
      return;
    }
    if (payload === null && said.type === KEY_GIVEN_UP) {
      this.object(UNPROVEN, said.index, "The payload is not here: it says whose key ended");
    }
    if (said.type === DEACTIVATED && !said.subject) {
      this.object(UNPROVEN, said.index, "The attributes are not here: they say who left");
    }
    if (payload !== null && !isObject(payload)) {
      throw new Refusal("leaf_schema", "no object");
    }
    this.before(said, payload);
    this.keepPlaces(said.at);
    await this.take(said.index, said.type, payload);
    this.keepPlaces(said.at);
    this.keepUnits(said.at);
    if (said.type === RATIFIED && payload !== null) {
      this.ratified(said.index, payload);
    }
    this.keepKeys(said);
  }

  // A leaf of others: a commitment. What it may have changed in who decides is unknown from here on.
  others({ type, index }) {
    if (TOUCHES.has(type)) {
      [this.hidden, this.hiddenAt, this.blind, this.unitsHidden] = [this.hidden + 1, index, true, true];
    }
  }

  before({ type, index, at, subject }, payload) {
    const change = String(payload?.change);
    if (type.startsWith("change:") && payload) {
      if (this.around.partial && !this.states.has(change) && type !== DRAFTED) {
        this.object(UNPROVEN, index, `How change ${change} began is not here`);
      }
      this.heardOf.set(index, change);
    }
    if (WRITTEN.has(type) && payload) {
      this.writers.set(change, (this.writers.get(change) ?? new Set()).add(String(field(payload, "actor"))));
    } else if (LOST.has(type)) {
      this.lost.set(change, at);
    } else if (type === GROUP_CREATED && payload) {
      this.homes.set(String(field(payload, "group")), field(payload, "tenant"));
    } else if (UNIT_TOLD.has(type) && payload && Object.hasOwn(payload, "unit") && !Object.hasOwn(payload, "decision")) {
      this.beganIn({ type, at }, payload, this.genesisDigest !== "");
    } else if (type === DEACTIVATED) {
      this.gone.add(`person:${subject}`);
    }
  }

  async effect(index, kind, payload) {
    await super.effect(index, kind, payload);
    if (kind === EFFECT.founded) {
      this.genesisDigest = digestOf(field(payload, "body"));
    }
    const statement = this.statementOf(index, payload);
    if (statement) {
      const { origin, genesis } = statement.fields.deployment;
      if (origin !== this.origin || genesis !== this.genesisDigest) {
        this.object(INVALID, index, "It was signed for another deployment", this.genesisDigest !== "");
      }
      if (payload.type === "freeze") {
        this.froze.set(String(payload.subject), signerOf(statement));
      }
    }
    const change = String(payload.change);
    this.applied.set(change, payload);
    this.carried.set(change, index);
    this.spent.delete(change);
    if (kind === EFFECT.lapsed) {
      this.frozen(index, payload);
    }
    if (kind !== EFFECT.lapsed && kind !== EFFECT.founded) {
      this.spent.set(change, [this.times.get(index), payload]);
    }
  }

  async checkSigned(index, kind, payload) {
    await super.checkSigned(index, kind, payload);
    const statement = this.statementOf(index, payload);
    if ([EFFECT.contained, EFFECT.provisional].includes(kind)) {
      this.byARule(index, kind, payload);
    }
    if (statement && [EFFECT.executed, EFFECT.reverted, EFFECT.provisional].includes(kind)) {
      this.frozen(index, payload);
    }
    if (statement && kind === EFFECT.contained) {
      this.contained(index, payload, statement);
    }
    if (statement && kind === EFFECT.provisional) {
      this.acknowledged(index, payload, statement);
    }
    if (statement && kind === EFFECT.executed && payload.type === "key.rotate") {
      this.handedOver(index, payload, statement);
    }
    if (kind === EFFECT.reverted) {
      this.wayBack(index, payload);
    }
  }

  async checkQuorum(index, change, payload) {
    await super.checkQuorum(index, change, payload);
    const statement = this.statementOf(index, payload);
    const rule = this.byARule(index, EFFECT.executed, payload);
    if (!statement || !rule) {
      return;
    }
    const subject = this.subjectOf(change, payload, statement);
    const found = quorum(this.withUnits(index, rule), subject, this.wordsOf(index, change, payload, statement), this.people(), index);
    if (found.since === null) {
      const empty = found.empty.join(", ") || "a key outside of browsers";
      this.object(INVALID, index, `The quorum is not met by the signatures that count; lacking: ${empty}`);
    }
    this.executor(index, rule, subject, payload, statement, found);
    await this.lock(index, rule, statement, found, payload);
    this.caps(index, rule, payload);
  }

  // The rule as far as a reader can judge it: a unit that is told nowhere here may stand in what is hidden.
  withUnits(index, rule) {
    if (!(rule.units_apart && this.unitsHidden)) {
      return rule;
    }
    this.objections.push({ code: UNPROVEN, index, words: "The rule keeps organisational units apart, and something that may name one is not here" });
    return { ...rule, units_apart: false };
  }

  // The key that is replaced signed this text too; for a native key, which signs none, a decision key did.
  handedOver(index, payload, statement) {
    const body = field(payload, "body");
    const said = [...this.said].filter(([, one]) => {
      const same = one.change === payload.change && one.revision === payload.revision && one.verb === "rotate-key";
      return same && one.person === `person:${field(body, "person")}`;
    }).map(([at]) => this.statements.get(at)).filter((one) => sameText(one, statement));
    const kids = said.map(({ fields }) => fields.signer.key);
    if (!(field(body, "use") === "native" ? kids.length : kids.includes(String(field(body, "replaces"))))) {
      this.object(INVALID, index, "The key that is replaced has not signed");
    }
  }

  // The verified approvals and revocations of this change that say the very text that was executed.
  wordsOf(index, change, payload, statement) {
    const words = [];
    for (const [at, said] of this.said) {
      if (said.change !== change || at >= index || !["approve", "revoke-approval"].includes(said.verb)) {
        continue;
      }
      const own = this.statements.get(at);
      if (said.revision === payload.revision && !sameText(own, statement)) {
        this.object(INVALID, at, "The approval is over another text than was executed", true);
        continue;
      }
      words.push({ ...said, kid: own.fields.signer.key, index: at, at: this.times.get(at) });
    }
    return words;
  }

  subjectOf(change, payload, statement) {
    const signed = statement.fields.change.contributors;
    return {
      revision: field(payload, "revision"),
      contributors: new Set([...signed, ...(this.writers.get(change) ?? [])]),
      concerned: this.concerned(payload),
      lostAt: this.lost.get(change) ?? 0,
    };
  }

  // The quorum of the rule under which it was applied, over the very change that was applied.
  ratified(index, payload) {
    const change = String(payload.change);
    const [statement, applied] = [this.statements.get(index), this.applied.get(change)];
    if (!statement || !applied) {
      this.object(INVALID, index, "It ratifies what was not applied");
      return;
    }
    const signed = [...this.statements.values()].filter(({ fields }) => fields.verb === "ack-emergency");
    if (!signed.some(({ fields }) => sameJson(fields.change, statement.fields.change))) {
      this.object(INVALID, index, "It ratifies another text than was applied");
    }
    const words = this.wordsOf(index + 1, change, applied, statement);
    const subject = this.subjectOf(change, applied, statement);
    if (quorum(this.withUnits(index, ruleOf(field(applied, "rule"))), subject, words, this.people(), index).since === null) {
      this.object(INVALID, index, "It was ratified without the quorum of its rule");
    }
  }

  contained(index, payload, statement) {
    if (AT_ONCE[payload.type] !== statement.fields.verb || statement.fields.effect.direction !== "tightens") {
      this.object(INVALID, index, "One signed word does no such thing");
    }
    if (!this.holds(signerOf(statement), STOP, index)) {
      this.object(INVALID, index, "Who did it at once holds no role that stops things");
    }
  }

  // One who decides declared it, another one who did not write it acknowledged it, and neither is concerned.
  acknowledged(index, payload, statement) {
    const subject = this.subjectOf(String(payload.change), payload, statement);
    const second = signerOf(statement);
    const barred = new Set([...subject.concerned, ...this.gone]);
    const declared = [...this.said.values()].filter((one) => {
      return one.change === payload.change && one.revision === payload.revision && one.verb === "emergency" && one.person !== second;
    });
    if (!declared.some(({ person }) => !barred.has(person) && this.holds(person, DECIDE, index))) {
      this.object(INVALID, index, "Nobody else who may has declared the emergency");
    }
    if (barred.has(second) || subject.contributors.has(second) || !this.holds(second, DECIDE, index)) {
      this.object(INVALID, index, "Who acknowledged the emergency may not");
    }
  }

  executor(index, rule, subject, payload, statement, found) {
    const person = signerOf(statement);
    const able = rule.tier === "low" ? DECIDE : ["executor"];
    const refused = [
      [!this.holds(person, able, index, statement.fields.tenant), "does not hold the role executor"],
      [subject.concerned.has(person), "is concerned by it"],
      [rule.executor !== "any" && subject.contributors.has(person), "wrote it"],
      [rule.executor === "not_author_not_approver" && found.approvers.has(person), "approved it"],
      [String(payload.executor ?? person) !== person, "is not whom the event names"],
    ];
    for (const [, words] of refused.filter(([holds]) => holds)) {
      this.object(INVALID, index, `Who executed ${words}`);
    }
  }

  async lock(index, rule, statement, { since }, payload) {
    const [now, ends] = [this.times.get(index), secondOf(statement.fields.window.not_after)];
    if (ends && now > ends + SLACK_S) {
      this.object(INVALID, index, `It was executed ${counted(now - ends)} s after its life had ended`);
    }
    if (since === null || !rule.lock_s) {
      return;
    }
    if (now - since + SLACK_S < rule.lock_s) {
      const text = `The quorum stood for ${counted(Math.max(now - since, 0))} s, by the recorded times; the lock is ${counted(rule.lock_s)} s`;
      this.object("timelock_violated", index, text);
      return;
    }
    const until = [...this.times].filter(([at, second]) => second <= since && at < index).map(([at]) => at);
    const last = until.reduce((most, at) => Math.max(most, at), until.length ? 0 : index - 1);
    const inside = await this.around.read(payload.witnessed);
    const [code, words] = byWitnesses({ index, now, last, since, lock: rule.lock_s }, this.around.seen, inside);
    if (code === "timelock_proved") {
      this.notes.push({ code, index, words });
    } else if (code !== UNTIMED || tierOf(rule) >= HIGH) {
      this.object(code, index, words);
    }
  }

  // The rule that the policy in force, as the record has it, gives this kind and direction; null where none.
  byARule(index, kind, payload) {
    const statement = this.statementOf(index, payload);
    if (!statement) {
      return null;
    }
    const name = String(field(payload, "type"));
    let allowed;
    try {
      allowed = this.ruled(payload, statement);
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      this.object(INVALID, index, `The policy in force has no rule for it: ${problem.what}`);
      return null;
    }
    if (RECOVERED.has(name) && this.recovery && !canBeMet(allowed, this.staff(index))) {
      allowed = recoveryRule(this.recovery);
    }
    if (field(payload, "policy") !== policyDigest(policyOf(this.documents.get("policy")))) {
      this.object(INVALID, index, "The policy that was signed is not the one in force there");
    }
    const fits = sameJson(allowed, field(payload, "rule"));
    if (!fits) {
      this.object(INVALID, index, `The rule is not the one that the policy gives ${name}`);
    }
    if (kind === EFFECT.contained && fits && allowed.tier !== "emergency") {
      this.object(INVALID, index, "One signature sufficed, and the policy asks for approvals");
    }
    return allowed;
  }

  // A revert is exactly what the approvers of the original signed beside it, by somebody who may execute.
  wayBack(index, payload) {
    const original = this.applied.get(String(field(payload, "reverts")));
    const signed = original ? this.executedBy(original) : null;
    if (!signed || !sameJson(signed.fields.effect.way_back, { type: payload.type, body: payload.body })) {
      this.object(INVALID, index, "It reverts what no executed change declared as its way back");
    }
    const statement = this.statementOf(index, payload);
    if (!statement) {
      return;
    }
    const person = signerOf(statement);
    if (!this.holds(person, ["executor"], index, statement.fields.tenant) || this.concerned(payload).has(person)) {
      this.object(INVALID, index, "Who reverted does not hold the role executor, or is concerned");
    }
    const rule = this.byARule(index, EFFECT.reverted, payload);
    if (rule) {
      this.caps(index, rule, payload, String(payload.reverts));
    }
  }

  executedBy({ change, signed }) {
    const same = [...this.statements].filter(([, { fields }]) => fields.change.id === change && fields.verb === "execute");
    return same.at(-1)?.[1] ?? this.statements.get(signed) ?? null;
  }

  // What the replay found, in the verifier's codes.
  retell() {
    for (const { code, index, words } of this.found) {
      const unread = code === "replay_payload_missing";
      const gap = this.around.partial && code === "replay_step_broken";
      const text = unread ? "Its payload is not here" : `${code}: ${words}`;
      this.object(unread || gap ? UNPROVEN : INVALID, index, text, code === "replay_other_text");
    }
    this.found = [];
  }

  // `certain` is what nothing that is hidden could explain.
  object(code, index, words, certain = false) {
    this.blind ||= code === UNPROVEN;
    const told = code === INVALID && this.blind && !certain ? UNPROVEN : code;
    this.objections.push({ code: told, index, words });
  }
}
