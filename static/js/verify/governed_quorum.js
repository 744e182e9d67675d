// Whether a change was approved: distinct people matched to the places of its rule, by words that count; and whether a rule
// could be met at all.
import { placesOf } from "./governed_text.js";

function seat(person, groups, people, holders, tried) {
  for (const [place, group] of groups.entries()) {
    if (!people.get(person).has(group) || tried.has(place)) {
      continue;
    }
    tried.add(place);
    const holder = holders[place];
    if (holder === null || seat(holder, groups, people, holders, tried)) {
      holders[place] = person;
      return true;
    }
  }
  return false;
}

// For each place the person who fills it, or null; `people` maps a person to the set of their groups, in order.
function filledSlots(groups, people) {
  const holders = groups.map(() => null);
  for (const person of people.keys()) {
    seat(person, groups, people, holders, new Set());
  }
  return holders;
}

export function livesAt(key, index) {
  return key.since <= index && (key.until === null || index < key.until);
}

function keyOf(people, { person, kid }) {
  return people.get(person)?.keys.find((key) => key.kid === kid) ?? null;
}

function isOffline(people, word) {
  return keyOf(people, word)?.custody === "offline";
}

// Whether an approval by itself counts; what holds now must hold, not only what held when it was given.
function counts(rule, subject, word, people, index) {
  const approver = people.get(word.person);
  const key = keyOf(people, word);
  if (word.revision !== subject.revision || !approver?.live || subject.contributors.has(word.person) || subject.concerned.has(word.person)) {
    return false;
  }
  if (!key || !livesAt(key, word.index) || !livesAt(key, index) || word.at < key.activeFrom + rule.cool_down_s) {
    return false;
  }
  return placesOf(rule).some((group) => approver.groups.has(group));
}

// One person counts once, and so do one public key and one passkey, whoever enrolled them.
function already(word, counting, people) {
  return counting.some((other) => {
    const shared = word.credential !== "" && other.credential === word.credential;
    return other.person === word.person || shared || keyOf(people, other)?.public === keyOf(people, word)?.public;
  });
}

// Where units are kept apart, one approval of each counts, and none of somebody whose unit is not known.
function besideUnits(rule, word, counting, people) {
  const { unit } = people.get(word.person);
  return !rule.units_apart || (unit !== "" && !counting.some(({ person }) => people.get(person).unit === unit));
}

function sifted(rule, subject, words, people, index) {
  let counting = [];
  for (const word of [...words].sort((a, b) => a.index - b.index)) {
    if (word.verb === "revoke-approval") {
      counting = counting.filter(({ person, revision }) => person !== word.person || revision !== word.revision);
    } else if (word.verb === "approve" && counts(rule, subject, word, people, index) && !already(word, counting, people)) {
      counting.push(...(besideUnits(rule, word, counting, people) ? [word] : []));
    }
  }
  return counting;
}

// Since when nothing stood against a word for this group: it was said, its place began and, where units are kept apart, its unit.
function startOf(rule, word, group, { began, unitSince }) {
  return Math.max(word.at, began.get(group) ?? 0, rule.units_apart ? unitSince : 0);
}

// The first second at which the counting words complete the quorum.
function sinceOf(rule, counting, people) {
  const asked = placesOf(rule);
  const starts = counting.map((word) => [word, new Map([...people.get(word.person).groups].map((group) => {
    return [group, startOf(rule, word, group, people.get(word.person))];
  }))]);
  const moments = new Set(starts.flatMap(([, groups]) => [...groups].filter(([group]) => asked.includes(group)).map(([, at]) => at)));
  for (const second of [...moments].sort((a, b) => a - b)) {
    const able = new Map(starts.map(([word, groups]) => {
      return [word.person, new Set([...groups].filter(([, at]) => at <= second).map(([group]) => group))];
    }));
    const begun = counting.filter(({ person }) => asked.some((group) => able.get(person).has(group)));
    const offline = !rule.offline_key || begun.some((word) => isOffline(people, word));
    if (offline && !filledSlots(asked, able).includes(null)) {
      return second;
    }
  }
  return 0;
}

// The answer: `since` (s) is when the quorum that stands was complete, null while it is not; `approvers` fill its places.
export function quorum(rule, subject, words, people, index) {
  const counting = sifted(rule, subject, words, people, index);
  const matched = filledSlots(placesOf(rule), new Map(counting.map(({ person }) => [person, people.get(person).groups])));
  const offline = !rule.offline_key || counting.some((word) => isOffline(people, word));
  const complete = !matched.includes(null) && offline;
  return {
    since: complete ? Math.max(sinceOf(rule, counting, people), subject.lostAt) : null,
    approvers: new Set(matched.filter((person) => person !== null)),
    empty: placesOf(rule).filter((_, place) => matched[place] === null),
  };
}

// Who fills places: people; or, where the rule keeps units apart, units, of each of which one person approves.
function fillers(rule, able, without) {
  const free = able.filter(({ person }) => person !== without);
  if (!rule.units_apart) {
    return new Map(free.map(({ person, groups }) => [person, groups]));
  }
  const units = new Map();
  for (const { unit, groups } of free.filter((one) => one.unit !== "")) {
    units.set(unit, new Set([...(units.get(unit) ?? []), ...groups]));
  }
  return units;
}

function canExecute(rule, { executors }, author, able, groups) {
  const others = [...executors].filter((one) => one !== author);
  if (rule.executor === "any") {
    return executors.size > 0;
  }
  return others.some((executor) => rule.executor === "not_author" || !filledSlots(groups, fillers(rule, able, executor)).includes(null));
}

// Whether `author` could propose and others could decide and carry out.
function couldFor(rule, staff, author) {
  const able = staff.approvers.filter((one) => one.live && one.person !== author && one.keys.some((key) => livesAt(key, staff.index)));
  const groups = placesOf(rule);
  const offline = !rule.offline_key || able.some(({ keys, groups: held }) => {
    return keys.some((key) => key.custody === "offline" && livesAt(key, staff.index)) && groups.some((group) => held.has(group));
  });
  return offline && !filledSlots(groups, fillers(rule, able, null)).includes(null) && canExecute(rule, staff, author, able, groups);
}

// Whether the rule could be met for one author at least.
export function canBeMet(rule, staff) {
  return [...staff.authors].some((author) => couldFor(rule, staff, author));
}
