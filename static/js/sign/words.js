// A rule in words: who must sign, how long it waits, who carries it out. Of a rule in an unknown form nothing is told
// but that; its values stand with everything that is signed.
import { isObject } from "../verify/json.js";
import { counted } from "../verify/octets.js";
import { named } from "./rendering.js";

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const EXECUTORS = {
  any: "anybody who may carry out changes",
  not_author: "anybody but the author",
  not_author_not_approver: "anybody but the author and those who approved",
};

export function duration(seconds) {
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    return "not told";
  }
  if (seconds === 0) {
    return "none";
  }
  const parts = [];
  let rest = seconds;
  for (const [size, unit] of UNITS) {
    if (rest >= size) {
      parts.push(`${counted(Math.floor(rest / size))} ${unit}`);
      rest %= size;
    }
  }
  return parts.join(" ");
}

function need(one) {
  return isObject(one) && Number.isSafeInteger(one.count) && typeof one.group === "string" ? `${counted(one.count)} of ${named(one.group)}` : "something not known here";
}

function known(rule) {
  return Array.isArray(rule.needs) && rule.needs.length > 0 && Object.hasOwn(EXECUTORS, String(rule.executor));
}

// Rows [name, value] about the rule.
export function ruleRows(rule, tier) {
  const rows = [["Tier", tier ? named(tier) : "not told: taken as critical"]];
  if (!known(rule)) {
    return [...rows, ["Rule", "in a form that this page does not know; read it below"]];
  }
  rows.push(["Must sign", rule.needs.map(need).join(" and ")], ["Lock after that", duration(rule.lock_s)]);
  rows.push(["Carried out by", EXECUTORS[rule.executor]]);
  if (rule.offline_key === true) {
    rows.push(["Key", "at least one signature by a key that no browser holds"]);
  }
  if (rule.units_apart === true) {
    rows.push(["Units", "each signature from another organisational unit"]);
  }
  return rows;
}

export function moment(text) {
  return text.replace("T", " ").replace("Z", " UTC");
}
