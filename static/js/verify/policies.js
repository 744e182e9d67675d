// Witness policies (C2SP tlog-policy): which logs and witnesses count, and how many are needed.
import { quoted, textOf } from "./octets.js";
import { Refusal } from "./refusal.js";
import { TYPE, parseVkey } from "./vkeys.js";

const MAX_OF_EACH = 128;
const MAX_POLICY = 1000000;
const MAX_COMPARED = 10;
const RESERVED = new Set(["none", "all", "any"]);
// eslint-disable-next-line no-control-regex
const FOREIGN = /[\u0000-\u0008\u000b-\u001f\u007f]/;

function demand(holds, what, why = "") {
  if (!holds) {
    throw new Refusal("policy_invalid", what, { why: why && quoted(why, 200) });
  }
}

// Words are bytes: one that is not UTF-8 keeps its bytes as loose surrogates, which no UTF-8 text has.
function wordsOf(line) {
  const text = textOf(line) ?? Array.from(line, (octet) => String.fromCharCode(octet < 128 ? octet : 0xdc00 + octet)).join("");
  demand(!FOREIGN.test(text), "A policy has a control character other than tab and newline");
  return text.split(/[ \t]+/).filter(Boolean);
}

class Draft {
  constructor() {
    [this.logs, this.witnesses, this.groups, this.quorumName] = [[], [], [], null];
    [this.names, this.members, this.keys] = [new Set(), new Set(), new Set()];
  }

  vkey(word, allowed) {
    const vkey = parseVkey(word);
    demand(allowed(vkey.type), "A key has a type that its role does not use");
    demand(!this.keys.has(String(vkey.key)), "A public key stands on two lines", vkey.name);
    this.keys.add(String(vkey.key));
    return vkey;
  }

  define(name) {
    demand(!RESERVED.has(name), "A name is reserved: none, all and any", name);
    demand(!this.names.has(name), "A name is defined twice", name);
    this.names.add(name);
  }

  append(rows, row) {
    demand(rows.length < MAX_OF_EACH, "A policy has more than 128 lines of one sort");
    rows.push(row);
  }

  log(words) {
    demand(words.length === 1 || words.length === 2, "A log line is not: log <vkey> [<url>]");
    this.append(this.logs, this.vkey(words[0], (type) => type !== TYPE.COSIGNATURE));
  }

  witness(words) {
    demand(words.length === 2 || words.length === 3, "A witness line is not: witness <name> <vkey> [<url>]");
    this.define(words[0]);
    const vkey = this.vkey(words[1], (type) => type === TYPE.COSIGNATURE || type === TYPE.MLDSA44);
    this.append(this.witnesses, { name: words[0], vkey });
  }

  group([name, rule, ...members]) {
    demand(members.length > 0, "A group line is not: group <name> all|any|<k> <member>...");
    for (const member of members) {
      demand(this.names.has(member), "A group lists a name that no line before it defines", member);
      demand(!this.members.has(member), "A name is listed as a member twice", member);
      this.members.add(member);
    }
    this.define(name);
    this.append(this.groups, { name, threshold: threshold(rule, members.length), members });
  }

  quorum(words) {
    demand(words.length === 1, "A quorum line is not: quorum <name>|none");
    demand(this.quorumName === null, "A policy has a second quorum line");
    demand(words[0] === "none" || this.names.has(words[0]), "The quorum is a name that no line before it defines", words[0]);
    [this.quorumName] = words;
  }

  read(line, number) {
    try {
      const [directive, ...words] = wordsOf(line);
      if (directive === undefined || directive.startsWith("#")) {
        return;
      }
      demand(["log", "witness", "group", "quorum"].includes(directive), "A line begins with another word than log, witness, group or quorum", directive);
      this[directive](words);
    } catch (problem) {
      if (problem instanceof Refusal) {
        throw new Refusal("policy_invalid", problem.what, { why: problem.why, path: `line ${number}` });
      }
      throw problem;
    }
  }
}

