// An address as a picture that a camera reads.

import { html, nothing, svg, type TemplateResult } from "lit-html";
import { encode } from "uqr";

/** The longest that a QR code holds, in characters, at the least correction of errors. */
const LONGEST = 2900;

/** A QR code of an address; nothing where the address is too long for one. */
export const qrCode = (address: string, says: string): TemplateResult | typeof nothing => {
  if (address.length > LONGEST) return nothing;
  const { data, size } = encode(address, { ecc: "L", border: 2 });
  const squares = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`<svg class="rv-qr" role="img" aria-label=${says} viewBox=${`0 0 ${size} ${size}`}
    >${svg`<rect width=${size} height=${size} fill="#ffffff"></rect><path d=${squares.join("")} fill="#000000"></path>`}</svg>`;
};
