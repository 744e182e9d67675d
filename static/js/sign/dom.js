// Elements from words: text is always text, never markup.
export function element(tag, { className = "", text = "", ...rest } = {}, ...children) {
  const made = document.createElement(tag);
  if (className) {
    made.className = className;
  }
  made.textContent = text;
  for (const [name, value] of Object.entries(rest)) {
    if (value !== false && value !== null) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children.filter(Boolean));
  return made;
}

export function section(title, ...children) {
  return element("section", { className: "sign-part" }, element("h2", { text: title }), ...children);
}

// A sentence in a frame; `tone` is pass, stale, fail or none.
export function notice(tone, title, ...words) {
  const rows = words.filter(Boolean).map((text) => element("p", { text }));
  return element("div", { className: `sign-notice is-${tone}` }, element("p", { className: "sign-notice-title", text: title }), ...rows);
}

export function facts(rows) {
  const list = element("dl", { className: "sign-facts" });
  for (const [name, ...values] of rows) {
    list.append(element("dt", { text: name }), ...values.map((value) => (value instanceof Node ? element("dd", {}, value) : element("dd", { text: value }))));
  }
  return list;
}

// A labelled input; `hint` stands below it and is told with it.
export function field(id, label, { hint = "", ...attributes } = {}) {
  const input = element("input", { id, name: id, className: "sign-input", ...attributes, ...(hint && { "aria-describedby": `${id}-hint` }) });
  const told = hint && element("p", { id: `${id}-hint`, className: "sign-hint", text: hint });
  const row = element("div", { className: "sign-field" }, element("label", { for: id, text: label }), input, told);
  return { row, input };
}

export function button(text, act, { main = false, ...rest } = {}) {
  const made = element("button", { type: "button", className: main ? "button button--main" : "button", text, ...rest });
  if (act) {
    made.addEventListener("click", act);
  }
  return made;
}

// Where refusals are told; empty until there is one.
export function alertPlace() {
  const place = element("div", { role: "alert", className: "sign-alert" });
  return {
    place,
    clear: () => place.replaceChildren(),
    tell: ({ what, why, next, code }) => place.replaceChildren(notice("fail", what, why && `Why: ${why}`, next && `Next: ${next}`, `Code: ${code}`)),
  };
}

export function show(page, ...children) {
  page.replaceChildren(...children);
  page.querySelector("h1")?.focus();
}

export function heading(text) {
  return element("h1", { text, tabindex: "-1" });
}
