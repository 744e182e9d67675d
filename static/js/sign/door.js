// The door to the portal: one opener of one origin, one message taken, one answer given.
// Windows of other origins are not answered at all; what they send is not read.
const MOST_TEXT = 131072;

export function portalOrigin() {
  return document.querySelector("[data-signer]").dataset.portal || location.origin;
}

function isText(value, most = MOST_TEXT) {
  return typeof value === "string" && value.length <= most;
}

// What a message asks for; null where it is not one of ours.
function readMessage(data) {
  if (typeof data !== "object" || data === null) {
    return null;
  }
  const { countersign, payload_type: type, statement, code = "", policy = "", native = null, statement_fields: fields, native_fields: nativeFields = "" } = data;
  if (countersign === "sign" && isText(type, 200) && isText(statement) && isText(code, 200) && isText(policy, 2 * MOST_TEXT)) {
    return { kind: "sign", type, statement, code, policy, native };
  }
  return countersign === "enrol" && isText(fields) && isText(nativeFields) ? { kind: "enrol", fields, nativeFields } : null;
}

// Waits for the one message of the portal that opened this window; null where no portal did.
export function knock(taken) {
  const { opener } = window;
  if (!opener || opener === window) {
    return null;
  }
  const portal = portalOrigin();
  const answer = (kind, more) => opener.postMessage({ countersign: kind, ...more }, portal);
  const refused = ({ code, what, why }) => answer("refused", { code, why: [what, why].filter(Boolean).join(": ") });
  let busy = false;
  window.addEventListener("message", (event) => {
    if (event.origin !== portal || event.source !== opener) {
      return;
    }
    const message = readMessage(event.data);
    if (message === null) {
      refused({ code: "message_malformed", what: "This is no message that the signing page knows" });
    } else if (busy) {
      refused({ code: "signer_busy", what: "This window has taken a statement already", why: "one window signs once" });
    } else {
      busy = true;
      taken(message, { answer, refused });
    }
  });
  answer("ready", {});
  return portal;
}
