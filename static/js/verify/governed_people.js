// Who there is by the record alone: roles, places, units and keys of people at one place of it. A place in a group counts only
// together with the role approver where the group is at home; who left holds nothing.
import { field, secondOf } from "./governed_text.js";
import { Record } from "./governed_record.js";

const AUTHORS = ["author", "approver", "platform_operator", "tenant_admin"];
const ROLES = "/roles";
const KEYS = "/keys";
const UNIT = "/unit";
const PERSON_CREATED = "identity:person:created";
// Acts that tell to which unit somebody belongs.
export const UNIT_TOLD = new Set([PERSON_CREATED, "identity:person:unit_set"]);
const NO_UNIT = { unit: "", since: 0 };

function* personsIn(documents, part) {
  for (const [subject, document] of documents) {
    if (subject.startsWith("person:") && subject.endsWith(part)) {
      yield [subject.slice(0, -part.length), document];
    }
  }
}

export class Known extends Record {
  constructor() {
    super();
    [this.times, this.keys, this.gone, this.homes, this.places] = [new Map(), new Map(), new Set(), new Map(), new Map()];
    [this.units, this.unitsHidden] = [new Map(), false];
  }

  // From which index to which a key counted, by the documents that the record gave.
  keepKeys({ index, at }) {
    const live = new Map();
    for (const [person, document] of personsIn(this.documents, KEYS)) {
      for (const row of field(document, "keys")) {
        live.set(String(row.kid), [person, row]);
      }
    }
    for (const [kid, [person, row]] of live) {
      if (!this.keys.has(kid) && row.use === "decision") {
        this.keys.set(kid, { kid, person, public: row.public, custody: row.custody, since: index, activeFrom: at, until: null });
      }
    }
    for (const key of this.keys.values()) {
      if (!live.has(key.kid) && key.until === null) {
        key.until = index;
      }
    }
  }

  // Since when each place counts without a gap: one that has ended by now begins anew where it comes back.
  keepPlaces(now) {
    for (const [person, document] of personsIn(this.documents, ROLES)) {
      const where = new Set(this.rolesOf(person, now).filter(([role]) => role === "approver").map(([, tenant]) => tenant));
      const before = this.places.get(person) ?? new Map();
      const held = field(document, "groups").filter((group) => where.has(this.homes.get(group) ?? null));
      this.places.set(person, new Map(held.map((group) => [group, before.get(group) ?? now])));
    }
  }

  // Since when each unit that a change gave is theirs; one that stays began when it began.
  keepUnits(now) {
    for (const [person, document] of personsIn(this.documents, UNIT)) {
      this.keepUnit(person, field(document, "unit"), now);
    }
  }

  // The unit with which somebody was entered, once; after the founding no act but a change moves it.
  beganIn({ type, at }, payload, founded) {
    const person = `person:${field(payload, "person")}`;
    const known = this.units.has(person) || this.documents.has(`${person}/roles`);
    if (type === PERSON_CREATED ? !known : !founded) {
      this.keepUnit(person, payload.unit, at);
    }
  }

  keepUnit(person, told, now) {
    const unit = told === null ? "" : String(told);
    if ((this.units.get(person) ?? NO_UNIT).unit !== unit) {
      this.units.set(person, { unit, since: now });
    }
  }

  people() {
    const found = new Map();
    for (const [person] of personsIn(this.documents, ROLES)) {
      const began = this.places.get(person) ?? new Map();
      const keys = [...this.keys.values()].filter((key) => key.person === person);
      const { unit, since } = this.units.get(person) ?? NO_UNIT;
      found.set(person, { person, groups: new Set(began.keys()), keys, live: !this.gone.has(person), began, unit, unitSince: since });
    }
    return found;
  }

  // [role, tenant or null] of what somebody holds at second `now`.
  rolesOf(person, now) {
    const rows = this.documents.get(`${person}${ROLES}`)?.roles ?? [];
    return rows.filter((row) => field(row, "expires") === null || secondOf(row.expires) > now).map((row) => [row.role, field(row, "tenant")]);
  }

  // Whether somebody who is there holds one of these roles on the platform or in `tenant` (undefined: anywhere).
  holds(person, able, index, tenant) {
    const held = this.rolesOf(person, this.times.get(index)).filter(([role]) => able.includes(role));
    return !this.gone.has(person) && held.some(([, place]) => tenant === undefined || place === null || place === tenant);
  }

  staff(index) {
    const approvers = [...this.people().values()];
    const able = (roles) => new Set(approvers.map(({ person }) => person).filter((person) => this.holds(person, roles, index)));
    return { approvers, authors: able(AUTHORS), executors: able(["executor"]), index };
  }
}