function threshold(rule, members) {
  if (rule === "all" || rule === "any") {
    return rule === "all" ? members : 1;
  }
  demand(/^[1-9][0-9]{0,8}$/.test(rule) && Number(rule) <= members, "A threshold is not all, any or a number from 1 to the number of members", rule);
  return Number(rule);
}

function linesOf(octets) {
  const lines = [];
  let at = 0;
  for (let end = octets.indexOf(10); end >= 0; end = octets.indexOf(10, at)) {
    lines.push(octets.subarray(at, end));
    at = end + 1;
  }
  return [lines, octets.length > at];
}

// Any one of `logs`, and witnesses by `quorum` (null: `quorum none`). Refused with policy_invalid and its line.
export function parsePolicy(octets) {
  if (octets.length > MAX_POLICY) {
    throw new Refusal("policy_invalid", "A policy is longer than 1,000,000 bytes", { path: "line 1" });
  }
  const [lines, rest] = linesOf(octets);
  const draft = new Draft();
  lines.forEach((line, place) => draft.read(line, place + 1));
  if (rest) {
    throw new Refusal("policy_invalid", "The last line does not end in a newline: the policy may be cut off", { path: `line ${lines.length + 1}` });
  }
  if (draft.quorumName === null) {
    throw new Refusal("policy_invalid", "A policy needs a quorum line", { path: `line ${Math.max(lines.length, 1)}` });
  }
  const { logs, witnesses, groups } = draft;
  return { logs, witnesses, groups, quorum: draft.quorumName === "none" ? null : draft.quorumName };
}

// Whether the witnesses named in `present` make the quorum, and why, in words.
export function explain(policy, present) {
  if (policy.quorum === null) {
    return { kind: "none", met: true, words: "no witness is needed" };
  }
  const nodes = new Map();
  for (const { name } of policy.witnesses) {
    const met = present.has(name);
    nodes.set(name, { kind: "witness", met, words: `witness ${name}: ${met ? "has cosigned" : "has not cosigned"}` });
  }
  for (const { name, threshold: needed, members } of policy.groups) {
    const have = members.filter((member) => nodes.get(member).met);
    const words = `group ${name}: ${needed} of ${members.length} needed, have ${have.join(", ") || "none"}`;
    nodes.set(name, { kind: "group", met: have.length >= needed, words });
  }
  return nodes.get(policy.quorum);
}

export function namesOf(policy, vkeys) {
  return policy.witnesses.filter(({ vkey }) => vkeys.includes(vkey)).map(({ name }) => name);
}

function keysOf(...policies) {
  return [...new Set(policies.flatMap(({ witnesses }) => witnesses.map(({ vkey }) => String(vkey.key))))];
}

// Calls `test` with the verdicts of both policies on every set of their witnesses.
function everySet(one, other, keys, test) {
  for (let chosen = 0; chosen < 2 ** keys.length; chosen += 1) {
    const inside = new Set(keys.filter((_, place) => (chosen >> place) & 1));
    const verdicts = [one, other].map((policy) => {
      const present = policy.witnesses.filter(({ vkey }) => inside.has(String(vkey.key)));
      return explain(policy, new Set(present.map(({ name }) => name))).met;
    });
    if (!test(...verdicts)) {
      return false;
    }
  }
  return true;
}

function spelled({ witnesses, groups, quorum }) {
  return JSON.stringify([witnesses.map(({ name, vkey }) => [name, vkey.text]), groups, quorum]);
}

// Whether the same sets of witnesses meet both; beyond ten witnesses: whether both are spelled alike.
export function sameRule(one, other) {
  const keys = keysOf(one, other);
  return keys.length > MAX_COMPARED ? spelled(one) === spelled(other) : everySet(one, other, keys, (a, b) => a === b);
}

// Whether some set of witnesses meets `later` that did not meet `earlier`.
export function loosened(earlier, later) {
  const keys = keysOf(earlier, later);
  if (keys.length > MAX_COMPARED) {
    return later.quorum === null && earlier.quorum !== null;
  }
  return !everySet(earlier, later, keys, (before, after) => before || !after);
}
