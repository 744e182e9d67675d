// The one Trusted Types policy of the portal. It lets htmx parse the answers of this server, which it always wraps
// in its own template element, and refuses every other string on its way to becoming markup or script.
"use strict";

const WRAPPER = '<body><template class="internal-htmx-wrapper">';

if (window.trustedTypes && window.trustedTypes.createPolicy) {
  window.trustedTypes.createPolicy("default", {
    createHTML(text) {
      if (text.startsWith(WRAPPER) && !/<script/i.test(text)) {
        return text;
      }
      throw new TypeError("Only htmx may turn text into markup here, and never into a script.");
    },
  });
}
