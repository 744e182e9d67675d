// The signing page: waits for one statement from the portal that opened it, shows it, and signs it once.
import { fromBase64 } from "../verify/octets.js";
import { gesture } from "./act.js";
import { enrol } from "./ceremony.js";
import { element, heading, notice, section, show } from "./dom.js";
import { knock, portalOrigin } from "./door.js";
import { checkKey, checkWindow } from "./envelope.js";
import { browserSigns } from "./keyfile.js";
import { checkCustody, importForm, keyList } from "./keys.js";
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

function lacking(page, statement, again) {
  const { person, key } = statement.fields.signer;
  const words = `The statement asks for key ${named(key)} of ${named(person)}. It is not in this browser.`;
  return section("Your key is not here", notice("stale", words, "Import its encrypted file. A key enrolled for the command line signs there."), importForm(again));
}

async function decide(page, statement, door) {
  const key = (await keysHere()).find(({ kid }) => kid === statement.fields.signer.key);
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
  const last = key ? gesture(statement, key, { signed, declined }) : lacking(page, statement, () => decide(page, statement, door));
  show(page, ...review(statement), last);
}

async function take(page, message, door) {
  try {
    if (message.kind === "enrol") {
      enrol(page, octetsOf(message.fields, "enrolment"), door);
    } else {
      await decide(page, readStatement(message), door);
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
