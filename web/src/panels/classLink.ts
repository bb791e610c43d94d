// The link for a class: what it leaves out, whether it asks, how it looks; beside the button that copies the plain
// link.

import { there } from "../model/there";
import type { Address } from "../state/address";
import type { Page } from "../state/page";
import { type Attributes, copyText, make } from "../ui/dom";

export const classLink = (page: Page, link: Address) => {
  const PANELS = {
    strip: "panel_strip",
    heatmap: "panel_heatmap",
    ledger: "ledger",
    story: "panel_answer",
    cell: "panel_cell",
    unit: "panel_unit",
    views: "panel_views",
  };
  const control = page.part(".rv-link");
  const check = (key: string, attributes: Attributes) =>
    make(
      "label",
      { class: "rv-check" },
      make("input", { type: "checkbox", ...attributes }),
      make("span", { "data-say": key }),
    );
  const panels = Object.entries(PANELS).map(([name, key]) => check(key, { value: name }));
  const asks = check("class_ask", {});
  const address = make("input", { class: "rv-address", readonly: "", "data-say-label": "class_address" });
  const copy = make("button", { type: "button", class: "rv-button", "data-say": "class_copy" });
  const look = make("a", { target: "_blank", rel: "noopener", "data-say": "class_preview" });
  const copied = make("span", { class: "rv-copied", role: "status" });
  const box = make(
    "div",
    { class: "rv-menu rv-class-link", role: "dialog", tabindex: -1, "data-say-label": "class_link", hidden: "" },
    make("h2", { "data-say": "class_link" }),
    make("fieldset", {}, make("legend", { "data-say": "class_hide" }), ...panels),
    asks,
    address,
    make("div", { class: "rv-class-tools" }, copy, look, copied),
  );
  const ticked = (label: HTMLElement) => there(label.querySelector("input"));

  const write = () => {
    const hidden = new Set(
      panels
        .map(ticked)
        .filter((one) => one.checked)
        .map((one) => one.value),
    );
    const fragment = link.write({ hiddenPanels: hidden, asking: ticked(asks).checked ? "turn" : null });
    address.value = new URL(fragment, location.href).href;
    look.href = address.value;
    copied.textContent = "";
  };
  const close = () => {
    box.hidden = true;
    control.setAttribute("aria-expanded", "false");
  };
  const open = () => {
    if (!page.shown) return;
    for (const panel of panels) ticked(panel).checked = page.hiddenPanels.has(ticked(panel).value);
    ticked(asks).checked = page.asking !== null;
    write();
    box.hidden = false;
    control.setAttribute("aria-expanded", "true");
    box.focus();
  };

  control.after(box);
  control.setAttribute("aria-haspopup", "dialog");
  control.setAttribute("aria-expanded", "false");
  control.addEventListener("click", () => (box.hidden ? open() : close()));
  box.addEventListener("change", write);
  copy.addEventListener("click", async () => {
    address.select(); // where the browser does not let a page copy, it is ready to be copied
    copied.textContent = page.say((await copyText(address.value)) ? "link_copied" : "class_select");
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    control.focus();
  });
  box.addEventListener(
    "focusout",
    ({ relatedTarget }) => box.contains(relatedTarget as Node | null) || relatedTarget === control || close(),
  );
  return { draw: () => box.hidden || write() };
};
