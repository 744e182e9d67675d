// Keys that this browser keeps, encrypted: listed, imported from a file, put under a passkey, forgotten.
import { alertPlace, button, element, facts, field, section } from "./dom.js";
import { fileOf, opensWithPasskey, passkeyKdf, random, readKey, unwrap, wrap } from "./keyfile.js";
import { assert, createPasskey, passkeysAreThere } from "./passkey.js";
import { refuse, toldOf } from "./refusals.js";
import { named } from "./rendering.js";
import { fingerprint } from "./statement.js";
import { forget, keep, keysHere } from "./store.js";

const LATER = "It opens the key in this browser, and is no witness: the portal does not know it, so signatures go out as with a passphrase. For a passkey that stands beside each signature in the record, make a new key under one.";

export function howItOpens(key) {
  if (!opensWithPasskey(key)) {
    return "a passphrase";
  }
  return key.custody === "passkey" ? "a passkey, which the portal knows" : "a passkey, which the portal does not know";
}

export async function chosenKey(input) {
  const [file] = input.files;
  if (!file) {
    throw refuse("key_file_malformed", "No key file was chosen");
  }
  return readKey(new Uint8Array(await file.arrayBuffer()));
}

// A key for this page: no key that was declared to live outside of browsers comes in.
export function checkCustody(key) {
  if (key.custody === "offline") {
    throw refuse("custody_refused", "This key was enrolled for signing outside of browsers", "a page that holds it once makes it what it is not");
  }
  return key;
}

function aboutOf({ kid, public: shown, use, custody, person }) {
  return { kid, public: shown, use, custody, person };
}

// The same keys under one passkey of this device, each under a secret of its own: { keys, credential }. At most two.
export async function underPasskey(pairs) {
  const salts = pairs.map(() => random(32));
  const passkey = await createPasskey(pairs[0].about.person, salts);
  const keys = [];
  for (const [place, { opened, about }] of pairs.entries()) {
    keys.push(await wrap(opened, aboutOf(about), passkey.secrets[place], passkeyKdf(passkey.id, salts[place])));
  }
  return { keys, credential: { id: passkey.id, public_key: passkey.public, algorithm: passkey.algorithm, aaguid: passkey.aaguid } };
}

// A key under a passkey that opens another key of the same person here already.
export async function underThatPasskey(opened, about, credential) {
  const salt = random(32);
  const { secrets } = await assert(credential, [salt], random(32));
  return wrap(opened, aboutOf(about), secrets[0], passkeyKdf(credential, salt));
}

export function importForm(done, label = "Encrypted key file") {
  const { row, input } = field("key-file", label, { type: "file", accept: ".json,application/json" });
  const alert = alertPlace();
  const act = async () => {
    try {
      alert.clear();
      const key = checkCustody(await chosenKey(input));
      await keep(key);
      await done(key);
    } catch (problem) {
      alert.tell(toldOf(problem));
    }
  };
  return element("div", { className: "sign-form" }, row, button("Keep this key here, encrypted", act), alert.place);
}

function protectForm(key, again) {
  const { row, input } = field(`phrase-${key.kid}`, "Its passphrase", { type: "password", autocomplete: "current-password" });
  const alert = alertPlace();
  const act = async () => {
    try {
      alert.clear();
      const opened = await unwrap(key, input.value, { extractable: true });
      await keep((await underPasskey([{ opened, about: key }])).keys[0]);
      await again();
    } catch (problem) {
      alert.tell(toldOf(problem));
    }
  };
  const hint = element("p", { className: "sign-hint", text: LATER });
  return element("details", {}, element("summary", { text: "Open it with a passkey from now on" }), hint, row, button("Make a passkey for it", act), alert.place);
}

function item(key, again) {
  const sure = element("details", {}, element("summary", { text: "Forget this key" }));
  const words = "It goes from this browser alone. With its backup file it can be imported again; without one it is lost.";
  sure.append(element("p", { className: "sign-hint", text: words }), button(`Forget ${key.kid.slice(0, 8)}`, async () => {
    await forget(key.kid);
    await again();
  }));
  const rows = [["Person", named(key.person)], ["Key", element("code", { text: key.kid })], ["In words", fingerprint(key)], ["Signs", key.use === "native" ? "EvidenceOS' own bytes" : "decisions"], ["Opens with", howItOpens(key)], ["Custody", `${key.custody} (declared)`]];
  const may = passkeysAreThere() && !opensWithPasskey(key) && key.custody !== "demo";
  return element("li", { className: "sign-key" }, facts(rows), may && protectForm(key, again), sure);
}

// The part of the page with all keys; it draws itself again after each change.
export function keyList(changed = () => {}) {
  const place = section("Keys in this browser");
  const title = place.firstChild;
  const draw = async () => {
    const keys = await keysHere();
    const again = async () => {
      await draw();
      await changed();
    };
    const list = keys.length
      ? element("ul", { className: "sign-keys" }, ...keys.map((key) => item(key, again)))
      : element("p", { text: "None yet. A key is made when you are enrolled, or comes from its encrypted file." });
    place.replaceChildren(title, list, element("h3", { text: "Import a key" }), importForm(again));
  };
  draw();
  return place;
}

export function download(key, name, text = "Download the encrypted backup") {
  const url = URL.createObjectURL(new Blob([fileOf(key)], { type: "application/json" }));
  return element("a", { className: "button", href: url, download: name, text });
}
