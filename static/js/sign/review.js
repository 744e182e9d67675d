// What a person reads before signing. Every word about the change comes from the statement's own bytes.
import { writtenOut } from "./characters.js";
import { element, facts, heading, notice, section } from "./dom.js";
import { isPossession, lines, named, shown, tierOf } from "./rendering.js";
import { DIRECTIONS, MEANINGS } from "./tables.js";
import { moment, ruleRows } from "./words.js";

const MOST_OF_BODY = 12;
const TONES = { loosens: "stale", tightens: "pass", neutral: "none" };

function titled(verb) {
  return `${verb[0].toUpperCase()}${verb.slice(1).replaceAll("-", " ")}`;
}

function head({ fields }) {
  const { change, verb } = fields;
  const about = `${named(change.id)}, revision ${change.revision}`;
  return [
    element("p", { className: "sign-verb", text: MEANINGS[verb] }),
    heading(`${titled(verb)}: ${named(change.type)}`),
    element("p", { className: "sign-about", text: about }),
    notice(TONES[fields.effect.direction], DIRECTIONS[fields.effect.direction]),
  ];
}

// Which thing it is about: the body in full where it is short, else its first values. Digests of native artefacts stand
// with everything that is signed; the artefacts themselves have a part of their own.
function body(statement) {
  const rows = lines(statement).filter(({ path }) => path.startsWith("change.body.") && !path.startsWith("change.body.native["));
  const told = rows.slice(0, MOST_OF_BODY).map(({ path, text }) => [path.slice("change.body.".length), element("code", { text })]);
  const rest = rows.length - told.length;
  const hint = rest > 0 ? element("p", { className: "sign-hint", text: `And ${rest} more values, below under everything that is signed.` }) : "";
  return rows.length ? section("What is asked for", facts(told), hint) : null;
}

function side(kind, label, value) {
  const told = value === null ? element("span", { className: "sign-absent", text: "not there" }) : element(kind, { text: writtenOut(value) });
  return element("td", { className: kind === "del" ? "effect-old" : "effect-new" }, element("span", { className: "effect-side", text: `${label} ` }), told);
}

function difference({ path, old: before, new: after }) {
  const label = path === "" ? "(the whole)" : named(path);
  return element("tr", {}, element("th", { scope: "row", text: label }), side("del", "old", before), side("ins", "new", after));
}

function effect({ fields }) {
  const { diff } = fields.effect;
  if (!diff.length) {
    return section("What changes", element("p", { text: "Nothing." }));
  }
  const names = ["where", "old", "new"].map((text) => element("th", { scope: "col", text }));
  const table = element("table", { className: "effect-lines sign-diff" }, element("thead", {}, element("tr", {}, ...names)), element("tbody", {}, ...diff.map(difference)));
  return section("What changes", table);
}

function invalidates({ fields }) {
  const rows = fields.effect.invalidates.map((text) => element("li", { text: shown(text) }));
  return section("What it invalidates", rows.length ? element("ul", { className: "sign-list" }, ...rows) : element("p", { text: "Nothing." }));
}

function wayBack({ fields }) {
  const way = fields.effect.way_back;
  if (way === null) {
    return section("The way back", notice("stale", "There is none. This cannot be undone."));
  }
  return section("The way back", element("p", { className: "sign-json", text: shown(way) }));
}

function rule(statement) {
  if (isPossession(statement)) {
    return section("The rule", element("p", { text: "None: it proves that a key is held, and decides nothing." }));
  }
  return section("The rule", facts(ruleRows(statement.fields.policy.rule, tierOf(statement))));
}

function who({ fields }) {
  const { signer, window: span, change } = fields;
  return section(
    "Why, when and who",
    facts([
      ["Reason given", element("q", { className: "sign-quote", text: writtenOut(change.reason) })],
      ["May be signed", `${moment(span.not_before)} to ${moment(span.not_after)}`],
      ["You are", named(signer.person)],
      ["Your key", element("code", { text: named(signer.key) })],
      ["Deployment", named(fields.deployment.origin)],
    ]),
  );
}

function everything(statement) {
  const rows = lines(statement);
  const suspects = rows.filter(({ suspect }) => suspect);
  const list = rows.map(({ path, text, suspect }) =>
    element("tr", { className: suspect ? "is-suspect" : "" }, element("th", { scope: "row", text: path }), element("td", { text })));
  const table = element("table", { className: "sign-all" }, element("tbody", {}, ...list));
  const summary = element("summary", { text: `Everything that is signed: ${rows.length} values` });
  const told = element("details", { className: "sign-part sign-everything", open: suspects.length > 0 }, summary, table);
  const words = `Written out as <U+...> in: ${suspects.map(({ path }) => path).join(", ")}`;
  return [suspects.length ? notice("fail", "This statement holds characters that cannot be seen", words) : null, told];
}

function code(statement) {
  const words = element("p", { className: "sign-code", id: "code", text: statement.code });
  const hint = element("p", { className: "sign-hint", text: "The command line and the paper show the same six words for the same bytes. If they differ, do not sign." });
  return section("Short code", words, hint);
}

// The whole statement as elements, in the order in which it is read; `beside` stands behind what it changes.
export function review(statement, beside = []) {
  const [suspect, all] = everything(statement);
  return [...head(statement), suspect, body(statement), effect(statement), invalidates(statement), wayBack(statement), ...beside, rule(statement), who(statement), all, code(statement)].filter(Boolean);
}
