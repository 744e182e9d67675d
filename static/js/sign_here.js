// From a page of the portal to the signing page and back: one statement out, one envelope in.
// The signing page believes nothing of what is sent but the bytes; this page believes nothing but its origin.
//
//   <button data-sign-here data-signer="https://sign.example/sign/" data-statement="…/statement/?verb=approve&key=…"
//           data-post="…/decisions/" data-next="…">Approve</button>
//
// `data-advance` keeps an execution until the change is ready.
// `data-enrol="…"` instead of `data-statement` gets the fields of an enrolment. Where the button stands in an element
// with [data-sign-status], that tells what happens; events `countersign:signed` and `countersign:refused` bubble.
const CLOSED_MS = 500;

export class NotSigned extends Error {
  constructor(code, why, next = "") {
    super(why);
    this.code = code;
    this.next = next;
  }
}

// Opens the window; call it within the press of a button, or the browser takes it for an advertisement.
export function openSigner(url) {
  const address = new URL(url, document.baseURI);
  const opened = window.open(address.href, "_blank", "popup,width=860,height=900");
  if (!opened) {
    throw new NotSigned("signer_blocked", "The browser did not open the signing page. Allow windows from this site.");
  }
  return { opened, origin: address.origin };
}

// Sends `request` (an object, or a promise of one) when the signing page is ready; its answer, or NotSigned.
export function ask({ opened, origin }, request) {
  return new Promise((resolve, reject) => {
    let sent = false;
    const end = (settle, told) => {
      clearInterval(watch);
      window.removeEventListener("message", hear);
      settle(told);
    };
    const watch = setInterval(() => {
      if (opened.closed) {
        end(reject, new NotSigned("signer_closed", "The signing page was closed. Nothing was signed."));
      }
    }, CLOSED_MS);
    const send = async () => {
      try {
        opened.postMessage(await request, origin);
      } catch (problem) {
        opened.close();
        end(reject, problem);
      }
    };
    function hear({ origin: from, source, data }) {
      if (from !== origin || source !== opened || typeof data !== "object" || data === null) {
        return;
      }
      if (data.countersign === "ready" && !sent) {
        sent = true;
        send();
      } else if (data.countersign === "signed" || data.countersign === "enrolled") {
        end(resolve, data);
      } else if (data.countersign === "refused") {
        end(reject, new NotSigned(String(data.code), String(data.why)));
      }
    }
    window.addEventListener("message", hear);
  });
}

async function jsonFrom(url, options = {}) {
  const answer = await fetch(url, { credentials: "same-origin", ...options });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new NotSigned(String(told.code ?? `http_${answer.status}`), String(told.detail ?? told.title ?? "The server refused."), String(told.next ?? ""));
  }
  return told;
}

function base64(value) {
  const octets = new TextEncoder().encode(JSON.stringify(value));
  return btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(""));
}

// The message for a statement as the API gives it: `payload_type`, `statement`, and where they are there `policy` (base64)
// and `native` (the artefacts that a native key signs in the same gesture).
export async function statementFrom(url) {
  const told = await jsonFrom(url);
  return { countersign: "sign", payload_type: told.payload_type, statement: told.statement, code: told.code ?? "", policy: told.policy ?? "", native: told.native ?? null };
}

// The message for an enrolment: the fields of the statement, with `$kid`, `$public` and `$custody` where the key's go; the
// same again for a native key that is made beside a decision key.
export async function enrolmentFrom(url) {
  const { statement_fields: fields, native_fields: others } = await jsonFrom(url);
  return { countersign: "enrol", statement_fields: base64(fields), ...(others && { native_fields: base64(others) }) };
}

function tokenNear(button) {
  return (button.closest("form") ?? document).querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

export function post(url, body, token) {
  return jsonFrom(url, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(body) });
}

// The whole way of one button: open, ask, post. Gives what the server answered.
export async function signHere(button) {
  const { signer, statement, enrol, post: target } = button.dataset;
  const { countersign, native, ...made } = await ask(openSigner(signer), enrol ? enrolmentFrom(enrol) : statementFrom(statement));
  const told = { ...made, ...(native && { native }), ...(button.dataset.advance && { advance: true }) };
  return post(target, told, tokenNear(button));
}

function tell(button, words) {
  const place = button.closest("[data-sign-status]")?.querySelector("[role=status]");
  if (place) {
    place.textContent = words;
  }
}

async function pressed(button) {
  button.disabled = true;
  tell(button, "The signing page is open in another window.");
  try {
    const detail = await signHere(button);
    tell(button, "Signed.");
    button.dispatchEvent(new CustomEvent("countersign:signed", { bubbles: true, detail }));
    if (button.dataset.next) {
      location.assign(button.dataset.next);
    }
  } catch (problem) {
    const next = problem.next ? ` ${problem.next}` : "";
    tell(button, `Not signed: ${problem.message}${next} (${problem.code ?? "signer_fault"})`);
    button.dispatchEvent(new CustomEvent("countersign:refused", { bubbles: true, detail: { code: problem.code, why: problem.message } }));
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-sign-here]");
  if (button) {
    event.preventDefault();
    pressed(button);
  }
});
