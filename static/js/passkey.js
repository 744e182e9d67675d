// Passkeys: options from the server, a gesture at the device, the answer back. Nothing is kept here.
const SAID = {
  NotAllowedError: "Nothing was done: the device was not asked, or you did not confirm. Try again when you are ready.",
  InvalidStateError: "This device holds a passkey for you already.",
  SecurityError: "This address may not use passkeys. Open the site by the name that it was set up for.",
};

function octets(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (one) => one.charCodeAt(0));
}

function text(buffer) {
  const binary = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function named(list) {
  return (list ?? []).map((one) => ({ ...one, id: octets(one.id) }));
}

async function post(url, body, token) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(url, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error([told.detail, told.next].filter(Boolean).join(" ") || "The server refused.");
  }
  return told;
}

async function created(options) {
  const publicKey = {
    ...options,
    challenge: octets(options.challenge),
    user: { ...options.user, id: octets(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: { credProps: made.getClientExtensionResults().credProps ?? {} },
    response: {
      attestationObject: text(made.response.attestationObject),
      clientDataJSON: text(made.response.clientDataJSON),
      transports: made.response.getTransports(),
    },
  };
}

async function asserted(options) {
  const publicKey = { ...options, challenge: octets(options.challenge), allowCredentials: named(options.allowCredentials) };
  const made = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: {},
    response: {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

async function act(form) {
  const { begin, complete, passkey } = form.dataset;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const { options } = await post(begin, {}, token);
  const credential = await (passkey === "create" ? created(options) : asserted(options));
  const name = form.querySelector("[name=name]")?.value;
  const { next } = await post(complete, name === undefined ? { credential } : { credential, name }, token);
  location.assign(next);
}

function tell(form, problem) {
  const place = form.querySelector("[data-passkey-error]");
  place.hidden = false;
  place.textContent = SAID[problem.name] ?? problem.message;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-passkey]");
  if (!form) {
    return;
  }
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await act(form);
  } catch (problem) {
    tell(form, problem);
    button.disabled = false;
  }
});
