// The saved file: a statement and a key come from files, the envelope goes to one, and nothing is kept. What a browser
// stores for one file on a disk, it shows to all of them.
import { canonical, isObject, parse } from "../verify/json.js";
import { fromBase64, utf8 } from "../verify/octets.js";
import { gesture } from "./act.js";
import { alertPlace, button, element, field, heading, notice, show } from "./dom.js";
import { checkKey, checkWindow } from "./envelope.js";
import { chosenKey } from "./keys.js";
import { checkPolicy } from "./policy.js";
import { refuse, toldOf } from "./refusals.js";
import { review } from "./review.js";
import { parsed, received } from "./statement.js";
import { bound, checkNativeKey, readNative } from "./native.js";
import { nativeParts } from "./native_review.js";

function answerIn(octets) {
  try {
    const value = parse(octets);
    return isObject(value) && Object.hasOwn(value, "payload_type") && Object.hasOwn(value, "statement") ? value : null;
  } catch {
    return null;
  }
}

// The portal's answer, or the statement's own bytes; a newline at the end of a file is no part of it.
function statementIn(octets) {
  const answer = answerIn(octets);
  if (answer === null) {
    return { statement: parsed(octets.at(-1) === 0x0a ? octets.subarray(0, -1) : octets), native: null };
  }
  const inner = typeof answer.statement === "string" ? fromBase64(answer.statement) : null;
  if (inner === null) {
    throw refuse("statement_malformed", "The statement is not in base64");
  }
  return { statement: received(inner, answer.payload_type, typeof answer.code === "string" ? answer.code : ""), native: answer.native ?? null };
}

async function octetsIn(input) {
  const [file] = input.files;
  return file ? new Uint8Array(await file.arrayBuffer()) : null;
}

async function read(inputs) {
  const octets = await octetsIn(inputs.statement);
  if (octets === null) {
    throw refuse("statement_malformed", "No statement was chosen");
  }
  const { statement, native } = statementIn(octets);
  const policy = await octetsIn(inputs.policy);
  if (policy) {
    checkPolicy(statement, policy.at(-1) === 0x0a ? policy.subarray(0, -1) : policy);
  }
  return { statement, artefacts: bound(statement, readNative(native).artefacts) };
}

// The envelope alone, or with native signatures beside it the answer that the page of the change takes as a whole.
function saved(page, statement, { envelope, native }) {
  const made = native ? { assertion: null, envelope, native } : envelope;
  const url = URL.createObjectURL(new Blob([utf8(`${canonical(made)}\n`)], { type: "application/json" }));
  const link = element("a", { className: "button button--main", href: url, download: native ? "answer.json" : "envelope.json", text: native ? "Save the signatures" : "Save the signed envelope" });
  show(page, heading("Signed"), notice("pass", native ? "Save the file and hand it in on the page of the change." : "Save the envelope and hand it in on the page of the change.", `Short code: ${statement.code}`), element("div", { className: "sign-actions" }, link, button("Start again", () => offline(page))));
}

function checkKeys({ statement, artefacts }, key, native) {
  checkKey(statement, key);
  checkWindow(statement);
  if (native) {
    checkNativeKey(statement, native);
  } else if (artefacts.some(({ signs }) => signs)) {
    throw refuse("native_key_missing", "The change lists artefacts that your native key signs in the same gesture");
  }
}

function reading(page, { statement, artefacts }, key, native) {
  const signed = (done) => saved(page, statement, done);
  const beside = { artefacts, native: artefacts.some(({ signs }) => signs) ? native : null };
  const made = statement.fields.client.kind === "browser" ? notice("none", "This statement says that it is signed in a browser page.") : null;
  const declined = () => offline(page);
  const last = key ? gesture(statement, key, { signed, declined, beside }) : element("div", { className: "sign-actions" }, button("Start again", declined));
  show(page, ...[...review(statement, nativeParts(artefacts, beside.native)), made, last].filter(Boolean));
}

export function offline(page) {
  const statement = field("statement-file", "Statement", { type: "file", accept: ".json,application/json", hint: "As the page of the change gives it." });
  const policy = field("policy-file", "Policy, if you hold it", { type: "file", accept: ".json,application/json" });
  const key = field("key-file", "Encrypted key file", { type: "file", accept: ".json,application/json", hint: "Leave it out to read only. It is never kept." });
  const native = field("native-key-file", "Encrypted file of your native key", { type: "file", accept: ".json,application/json", hint: "Only where the change lists artefacts of EvidenceOS." });
  const alert = alertPlace();
  const act = async () => {
    try {
      alert.clear();
      const found = await read({ statement: statement.input, policy: policy.input });
      const chosen = key.input.files.length ? await chosenKey(key.input) : null;
      const other = native.input.files.length ? await chosenKey(native.input) : null;
      if (chosen) {
        checkKeys(found, chosen, other);
      }
      reading(page, found, chosen, other);
    } catch (problem) {
      alert.tell(toldOf(problem));
    }
  };
  const words = "This file reaches no network and keeps nothing. Switch the network off before you open a key.";
  show(page, heading("Sign without a server"), element("p", { text: words }), element("div", { className: "sign-form" }, statement.row, policy.row, key.row, native.row, button("Show the statement", act, { main: true }), alert.place));
}
