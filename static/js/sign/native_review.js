// What a person reads of native artefacts: every value from the artefact's own bytes, and its own short code.
import { hexOf, fromBase64 } from "../verify/octets.js";
import { element, facts, notice, section } from "./dom.js";
import { DOMAINS, NULLSPEC } from "./native_forms.js";
import { artefactLines } from "./native.js";
import { NATIVE_KINDS } from "./tables.js";

function how({ kind }) {
  if (Object.hasOwn(DOMAINS, kind)) {
    return `SHA-256 of ${DOMAINS[kind]} and the text below, computed in this program`;
  }
  return kind === NULLSPEC ? "the text below as it is; then the registry's signature, over it with its id and your signature in it" : "the text below as it is";
}

function one(artefact) {
  const rows = artefactLines(artefact);
  const suspects = rows.filter(({ suspect }) => suspect);
  const table = element("table", { className: "sign-all" }, element("tbody", {}, ...rows.map(({ path, text, suspect }) =>
    element("tr", { className: suspect ? "is-suspect" : "" }, element("th", { scope: "row", text: path }), element("td", { text })))));
  const told = artefact.signs
    ? facts([["Signed are", how(artefact)], ["Its short code", element("span", { className: "sign-code-small", text: artefact.code })]])
    : element("p", { text: artefact.by === "author" ? "Its author signs it with a native key; you do not." : "Whoever carries the change out signs it, with the time and the key's name that are left out here." });
  const warned = suspects.length ? notice("fail", "It holds characters that cannot be seen", `Written out as <U+...> in: ${suspects.map(({ path }) => path).join(", ")}`) : null;
  return element("div", { className: "sign-native" }, element("h3", { text: NATIVE_KINDS[artefact.kind] }), warned, told, table);
}

// Sections for the artefacts: first what is signed beside the statement, then what is only shown.
export function nativeParts(artefacts, key = null) {
  const [mine, others] = [artefacts.filter(({ signs }) => signs), artefacts.filter(({ signs }) => !signs)];
  const with_ = key && facts([["Native key", element("code", { text: key.kid })], ["Public key, as EvidenceOS trusts it", element("code", { className: "sign-hex", text: hexOf(fromBase64(key.public)) })]]);
  return [
    mine.length ? section("You sign beside it, with your native key", with_, ...mine.map(one)) : null,
    others.length ? section("What the change lists beside it", ...others.map(one)) : null,
  ].filter(Boolean);
}
