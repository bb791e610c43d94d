// The link for a class: what it leaves out, whether it asks, how it looks; beside the button that copies the plain
// link.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { there } from "../model/there";
import type { Address } from "../state/address";
import type { Page, Panel } from "../state/page";
import { all, copyText } from "../ui/dom";
import { elementOf } from "../ui/element";
import { qrCode } from "../ui/qrCode";

/** The panels that a link may leave out, with what they are called. */
const PANELS = {
  strip: "panel_strip",
  heatmap: "panel_heatmap",
  ledger: "ledger",
  story: "panel_answer",
  cell: "panel_cell",
  unit: "panel_unit",
  views: "panel_views",
};

const check = (input: TemplateResult, says: string) =>
  html`<label class="rv-check">${input}<span data-say=${says}></span></label>`;
const skeleton = html`<div class="rv-menu rv-class-link" role="dialog" tabindex="-1" data-say-label="class_link" hidden
  ><h2 data-say="class_link"></h2
  ><fieldset><legend data-say="class_hide"></legend>${Object.entries(PANELS).map(([name, says]) =>
    check(html`<input type="checkbox" value=${name}>`, says),
  )}</fieldset
  >${check(html`<input type="checkbox" class="rv-class-asks">`, "class_ask")}<input class="rv-address" readonly
    data-say-label="class_address"
  ><div class="rv-class-qr"></div><div class="rv-class-tools"><button type="button" class="rv-button" data-say="class_copy"></button
  ><a target="_blank" rel="noopener" data-say="class_preview"></a><span class="rv-copied" role="status"></span></div
></div>`;

class ClassLinkPanel implements Panel {
  private readonly page: Page;
  private readonly link: Address;
  private readonly control: HTMLElement;
  private readonly box: HTMLElement;
  private readonly panels: HTMLInputElement[];
  private readonly asks: HTMLInputElement;
  private readonly address: HTMLInputElement;
  private readonly preview: HTMLAnchorElement;
  private readonly copied: HTMLElement;
  private readonly seen: HTMLElement;

  constructor(page: Page, link: Address) {
    this.page = page;
    this.link = link;
    this.control = page.part(".rv-link");
    this.box = elementOf(skeleton);
    this.control.after(this.box);
    this.panels = all<HTMLInputElement>(this.box, "fieldset input");
    this.asks = page.part<HTMLInputElement>(".rv-class-asks");
    this.address = page.part<HTMLInputElement>(".rv-address");
    this.preview = page.part<HTMLAnchorElement>(".rv-class-tools a");
    this.copied = page.part(".rv-class-tools .rv-copied");
    this.seen = page.part(".rv-class-qr");
    this.listen();
  }

  draw(): void {
    if (!this.box.hidden) this.write();
  }

  /** The link for the cameras of a class, and whether other machines can open it. */
  private show(address: string): void {
    const { page } = this;
    const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
    const isFile = location.protocol === "file:";
    render(
      html`${isFile ? nothing : qrCode(address, page.say("class_qr"))}${
        isLocal ? html`<p>${page.say("class_local")}</p>` : nothing
      }`,
      this.seen,
    );
  }
  private write(): void {
    this.keepWords();
    const hiddenPanels = new Set(this.panels.filter((one) => one.checked).map((one) => one.value));
    const fragment = this.link.write({ hiddenPanels, asking: this.asks.checked ? "turn" : null });
    this.address.value = new URL(fragment, location.href).href;
    this.preview.href = this.address.value;
    this.show(this.address.value);
    this.copied.textContent = "";
  }
  /** Who is asked for a word must see the words. */
  private keepWords(): void {
    const words = there(this.panels.find(({ value }) => value === "strip"));
    words.disabled = this.asks.checked;
    if (words.disabled) words.checked = false;
  }
  private async copy(): Promise<void> {
    this.address.select(); // where the browser does not let a page copy, the reader can
    const isCopied = await copyText(this.address.value);
    this.copied.textContent = this.page.say(isCopied ? "link_copied" : "class_select");
  }

  private open(): void {
    const { page, box } = this;
    if (!page.shown || page.host.engine?.isOwn(page.reading.model)) return; // no link leads to a network of one's own
    for (const panel of this.panels) panel.checked = page.hiddenPanels.has(panel.value);
    this.asks.checked = page.asking !== null;
    this.write();
    box.hidden = false;
    this.control.setAttribute("aria-expanded", "true");
    box.focus();
  }
  private close(): void {
    this.box.hidden = true;
    this.control.setAttribute("aria-expanded", "false");
  }

  private listen(): void {
    const { page, control, box } = this;
    control.setAttribute("aria-haspopup", "dialog");
    control.setAttribute("aria-expanded", "false");
    control.addEventListener("click", () => (box.hidden ? this.open() : this.close()));
    box.addEventListener("change", () => this.write());
    page.part(".rv-class-tools button").addEventListener("click", () => this.copy());
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
      control.focus();
    });
    box.addEventListener("focusout", ({ relatedTarget }) => {
      if (!box.contains(relatedTarget as Node | null) && relatedTarget !== control) this.close();
    });
  }
}

export const classLink = (page: Page, link: Address): Panel => new ClassLinkPanel(page, link);
