// What came beside signed words, by the record alone: gestures of passkeys, and signatures by native keys. A key under a
// passkey says nothing without its gesture; what was applied natively is what was decided, signed by keys that counted.
import { pae, parseEnvelope } from "./dsse.js";
import { Bounds } from "./governed_bounds.js";
import { follows, gestureIn } from "./governed_gestures.js";
import { checkMade } from "./governed_native.js";
import { EFFECT, SUBMITTED } from "./governed_record.js";
import { field, sameJson } from "./governed_text.js";
import { isObject } from "./json.js";
import { fromBase64, fromHex } from "./octets.js";
import { Refusal } from "./refusal.js";
import { declarations } from "../sign/native_artefact.js";

const INVALID = "decision_invalid";

function refused(what, why = "") {
  return new Refusal(INVALID, what, { why });
}

function asked(by, { fields }) {
  return declarations(fields).filter((one) => one.by === by);
}

export class Beside extends Bounds {
  constructor() {
    super();
    [this.gestures, this.openedBy, this.brought] = [new Map(), new Map(), new Map()];
    [this.artefacts, this.witnessed] = [0, 0];
  }

  // Runs `act`; a refusal is an objection at `index`.
  async held(index, words, act) {
    try {
      return await act();
    } catch (problem) {
      if (!(problem instanceof Refusal)) {
        throw problem;
      }
      this.object(INVALID, index, `${words}: ${problem.what}${problem.why ? `: ${problem.why}` : ""}`);
      return null;
    }
  }

  async take(index, kind, payload) {
    await super.take(index, kind, payload);
    if (kind === SUBMITTED && payload !== null) {
      await this.bring(index, payload);
    }
  }

  async verified(index, payload, verbs) {
    const said = await super.verified(index, payload, verbs);
    if (said) {
      await this.held(index, "Nobody is shown to have been there", () => this.present(this.statements.get(index), payload));
    }
    return said;
  }

  // The gesture beside a word: needed where a passkey opens the key, and true wherever it is told.
  present(statement, payload) {
    const { person, key } = statement.fields.signer;
    const assertion = payload.assertion ?? null;
    if (assertion === null) {
      if (this.keyOf(person, key, statement).custody === "passkey") {
        throw refused("The gesture of the passkey that opens the key is missing");
      }
      return;
    }
    const envelope = parseEnvelope(fromBase64(payload.envelope));
    this.keepGesture(key, gestureIn(assertion, pae(envelope.type, envelope.payload)));
    this.witnessed += 1;
  }

  // Compares a gesture with the last one of its passkey, and keeps it.
  keepGesture(kid, gesture) {
    const [holder, before] = this.gestures.get(gesture.credential) ?? [kid, null];
    this.gestures.set(gesture.credential, [kid, gesture]);
    if (!this.openedBy.has(kid)) {
      this.openedBy.set(kid, gesture.credential);
    }
    if (this.openedBy.get(kid) !== gesture.credential || holder !== kid) {
      throw refused("A passkey opens one key, and a key has one passkey");
    }
    if (before && before.party !== gesture.party) {
      throw refused("The gesture is of another relying party than the one before", gesture.party);
    }
    if (before && !follows(gesture, before.count)) {
      throw refused("The passkey's counter did not move on: there may be a copy of it", `${gesture.count} after ${before.count}`);
    }
  }

  async checkSigned(index, kind, payload) {
    await super.checkSigned(index, kind, payload);
    const statement = this.statementOf(index, payload);
    if (statement && (kind === EFFECT.executed || kind === EFFECT.reverted)) {
      await this.held(index, "What was to be signed natively was not", () => this.natively(payload, statement));
    }
  }

  // The author's native signatures, verified under the key that counts here.
  async bring(index, payload) {
    const [statement, change] = [this.statements.get(index), String(field(payload, "change"))];
    this.brought.delete(change);
    if (!statement) {
      return;
    }
    const kid = await this.held(index, "What was to be signed natively was not", () => this.made("author", payload.native ?? null, statement));
    if (kid !== null) {
      this.brought.set(change, [statement, kid]);
    }
  }

  // Everything that the body lists was signed, by author and executor.
  async natively(payload, statement) {
    const beside = isObject(payload.execution) ? payload.execution.native : null;
    await this.made("executor", beside ?? null, statement);
    if (asked("author", statement).length) {
      this.authorStands(String(payload.change), statement);
    }
  }

  // The author's signatures are over this very body, by a contributor whose native key still counts.
  authorStands(change, { fields: { change: signed } }) {
    const [word, kid] = this.brought.get(change) ?? [null, ""];
    if (!word) {
      throw refused("The author's native signature is missing");
    }
    const told = word.fields.change;
    if (told.revision !== signed.revision || !sameJson(told.body, signed.body)) {
      throw refused("The author's native signature is over another revision");
    }
    if (!signed.contributors.includes(word.fields.signer.person)) {
      throw refused("Who signed it natively wrote none of it", word.fields.signer.person);
    }
    this.nativeKey(word.fields.signer.person, kid);
  }

  // Verifies what came beside a word of the author or the executor; the native key's id, "" where none is asked.
  async made(by, given, statement) {
    const listed = asked(by, statement);
    if (!listed.length) {
      if (given !== null) {
        throw refused("This word carries native signatures, and signs nothing natively");
      }
      return "";
    }
    if (!isObject(given)) {
      throw refused("The native signatures of this change are missing");
    }
    const kid = String(given.kid);
    await checkMade(listed, given, this.nativeKey(statement.fields.signer.person, kid));
    this.artefacts += listed.length;
    return kid;
  }

  // The public half of a native key of theirs that counts here.
  nativeKey(person, kid) {
    const keys = this.documents.get(`${person}/keys`)?.keys ?? [];
    const found = keys.find((one) => one.kid === kid && one.use === "native");
    if (!found || this.gone.has(person)) {
      throw refused("This is no native key of theirs that counts", kid);
    }
    return fromHex(String(found.public));
  }
}
