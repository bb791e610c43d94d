// The link for a class: what it leaves out, what it asks, how it looks; beside the button that copies the plain link.
// From here a teacher asks the class, too: the page then asks, and shows the link and the answers (classRoom.ts).

import { html, nothing, render, type TemplateResult } from "lit-html";
import { ASKINGS, type Asking, isAsking } from "../model/classAnswers";
import { there } from "../model/there";
import type { Address } from "../state/address";
import type { Page, Panel } from "../state/page";
import { keepPass } from "../state/roomPass";
import { all, copyText } from "../ui/dom";
import { elementOf } from "../ui/element";
import { isLocal } from "../ui/isLocal";
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

/** What must be seen to answer. */
const NEEDED: Record<Asking, string | null> = { turn: "strip", raised: "strip", memory: "heatmap", padding: null };

const check = (input: TemplateResult, says: string) =>
  html`<label class="rv-check">${input}<span data-say=${says}></span></label>`;
const skeleton = html`<div class="rv-menu rv-class-link" role="dialog" tabindex="-1" data-say-label="class_link" hidden
  ><h2 data-say="class_link"></h2
  ><fieldset><legend data-say="class_hide"></legend>${Object.entries(PANELS).map(([name, says]) =>
    check(html`<input type="checkbox" value=${name}>`, says),
  )}</fieldset
  ><div class="rv-class-asks"><label for="rv-class-ask" data-say="class_ask"></label><select id="rv-class-ask"
    ><option value="" data-say="class_ask_nothing"></option>${ASKINGS.map(
      (name) => html`<option value=${name} data-say=${`class_ask_${name}`}></option>`,
    )}</select></div
  ><p class="rv-class-told"></p><div class="rv-class-room"><button type="button" class="rv-button"></button><p></p></div
  ><input class="rv-address" readonly
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
  private readonly asks: HTMLSelectElement;
  private readonly told: HTMLElement;
  private readonly room: HTMLElement;
  private readonly address: HTMLInputElement;
  private readonly preview: HTMLAnchorElement;
  private readonly copied: HTMLElement;
  private readonly seen: HTMLElement;
  /** Whether a room is on its way: a second press opens no second one. */
  private isOpening = false;

  constructor(page: Page, link: Address) {
    this.page = page;
    this.link = link;
    this.control = page.part(".rv-link");
    this.box = elementOf(skeleton);
    this.control.after(this.box);
    this.panels = all<HTMLInputElement>(this.box, "fieldset input");
    this.asks = page.part<HTMLSelectElement>(".rv-class-asks select");
    this.told = page.part(".rv-class-told");
    this.room = page.part(".rv-class-room");
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
    const isFile = location.protocol === "file:";
    render(
      html`${isFile ? nothing : qrCode(address, page.say("class_qr"))}${
        isLocal() ? html`<p>${page.say("class_local")}</p>` : nothing
      }`,
      this.seen,
    );
  }
  private write(): void {
    this.keepNeeded();
    this.address.value = this.addressWith(null);
    this.preview.href = this.address.value;
    this.show(this.address.value);
    this.copied.textContent = "";
    this.drawRoom();
  }
  private asking(): Asking | null {
    const { value } = this.asks;
    return isAsking(value) && !this.page.tellsNext(this.page.reading.model) ? value : null;
  }
  private leftOut(): string[] {
    return this.panels.filter((one) => one.checked).map((one) => one.value);
  }
  /** The link as it is chosen here, with the key of a room or without. */
  private addressWith(key: string | null): string {
    const fragment = this.link.write({ hiddenPanels: new Set(this.leftOut()), asking: this.asking(), key });
    return new URL(fragment, location.href).href;
  }
  /** Who is asked for a word must see the words; for a unit, the units. */
  private keepNeeded(): void {
    const needed = NEEDED[this.asking() ?? "padding"];
    for (const panel of this.panels) {
      panel.disabled = panel.value === needed;
      if (panel.disabled) panel.checked = false;
    }
  }
  private drawRoom(): void {
    const { page, room, told } = this;
    const asking = this.asking();
    const isRnn = page.reading.cell === "rnn";
    const tellsNext = page.tellsNext(page.reading.model);
    this.asks.disabled = tellsNext;
    there(this.asks.querySelector<HTMLOptionElement>("[value=memory]")).disabled = isRnn;
    told.textContent = [
      ...(tellsNext ? [page.say("ask_next")] : []),
      ...(asking ? [page.say("class_covered")] : []),
      ...(isRnn && !tellsNext ? [page.say("ask_memory_rnn")] : []),
    ].join(" ");
    room.hidden = asking === null || page.server === null;
    const kind = page.host.python ? "class_room" : "class_codes";
    there(room.querySelector("button")).textContent = page.say(kind);
    there(room.querySelector("p")).textContent = page.say(`${kind}_about`);
  }

  // --- ask the class -------------------------------------------------------------------------------------------------

  /** Open a room on the server, or count codes here; the page asks then as the class's pages do. */
  private async askClass(): Promise<void> {
    const { page } = this;
    const asking = this.asking();
    if (asking === null || this.isOpening) return;
    const { model, text } = page.reading;
    this.isOpening = true;
    const opened = page.host.python ? await this.openRoom() : { key: null, pass: "" };
    this.isOpening = false;
    const isSame = page.reading.model === model && page.reading.text === text && this.asking() === asking;
    if (opened === null || !isSame) return; // the room would be about what is no longer shown
    const room = { ...opened, link: this.addressWith(opened.key) };
    if (room.key !== null) keepPass(room.key, room);
    page.hidePanels(this.leftOut());
    page.askClass(asking);
    page.forgetAnswer();
    page.enterRoom({ ...room, asking, model, text });
    this.close();
    page.draw();
    page.part(".rv-question").focus();
  }
  /** A room of the server; null where there is none, which is said. */
  private async openRoom(): Promise<{ key: string; pass: string } | null> {
    const { page } = this;
    try {
      const opened = await there(page.server).room_open({});
      if (opened.error === undefined) return { key: opened.key, pass: opened.owner };
      this.copied.textContent = page.objection(opened);
    } catch {
      this.copied.textContent = page.offline();
    }
    return null;
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
    this.asks.value = isAsking(page.asking) ? page.asking : "";
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
    there(this.room.querySelector("button")).addEventListener("click", () => this.askClass());
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
