// The signing page: waits for one statement from the portal that opened it, shows it, and signs it once.
import { fromBase64 } from "../verify/octets.js";
import { gesture } from "./act.js";
import { enrol } from "./ceremony.js";
import { element, heading, notice, section, show } from "./dom.js";
import { knock, portalOrigin } from "./door.js";
import { checkKey, checkWindow } from "./envelope.js";
import { browserSigns } from "./keyfile.js";
import { checkCustody, importForm, keyList } from "./keys.js";
import { bound, readNative } from "./native.js";
import { nativeParts } from "./native_review.js";
import { offline } from "./offline.js";
import { checkPolicy } from "./policy.js";
import { refuse, toldOf } from "./refusals.js";
import { named } from "./rendering.js";
import { review } from "./review.js";
import { received } from "./statement.js";
import { keysHere } from "./store.js";

const root = document.querySelector("[data-signer]");

function octetsOf(text, what) {
  const octets = fromBase64(text);
  if (octets === null) {
    throw refuse("message_malformed", `The ${what} is not in base64`);
  }
  return octets;
}

function readStatement({ statement, type, code, policy }) {
  const read = received(octetsOf(statement, "statement"), type, code);
  if (read.fields.client.kind !== "browser") {
    throw refuse("client_differs", "This statement is for another signer", read.fields.client.kind);
  }
  checkWindow(read);
  if (policy) {
    checkPolicy(read, octetsOf(policy, "policy"));
  }
  return read;
}

// A refusal before anything was shown: the portal hears of it, and a person reads why.
function stop(page, problem, door) {
  const told = toldOf(problem);
  door?.refused(told);
  show(page, heading("Nothing can be signed"), notice("fail", told.what, told.why && `Why: ${told.why}`, `Next: ${told.next}`, `Code: ${told.code}`));
}

function done(page, statement, words) {
  show(page, heading(words), notice("pass", "The signature went to the portal.", `Short code: ${statement.code}`), element("p", { text: "This window signs once. You can close it." }));
}

// What came beside the statement, held against its body, and the native key that signs it where one does.
function besideOf(statement, native, keys) {
  const { kid, artefacts: given } = readNative(native);
  const artefacts = bound(statement, given);
  const mine = keys.filter((key) => key.use === "native" && key.person === statement.fields.signer.person);
  const signs = artefacts.some((one) => one.signs);
  const key = signs ? (mine.find((one) => !kid || one.kid === kid) ?? null) : null;
  return { artefacts, signs, native: key && checkCustody(key) };
}

function lackingNative(again) {
  const words = "The change lists artefacts that your native key signs in the same gesture. It is not in this browser.";
  return section("Your native key is not here", notice("stale", words, "Import its encrypted file, or enrol one from the portal's page of your keys."), importForm(again, "Encrypted file of your native key"));
}

function lacking(page, statement, again) {
  const { person, key } = statement.fields.signer;
  const words = `The statement asks for key ${named(key)} of ${named(person)}. It is not in this browser.`;
  return section("Your key is not here", notice("stale", words, "Import its encrypted file. A key enrolled for the command line signs there."), importForm(again));
}

async function decide(page, statement, door, native) {
  const keys = await keysHere();
  const key = keys.find(({ kid }) => kid === statement.fields.signer.key);
  const beside = besideOf(statement, native, keys);
  const again = () => decide(page, statement, door, native);
  const declined = () => {
    door.refused({ code: "declined", what: "The person did not sign" });
    show(page, heading("Nothing was signed"), element("p", { text: "You can close this window." }));
  };
  const signed = (made) => {
    door.answer("signed", made);
    done(page, statement, "Signed");
  };
  if (key) {
    checkKey(statement, checkCustody(key));
  }
  const ready = key && (beside.native || !beside.signs);
  const wanting = key ? lackingNative(again) : lacking(page, statement, again);
  show(page, ...review(statement, nativeParts(beside.artefacts, beside.native)), ready ? gesture(statement, key, { signed, declined, beside }) : wanting);
}

async function take(page, message, door) {
  try {
    if (message.kind === "enrol") {
      const others = message.nativeFields ? octetsOf(message.nativeFields, "enrolment of the native key") : null;
      enrol(page, octetsOf(message.fields, "enrolment"), others, door);
    } else {
      await decide(page, readStatement(message), door, message.native);
    }
  } catch (problem) {
    stop(page, problem, door);
  }
}

function alone(page) {
  const words = "Statements come from the page of a change, which opens this one. Here you see which keys this browser keeps.";
  show(page, heading("Signing page"), element("p", { text: words }), keyList());
}

function waiting(page, portal) {
  show(page, heading("Waiting for the statement"), element("p", { text: `It comes from ${portal}. If nothing happens, close this window and open it again from the page of the change.` }));
}

function below(page) {
  show(page, heading("This browser cannot sign"), notice("fail", "It does not sign and verify Ed25519 itself.", "Next: use Chrome or Edge 138, Firefox 148, Safari 26 or later; or the command line: python -m governance.sign."));
}

async function start(page) {
  if (!(await browserSigns())) {
    below(page);
  } else if (root.dataset.mode === "offline") {
    offline(page);
  } else {
    const portal = knock((message, door) => take(page, message, door));
    (portal === null ? alone : waiting)(page, portal ?? portalOrigin());
  }
}

if (root) {
  start(root);
}
